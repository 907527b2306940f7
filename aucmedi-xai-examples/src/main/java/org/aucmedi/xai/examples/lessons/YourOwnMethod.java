///usr/bin/env jbang "$0" "$@" ; exit $?
//DEPS org.aucmedi:aucmedi-xai-decoder:0.1.0-SNAPSHOT
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
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.MethodDescription;
import org.aucmedi.xai.Normalization;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.XAIMethodCatalog;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.array.Colormap;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.decoder.InputBatch;
import org.aucmedi.xai.imaging.ImageLoader;
import org.aucmedi.xai.imaging.OutputFolder;
import org.aucmedi.xai.imaging.Standardize;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.OutputGradient;

/**
 * A method of your own is one class with one method; a catalog named in a services file brings it
 * to the registry, the decoder and the launcher, on any engine that has gradients.
 *
 * <p>This one is gradient x (image - mean colour): how much the score would change, to first order,
 * if a pixel took the mean colour of the image. In the picture lesion and pigment glow, and what
 * has about the mean colour is cold.
 */
public final class YourOwnMethod extends XAIMethodBase {

  // begin
  /** Describes and constructs the method. */
  public static final XAIMethodProvider<YourOwnMethod> PROVIDER =
      new XAIMethodProvider<>(
          MethodDescription.of("Colour contrast", "contrast").requiring(Capability.INPUT_GRADIENTS),
          (model, layer, options) -> new YourOwnMethod(model));

  /** Makes the method known; the services file names this class. */
  public static final class Catalog implements XAIMethodCatalog {
    @Override
    public List<XAIMethodProvider<?>> methods() {
      return List.of(PROVIDER);
    }
  }

  private YourOwnMethod(ExplainableModel model) {
    super(model, null);
  }

  @Override
  public NDArray computeHeatmap(NDArray image, int classIndex, float eps) {
    BatchAxes axes = new BatchAxes(checkImage(image).getShape(), model().channelLayout());
    OutputGradient score = OutputGradient.ofClasses(classIndex);
    float[] gradient = model().inputGradients(image, score).head().toFloatArray();
    float[] x = image.toFloatArray();
    float[] map = new float[axes.positions()];
    for (int c = 0; c < axes.channels(); c++) {
      double mean = 0;
      for (int i = 0; i < map.length; i++) {
        mean += x[axes.index(0, c, i)] / map.length;
      }
      for (int i = 0; i < map.length; i++) {
        int at = axes.index(0, c, i);
        map[i] += (float) (gradient[at] * (x[at] - mean));
      }
    }
    for (int i = 0; i < map.length; i++) {
      map[i] = Math.max(0, map[i]); // only what speaks for the class
    }
    return image.getManager().create(Normalization.byMaximum(map, eps), axes.spatialShape());
  }

  // end

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
      XAIMethodBase method = PROVIDER.builder().build(model);
      Heatmap map = method.explain(batch, Target.argmax()).get(0).get(0);
      System.out.println(map.provenance());
      System.out.println(
          output.writePicture("your-own-method.png", map.overlayOn(image, Colormap.JET, 0.4f)));
    }
  }
}
