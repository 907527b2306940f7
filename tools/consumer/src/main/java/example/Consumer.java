package example;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.Locale;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.methods.cam.GradCam;
import org.aucmedi.xai.model.ExplainableModel;

/**
 * Explains one image with the model file that is named, and prints the mean and the largest value's
 * place.
 */
public final class Consumer {

  private Consumer() {}

  public static void main(String[] args) {
    float[] pixels = new float[3 * 40 * 56];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) Math.sin(i * 0.37);
    }
    try (ExplainableModel model = ExplainableModel.load(Path.of(args[0]));
        NDManager manager = NDManager.newBaseManager("PyTorch")) {
      NDArray image = manager.create(pixels, new Shape(1, 3, 40, 56));
      Heatmap map = GradCam.builder().build(model).explain(image, Target.argmax()).get(0).get(0);
      float[] values = map.values();
      int peak = 0;
      double sum = 0;
      for (int i = 0; i < values.length; i++) {
        peak = values[i] > values[peak] ? i : peak;
        sum += values[i];
      }
      System.out.printf(
          Locale.ROOT,
          "class %d, peak %d of %d, mean %.4f%n",
          map.classIndex(),
          peak,
          values.length,
          sum / values.length);
    }
  }
}
