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
import java.util.List;
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
import org.aucmedi.xai.model.Layer;

/**
 * A class activation map looks at one layer, and the layer makes a difference: the same network,
 * image and class at each of its layers, the first one at the left.
 *
 * <p>Early layers see colours, so the smooth pigment of both kinds of cell, too; the last ones see
 * what decides, in coarse squares. What a method chooses by itself is printed last.
 */
public final class ChooseALayer {

  private static final int TILE = 128;

  private ChooseALayer() {}

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
      // Those with positions on the image: (N, C, H, W) and more than one of them.
      List<Layer> layers =
          model.layers(batch).stream()
              .filter(layer -> layer.outputShape() != null)
              .filter(layer -> layer.outputShape().dimension() == 4)
              .filter(layer -> layer.outputShape().get(2) > 1)
              .toList();
      BufferedImage sheet =
          new BufferedImage(TILE * layers.size(), TILE, BufferedImage.TYPE_INT_RGB);
      Graphics2D graphics = sheet.createGraphics();
      for (int i = 0; i < layers.size(); i++) {
        Layer layer = layers.get(i);
        GradCam method =
            GradCam.builder().optProfile(Profile.PAPER).optLayer(layer.name()).build(model);
        Heatmap map = method.explain(batch, Target.ofClass(1)).get(0).get(0);
        graphics.drawImage(map.overlayOn(image, Colormap.JET, 0.4f), i * TILE, 0, TILE, TILE, null);
        System.out.printf(
            "%d: %s, %s %s%n", i + 1, layer.name(), layer.kind(), layer.outputShape());
      }
      graphics.dispose();
      for (Profile profile : Profile.values()) {
        GradCam method = GradCam.builder().optProfile(profile).build(model);
        Heatmap map = method.explain(batch, Target.ofClass(1)).get(0).get(0);
        System.out.printf("profile %s chooses %s%n", profile, map.provenance().layer());
      }
      System.out.println(output.writePicture("layers.png", sheet));
    }
  }
}
