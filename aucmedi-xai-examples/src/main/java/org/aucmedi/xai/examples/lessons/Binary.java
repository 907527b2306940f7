///usr/bin/env jbang "$0" "$@" ; exit $?
//DEPS org.aucmedi:aucmedi-xai-decoder:0.1.0-SNAPSHOT
//DEPS org.aucmedi:aucmedi-xai-methods:0.1.0-SNAPSHOT
//DEPS org.aucmedi:aucmedi-xai-importer-onnx:0.1.0-SNAPSHOT
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
import java.util.List;
import java.util.Locale;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.array.Colormap;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.decoder.InputBatch;
import org.aucmedi.xai.imaging.ImageLoader;
import org.aucmedi.xai.imaging.OutputFolder;
import org.aucmedi.xai.imaging.Standardize;
import org.aucmedi.xai.methods.cam.GradCam;
import org.aucmedi.xai.model.ExplainableModel;

/**
 * A model that ends in a single sigmoid unit has two classes here: 1 is yes, whose output is the
 * unit's p, and 0 is no, whose output is 1 - p.
 *
 * <p>What speaks for yes speaks against no: the picture shows both raw maps, and their colours are
 * exchanged.
 */
public final class Binary {

  private static final int TILE = 128;

  private Binary() {}

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
    try (ExplainableModel model = ExplainableModel.load(files.resolve("lesion.onnx"));
        NDManager manager = model.newManager()) {
      NDArray batch =
          InputBatch.of(manager, model.channelLayout(), List.of(Standardize.TF.apply(image)));
      float[] outputs = model.outputs(batch)[0];
      System.out.printf(Locale.ROOT, "no %.4f, yes %.4f%n", outputs[0], outputs[1]);

      // AUCMEDI's profile has no ReLU, so raw maps keep their sign.
      GradCam method = GradCam.builder().build(model);
      List<Heatmap> maps = method.explainRaw(batch, Target.ofClasses(0, 1)).get(0);
      BufferedImage sheet = new BufferedImage(2 * TILE, TILE, BufferedImage.TYPE_INT_RGB);
      Graphics2D graphics = sheet.createGraphics();
      for (Heatmap map : maps) {
        System.out.printf(
            Locale.ROOT,
            "class %d: values from %.5f to %.5f%n",
            map.classIndex(),
            min(map.values()),
            -min(negated(map.values())));
        graphics.drawImage(
            map.overlayOn(image, Colormap.COOLWARM, 0.7f),
            map.classIndex() * TILE,
            0,
            TILE,
            TILE,
            null);
      }
      graphics.dispose();
      System.out.println(output.writePicture("binary.png", sheet));
    }
  }

  private static float min(float[] values) {
    float min = values[0];
    for (float value : values) {
      min = Math.min(min, value);
    }
    return min;
  }

  private static float[] negated(float[] values) {
    float[] negated = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      negated[i] = -values[i];
    }
    return negated;
  }
}
