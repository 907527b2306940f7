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
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.Profile;
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
 * The layers of a vision transformer are tokens, (N, 65, features): 8 x 8 patches of the image and
 * the class token, which a class activation map lays out on the image. Name a layer before the last
 * attention; after it the class is read from the class token alone, and the map is zero.
 *
 * <p>The picture shows both: the first block's map on the lesion, and the last one's, which is
 * empty.
 */
public final class VisionTransformer {

  private static final int TILE = 128;

  private VisionTransformer() {}

  /**
   * Runs the lesson.
   *
   * @param args the folder with the lessons' files, and the folder for pictures
   */
  public static void main(String[] args) {
    Path files = Path.of(args.length > 0 ? args[0] : "aucmedi-xai-examples/lessons");
    OutputFolder output =
        OutputFolder.open(Path.of(args.length > 1 ? args[1] : "lessons"), List.of());
    List<String> layers = List.of("blocks.1.norm1", "blocks.1.norm2");

    ImageArray image = ImageLoader.load(files.resolve("images/lesion-and-vacuole.png"), false);
    try (ExplainableModel model = ExplainableModel.load(files.resolve("vit.pt"));
        NDManager manager = model.newManager()) {
      NDArray batch =
          InputBatch.of(manager, model.channelLayout(), List.of(Standardize.TF.apply(image)));
      model.layers(batch).stream()
          .filter(layer -> layer.name().startsWith("blocks.1"))
          .forEach(layer -> System.out.println(layer.name() + " " + layer.outputShape()));
      BufferedImage sheet =
          new BufferedImage(TILE * layers.size(), TILE, BufferedImage.TYPE_INT_RGB);
      Graphics2D graphics = sheet.createGraphics();
      for (int i = 0; i < layers.size(); i++) {
        GradCam method =
            GradCam.builder().optProfile(Profile.PAPER).optLayer(layers.get(i)).build(model);
        Heatmap map = method.explain(batch, Target.ofClass(1)).get(0).get(0);
        System.out.printf(
            Locale.ROOT,
            "%s: output %.4f, map of %s, %s%n",
            layers.get(i),
            map.score(),
            Arrays.toString(map.shape()),
            map.status().description());
        graphics.drawImage(map.overlayOn(image, Colormap.JET, 0.4f), i * TILE, 0, TILE, TILE, null);
      }
      graphics.dispose();
      System.out.println(output.writePicture("vision-transformer.png", sheet));
    }
  }
}
