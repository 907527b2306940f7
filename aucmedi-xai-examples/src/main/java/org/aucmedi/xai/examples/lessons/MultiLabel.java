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
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.array.Colormap;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.OverlayStyle;
import org.aucmedi.xai.decoder.InputBatch;
import org.aucmedi.xai.imaging.ImageLoader;
import org.aucmedi.xai.imaging.OutputFolder;
import org.aucmedi.xai.imaging.Standardize;
import org.aucmedi.xai.methods.cam.GradCam;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.OutputActivation;

/**
 * A model with several sigmoid outputs can find several things in one image: explain each output
 * that is above a threshold, and see what speaks for one rather than another.
 *
 * <p>The picture shows the lesion's map, the vacuole's map, and their contrast, in which red speaks
 * for the lesion and blue for the vacuole.
 */
public final class MultiLabel {

  private static final int TILE = 128;

  private MultiLabel() {}

  /**
   * Runs the lesson.
   *
   * @param args the folder with the lessons' files, and the folder for pictures
   */
  public static void main(String[] args) {
    Path files = Path.of(args.length > 0 ? args[0] : "aucmedi-xai-examples/lessons");
    OutputFolder output =
        OutputFolder.open(Path.of(args.length > 1 ? args[1] : "lessons"), List.of());
    List<String> classes = List.of("lesion", "vacuole", "debris");

    ImageArray image = ImageLoader.load(files.resolve("images/lesion-and-vacuole.png"), false);
    LoadOptions options = LoadOptions.builder().optActivation(OutputActivation.SIGMOID).build();
    try (ExplainableModel model = ExplainableModel.load(files.resolve("findings.pt"), options);
        NDManager manager = model.newManager()) {
      NDArray batch =
          InputBatch.of(manager, model.channelLayout(), List.of(Standardize.TF.apply(image)));
      float[] outputs = model.outputs(batch)[0];
      for (int i = 0; i < outputs.length; i++) {
        System.out.printf(Locale.ROOT, "%s %.4f%n", classes.get(i), outputs[i]);
      }

      // Logits: a sigmoid that is sure of itself has hardly a gradient.
      MethodOptions logits = MethodOptions.of(Profile.PAPER).with(Score.OPTION, Score.LOGIT);
      GradCam method = GradCam.PROVIDER.create(model, null, logits);
      List<BufferedImage> pictures = new ArrayList<>();
      for (Heatmap map : method.explain(batch, Target.above(0.5f)).get(0)) {
        System.out.println("above 0.5: " + classes.get(map.classIndex()));
        pictures.add(map.overlayOn(image, Colormap.JET, 0.4f));
      }
      // Without ReLU, so that evidence against keeps its sign.
      GradCam signed = GradCam.PROVIDER.create(model, null, logits.with(GradCam.RELU, false));
      Heatmap contrast = signed.explainRaw(batch, Target.contrast(0, 1)).get(0).get(0);
      System.out.println("contrast: " + contrast.objective().label());
      pictures.add(
          contrast.overlayOn(
              image, OverlayStyle.DEFAULT.withColormap(Colormap.COOLWARM).withAlpha(0.8f)));
      System.out.println(output.writePicture("multi-label.png", sideBySide(pictures)));
    }
  }

  private static BufferedImage sideBySide(List<BufferedImage> pictures) {
    BufferedImage sheet =
        new BufferedImage(TILE * pictures.size(), TILE, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = sheet.createGraphics();
    for (int i = 0; i < pictures.size(); i++) {
      graphics.drawImage(pictures.get(i), i * TILE, 0, TILE, TILE, null);
    }
    graphics.dispose();
    return sheet;
  }
}
