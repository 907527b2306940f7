package org.aucmedi.xai.importer.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.OutputGradient;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.aucmedi.xai.testkit.Golden;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Files whose inputs, outputs or versions are unusual, which {@code tools/onnx_fixtures.py} wrote:
 * compared with what ONNX Runtime computes.
 */
final class OnnxCasesIT {

  private static Path file(String name) throws URISyntaxException {
    return Path.of(OnnxCasesIT.class.getResource(name + ".onnx").toURI());
  }

  private static ExplainableModel load(String name, LoadOptions options) throws URISyntaxException {
    return ExplainableModel.load(file(name), options);
  }

  private static NDArray batch(NDManager manager, String name) throws URISyntaxException {
    Golden.Array x = array(name + "_x");
    return manager.create(x.data(), new Shape(Arrays.stream(x.shape()).asLongStream().toArray()));
  }

  private static Golden.Array array(String key) throws URISyntaxException {
    return Golden.array(file("plain").resolveSibling("cases.npz"), key);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "plain",
        "version11",
        "version13",
        "external",
        "batch4",
        "channels_last",
        "all_open",
        "channels13",
        "uint8",
        "four_axes",
        "label_first",
        "features_first",
        "one_unit"
      })
  void predict_case_isWhatOnnxRuntimeComputes(String name) throws URISyntaxException {
    LoadOptions options =
        name.endsWith("_first") ? LoadOptions.builder().optOutput("y").build() : LoadOptions.NONE;
    try (ExplainableModel model = load(name, options);
        NDManager manager = model.newManager()) {
      NDArray batch = batch(manager, name);
      float[][] scores = model.outputs(batch);
      Golden.Array y = array(name + "_y");
      int classes = y.shape()[1];
      for (int n = 0; n < scores.length; n++) {
        for (int c = 0; c < classes; c++) {
          // One unit is class 1 of two.
          assertThat(scores[n][classes == 1 ? 1 : c])
              .as("image %s, class %s", n, c)
              .isCloseTo(y.data()[n * classes + c], within(1e-5f));
        }
      }
      NDArray gradient = model.inputGradients(batch, OutputGradient.ofClasses(1)).get(0);
      assertThat(gradient.getShape()).isEqualTo(batch.getShape());
      float[] values = gradient.toFloatArray();
      boolean flows = false;
      for (float value : values) {
        flows |= value != 0;
      }
      assertThat(flows).as("a gradient reaches the image").isTrue();
    }
  }

  /** Where neither name nor kind tells which output holds the scores, the user does. */
  @Test
  void predict_featuresFirst_namesTheOutputs() throws URISyntaxException {
    try (ExplainableModel model = load("features_first", LoadOptions.NONE);
        NDManager manager = model.newManager()) {
      NDArray batch = batch(manager, "features_first");
      assertThatExceptionOfType(UnsupportedModelException.class)
          .isThrownBy(() -> model.predict(batch))
          .withMessageContaining("'f'")
          .withMessageContaining("'y'");
    }
  }

  @Test
  void load_twoInputs_isRefusedWithTheirNames() throws URISyntaxException {
    Path path = file("two_inputs");
    assertThatExceptionOfType(UnsupportedModelException.class)
        .isThrownBy(() -> ExplainableModel.load(path))
        .withMessageStartingWith(path.toString())
        .withMessageContaining("x")
        .withMessageContaining("m");
  }
}
