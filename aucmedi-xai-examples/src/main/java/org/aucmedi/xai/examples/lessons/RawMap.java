///usr/bin/env jbang "$0" "$@" ; exit $?
//DEPS org.aucmedi:aucmedi-xai-decoder:0.1.0-SNAPSHOT
//DEPS org.aucmedi:aucmedi-xai-methods:0.1.0-SNAPSHOT
//DEPS org.aucmedi:aucmedi-xai-engine-pytorch:0.1.0-SNAPSHOT
//DEPS ai.djl.pytorch:pytorch-jni:2.7.1-0.36.0
//DEPS ai.djl.pytorch:pytorch-native-cpu:2.7.1:linux-x86_64
// or on your machine: linux-aarch64, osx-aarch64, win-x86_64
//JAVA 17+
package org.aucmedi.xai.examples.lessons;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.array.Colormap;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.decoder.InputBatch;
import org.aucmedi.xai.imaging.ImageLoader;
import org.aucmedi.xai.imaging.OutputFolder;
import org.aucmedi.xai.imaging.Standardize;
import org.aucmedi.xai.methods.gradient.IntegratedGradients;
import org.aucmedi.xai.methods.perturbation.Rise;
import org.aucmedi.xai.model.ExplainableModel;

/**
 * A heatmap from 0 to 1 hides what a raw map tells: the sign, the size in units of the output, and
 * whether the numbers can be trusted.
 *
 * <p>The picture shows a raw map in colours around zero: red speaks for a lesion, blue against it.
 */
public final class RawMap {

  private RawMap() {}

  /**
   * Runs the lesson.
   *
   * @param args the folder with the lessons' files, and the folder for pictures
   */
  public static void main(String[] args) {
    Path files = Path.of(args.length > 0 ? args[0] : "aucmedi-xai-examples/lessons");
    OutputFolder output =
        OutputFolder.open(Path.of(args.length > 1 ? args[1] : "lessons"), List.of());

    ImageArray image = ImageLoader.load(files.resolve("images/lesion.png"), false);
    try (ExplainableModel model = ExplainableModel.load(files.resolve("cells.pt"));
        NDManager manager = model.newManager()) {
      NDArray batch =
          InputBatch.of(manager, model.channelLayout(), List.of(Standardize.TF.apply(image)));

      // Sign and unit: the values of all channels add up to the change of the output on the path
      // from the baseline, which is grey here, to the image.
      IntegratedGradients gradients =
          IntegratedGradients.builder()
              .optProfile(Profile.PAPER)
              .opt(IntegratedGradients.STEPS, 100)
              .opt(Score.OPTION, Score.OUTPUT) // the probability, not the logit
              .build(model);
      Heatmap raw = gradients.explainRaw(batch, Target.ofClass(1)).get(0).get(0);
      double sum = 0;
      for (float value : gradients.attributions(batch, Target.ofClass(1)).get(0).get(0).values()) {
        sum += value;
      }
      float grey = model.outputs(manager.zeros(batch.getShape()))[0][1];
      System.out.printf(
          Locale.ROOT, "output %.4f, of grey %.4f, sum of the map %.4f%n", raw.score(), grey, sum);
      System.out.println("status " + raw.status() + ", diagnostics " + raw.diagnostics());

      // The same as a heatmap: what its 0 and its 1 were.
      Heatmap scaled = gradients.explain(batch, Target.ofClass(1)).get(0).get(0);
      System.out.println("heatmap from 0 to 1, raw " + scaled.rawScale());

      // A method that samples says how far its values may be off by chance.
      for (int samples : new int[] {40, 1000}) {
        Rise rise = Rise.builder().opt(Rise.SAMPLES, samples).build(model);
        Heatmap map = rise.explainRaw(batch, Target.ofClass(1)).get(0).get(0);
        System.out.printf(
            Locale.ROOT,
            "RISE, %d masks: %s, reliability %.2f, mean standard error %.4f%n",
            samples,
            map.status(),
            map.diagnostics().get("reliability"),
            mean(map.standardErrors()));
      }
      System.out.println(
          output.writePicture("raw-map.png", raw.overlayOn(image, Colormap.COOLWARM, 0.8f)));
    }
  }

  private static double mean(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum / values.length;
  }
}
