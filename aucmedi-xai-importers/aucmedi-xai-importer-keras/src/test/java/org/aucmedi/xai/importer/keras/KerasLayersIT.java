package org.aucmedi.xai.importer.keras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LayerGradients;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.OutputGradient;
import org.aucmedi.xai.testkit.Golden;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Layers that no golden network has, and the dialect of Keras 2: files that {@code
 * tools/keras_fixtures.py} wrote, compared with what Keras computes for them.
 */
final class KerasLayersIT {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "layers.keras",
        "volume_layers.keras",
        "nested_calls.keras",
        "volume_layers.h5",
        "keras2_functional.h5",
        "keras2_transfer.h5",
        "keras2_sequential.h5",
        "keras2_numbered.h5",
        "apart.json",
        "more_layers.keras",
        "tf_keras_functions.h5",
        "vit.keras",
        "vit.h5",
        "vit_keras2.keras",
        "vit_keras2.h5"
      })
  void load_fixture_isWhatKerasComputes(String name) throws URISyntaxException {
    Path file = Path.of(KerasLayersIT.class.getResource(name).toURI());
    Path npz = file.resolveSibling(name.substring(0, name.lastIndexOf('.')) + ".npz");
    Golden.Array x = Golden.array(npz, "x");
    LoadOptions.Builder options = LoadOptions.builder();
    if (name.endsWith(".json")) {
      options.optWeights(file.resolveSibling(name.replace(".json", ".weights.h5")));
    }
    try (ExplainableModel model = ExplainableModel.load(file, options.build());
        NDManager manager = model.newManager()) {
      NDArray batch =
          manager.create(x.data(), new Shape(Arrays.stream(x.shape()).asLongStream().toArray()));
      assertClose(model.predict(batch), Golden.array(npz, "y"), 1e-5, 0);
      int classIndex = (int) Golden.array(npz, "class").data()[0];
      NDArray gradient = model.inputGradients(batch, OutputGradient.ofClasses(classIndex)).get(0);
      // Beside a kink a value can lie on either side.
      assertClose(gradient, Golden.array(npz, "gradient"), 1e-4, 0.005);
    }
  }

  /** Replacing one weight changes the class by its gradient, so these are the weights in use. */
  @ParameterizedTest
  @CsvSource({
    "vit.keras, Transformer_encoderblock_1/softmax",
    "vit_keras2.h5, Transformer/encoderblock_1/softmax"
  })
  void softmax_ofABlock_isALayerOfAttentionWeights(String name, String layer)
      throws URISyntaxException {
    Path file = Path.of(KerasLayersIT.class.getResource(name).toURI());
    Golden.Array x =
        Golden.array(file.resolveSibling(name.substring(0, name.lastIndexOf('.')) + ".npz"), "x");
    try (ExplainableModel model = ExplainableModel.load(file);
        NDManager manager = model.newManager()) {
      NDArray batch =
          manager.create(x.data(), new Shape(Arrays.stream(x.shape()).asLongStream().toArray()));
      LayerGradients found = model.layerGradients(batch, OutputGradient.ofClasses(1), layer);
      assertThat(found.activations().getShape()).isEqualTo(new Shape(2, 2, 10, 10));
      float[] sums = found.activations().sum(new int[] {3}).toFloatArray();
      assertThat(sums).usingComparatorWithPrecision(1e-5f).containsOnly(1);
      float[] gradients = found.gradients().head().toFloatArray();
      // The first image's first head, what the class token takes from token 3.
      float step = 0.02f;
      float[] outputs = new float[2];
      for (int side = 0; side < 2; side++) {
        float[] weights = found.activations().toFloatArray();
        weights[3] += side == 0 ? step : -step;
        NDArray moved = manager.create(weights, new Shape(2, 2, 10, 10));
        outputs[side] = model.predictFromLayer(batch, layer, moved).toFloatArray()[1];
      }
      assertThat(Math.abs(gradients[3])).isGreaterThan(1e-3f);
      assertThat((outputs[0] - outputs[1]) / (2 * step))
          .isCloseTo(gradients[3], within(0.01f * Math.abs(gradients[3])));
    }
  }

  /** A block's tokens, under the name that each version of vit-keras gives it. */
  @ParameterizedTest
  @CsvSource({
    "vit.keras, Transformer_encoderblock_0",
    "vit.h5, Transformer_encoderblock_0",
    "vit_keras2.keras, Transformer/encoderblock_0",
    "vit_keras2.h5, Transformer/encoderblock_0"
  })
  void layers_ofVitKeras_haveTheirNames(String name, String layer) throws URISyntaxException {
    Path file = Path.of(KerasLayersIT.class.getResource(name).toURI());
    Path npz = file.resolveSibling(name.substring(0, name.lastIndexOf('.')) + ".npz");
    Golden.Array x = Golden.array(npz, "x");
    try (ExplainableModel model = ExplainableModel.load(file);
        NDManager manager = model.newManager()) {
      NDArray batch =
          manager.create(x.data(), new Shape(Arrays.stream(x.shape()).asLongStream().toArray()));
      assertThat(model.layers(batch)).extracting(Layer::name).contains(layer, "class_token");
      LayerGradients pass = model.layerGradients(batch, OutputGradient.ofClasses(1), layer);
      assertClose(pass.activations(), Golden.array(npz, "activation"), 1e-5, 0);
      assertClose(pass.gradients().get(0), Golden.array(npz, "layer_gradient"), 1e-4, 0.005);
    }
  }

  private static void assertClose(
      NDArray actual, Golden.Array expected, double tolerance, double share) {
    float[] own = actual.toFloatArray();
    assertThat(own).hasSameSizeAs(expected.data());
    double largest = 0;
    for (float value : expected.data()) {
      largest = Math.max(largest, Math.abs(value));
    }
    int off = 0;
    double worst = 0;
    for (int i = 0; i < own.length; i++) {
      double difference = Math.abs((double) own[i] - expected.data()[i]) / largest;
      worst = Math.max(worst, difference);
      off += difference <= tolerance ? 0 : 1;
    }
    assertThat(off)
        .as("values that are off, the worst by %s of the largest", worst)
        .isLessThanOrEqualTo((int) (share * own.length));
  }
}
