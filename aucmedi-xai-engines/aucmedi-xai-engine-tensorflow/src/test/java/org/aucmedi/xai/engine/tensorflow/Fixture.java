package org.aucmedi.xai.engine.tensorflow;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.net.URISyntaxException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import org.aucmedi.xai.testkit.Golden;

/**
 * The small SavedModels beside the tests, with inputs and gradients by {@code tf.GradientTape};
 * {@code tools/savedmodel_fixtures.py} makes them.
 */
final class Fixture {

  private Fixture() {}

  static Path model(String name) {
    try {
      return Path.of(Fixture.class.getResource("/savedmodel/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new LinkageError(name, e);
    }
  }

  static float[] values(String name, String key) {
    return Golden.array(model(name + ".npz"), key).data();
  }

  static NDArray array(NDManager manager, String name, String key) {
    Golden.Array array = Golden.array(model(name + ".npz"), key);
    return manager.create(
        FloatBuffer.wrap(array.data()),
        new Shape(Arrays.stream(array.shape()).asLongStream().toArray()));
  }
}
