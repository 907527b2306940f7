package org.aucmedi.xai.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.aucmedi.xai.error.XAIException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares an imported model with the original, where an engine reads that, on one random image: a
 * fault of the importer must not become a wrong map.
 */
final class ImportCheck {

  /** The largest difference, relative to the largest value, or to 1 if that is smaller. */
  private static final double TOLERANCE = 1e-3;

  private static final Logger logger = LoggerFactory.getLogger(ImportCheck.class);

  private ImportCheck() {}

  /**
   * {@return the imported model, which has passed the check, or could not be checked because the
   * engine does not run the original}
   *
   * @throws XAIException if the predictions differ; the imported model is closed then
   */
  static ExplainableModel passed(
      ExplainableModel imported, Path path, ExplainableModelProvider reader, LoadOptions options) {
    boolean passed = false;
    try {
      compare(imported, path, reader, options);
      passed = true;
    } finally {
      if (!passed) {
        imported.close();
      }
    }
    return imported;
  }

  private static void compare(
      ExplainableModel imported, Path path, ExplainableModelProvider reader, LoadOptions options) {
    Shape shape = sample(imported);
    try (ExplainableModel original = reader.load(path, options);
        NDManager manager = original.newManager();
        NDManager importedManager = imported.newManager()) {
      float[] values = new float[Math.toIntExact(shape.size())];
      Random random = new Random(1);
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextGaussian();
      }
      NDArray image = manager.create(FloatBuffer.wrap(values), shape);
      NDArray expected;
      try {
        expected = original.predict(image);
      } catch (XAIException e) {
        logger.debug("{} cannot be checked with {}", path, reader.engineName(), e);
        return;
      }
      NDArray own = importedManager.create(FloatBuffer.wrap(values), shape);
      if (differ(imported.predict(own), expected)) {
        throw new XAIException(
            path
                + " has other predictions when compiled than with "
                + reader.engineName()
                + firstDifference(imported, own, original, image)
                + "; choose the engine "
                + reader.engineName()
                + " to use it without gradients, and report the model");
      }
    }
  }

  /** One image; unknown sizes are those of photographs. */
  private static Shape sample(ExplainableModel model) {
    Shape declared = model.inputShape();
    if (declared == null || declared.dimension() < 3) {
      return new Shape(1, 3, 224, 224);
    }
    long[] sizes = declared.getShape().clone();
    int channels = model.channelLayout() == ChannelLayout.CHANNELS_FIRST ? 1 : sizes.length - 1;
    for (int axis = 0; axis < sizes.length; axis++) {
      if (sizes[axis] < 0) {
        sizes[axis] = axis == 0 ? 1 : axis == channels ? 3 : sizes.length > 4 ? 64 : 224;
      }
    }
    return new Shape(sizes);
  }

  private static String firstDifference(
      ExplainableModel imported, NDArray own, ExplainableModel original, NDArray image) {
    try {
      Set<String> names =
          original.layers(image).stream().map(Layer::name).collect(Collectors.toSet());
      return imported.layers(own).stream()
          .map(Layer::name)
          .filter(names::contains)
          .filter(
              name ->
                  differ(
                      imported.layerActivations(own, name), original.layerActivations(image, name)))
          .findFirst()
          .map(name -> ", from layer '" + name + "' on")
          .orElse("");
    } catch (XAIException e) {
      logger.debug("the layers cannot be compared", e);
      return "";
    }
  }

  private static boolean differ(NDArray own, NDArray expected) {
    float[] a = own.toFloatArray();
    float[] b = expected.toFloatArray();
    if (a.length != b.length) {
      return true;
    }
    double largest = 1;
    double difference = 0;
    for (int i = 0; i < a.length; i++) {
      largest = Math.max(largest, Math.abs(b[i]));
      difference =
          Math.max(difference, Float.compare(a[i], b[i]) == 0 ? 0 : Math.abs((double) a[i] - b[i]));
    }
    return !(difference <= TOLERANCE * largest);
  }
}
