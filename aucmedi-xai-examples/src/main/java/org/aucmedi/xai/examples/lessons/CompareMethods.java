///usr/bin/env jbang "$0" "$@" ; exit $?
//DEPS org.aucmedi:aucmedi-xai-decoder:0.1.0-SNAPSHOT
//DEPS org.aucmedi:aucmedi-xai-methods:0.1.0-SNAPSHOT
//DEPS org.aucmedi:aucmedi-xai-metrics:0.1.0-SNAPSHOT
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
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.array.Colormap;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.decoder.InputBatch;
import org.aucmedi.xai.imaging.ImageLoader;
import org.aucmedi.xai.imaging.OutputFolder;
import org.aucmedi.xai.imaging.Standardize;
import org.aucmedi.xai.metrics.PixelRemoval;
import org.aucmedi.xai.metrics.RelevanceRankAccuracy;
import org.aucmedi.xai.metrics.Scorer;
import org.aucmedi.xai.model.ExplainableModel;

/**
 * Several methods on one image, judged by two questions: is the map where the lesion is
 * (localisation), and does the output fall fast if the pixels that the map names are hidden
 * (deletion, a measure of faithfulness)?
 *
 * <p>In the picture the maps stand in the order of the table. They need not agree, and one image
 * decides nothing: {@code aucmedi-xai evaluate} does this for a folder, with tests.
 */
public final class CompareMethods {

  private static final int TILE = 128;

  private CompareMethods() {}

  /**
   * Runs the lesson.
   *
   * @param args the folder with the lessons' files, and the folder for pictures
   */
  public static void main(String[] args) {
    Path files = Path.of(args.length > 0 ? args[0] : "aucmedi-xai-examples/lessons");
    OutputFolder output =
        OutputFolder.open(Path.of(args.length > 1 ? args[1] : "lessons"), List.of());
    List<String> keys =
        List.of("gradcam", "saliency", "integratedgradients", "occlusionsensitivity", "lrp");

    ImageArray image = ImageLoader.load(files.resolve("images/lesion.png"), false);
    float[] lesion = ImageLoader.load(files.resolve("images/lesion.lesion-mask.png"), true).data();
    boolean[] region = new boolean[lesion.length];
    for (int i = 0; i < region.length; i++) {
      region[i] = lesion[i] > 127;
    }
    try (ExplainableModel model = ExplainableModel.load(files.resolve("cells.pt"));
        NDManager manager = model.newManager()) {
      NDArray batch =
          InputBatch.of(manager, model.channelLayout(), List.of(Standardize.TF.apply(image)));
      BatchAxes axes = new BatchAxes(batch.getShape(), model.channelLayout());
      float[] pixels = batch.toFloatArray();
      float[] pink = plain(axes, 0.8f, 0.7f, 0.75f); // about the background
      Scorer probability =
          variants ->
              variants.stream()
                  .mapToDouble(
                      variant -> {
                        try (NDArray one = manager.create(variant, batch.getShape())) {
                          return model.outputs(one)[0][1];
                        }
                      })
                  .toArray();
      XAIMethodRegistry registry = new XAIMethodRegistry();
      BufferedImage sheet = new BufferedImage(TILE * keys.size(), TILE, BufferedImage.TYPE_INT_RGB);
      Graphics2D graphics = sheet.createGraphics();
      System.out.println("method                 on the lesson   deletion (lower is better)");
      for (int i = 0; i < keys.size(); i++) {
        Heatmap map =
            registry
                .create(keys.get(i), model, null, MethodOptions.of(Profile.PAPER))
                .explain(batch, Target.ofClass(1))
                .get(0)
                .get(0)
                .resizedTo(image.spatialShape());
        System.out.printf(
            Locale.ROOT,
            "%-22s %12.3f   %8.3f%n",
            keys.get(i),
            RelevanceRankAccuracy.score(map.values(), region),
            PixelRemoval.deletion(pixels, pink, axes, map.values(), 64, probability).area());
        graphics.drawImage(map.overlayOn(image, Colormap.JET, 0.4f), i * TILE, 0, TILE, TILE, null);
      }
      graphics.dispose();
      System.out.println(output.writePicture("methods.png", sheet));
    }
  }

  private static float[] plain(BatchAxes axes, float... colour) {
    float[] filled = new float[axes.channels() * axes.positions()];
    for (int c = 0; c < colour.length; c++) {
      for (int i = 0; i < axes.positions(); i++) {
        filled[axes.index(0, c, i)] = colour[c];
      }
    }
    return filled;
  }
}
