package org.aucmedi.xai.engine.onnxruntime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIException;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LayerNotFoundException;
import org.aucmedi.xai.model.MissingCapabilityException;
import org.aucmedi.xai.testkit.OnnxBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Networks whose every number is known, see {@link OnnxBuilder#halves}. */
final class OnnxModelIT {

  private static final float[] X = {1, -2, 3, -4};
  private static final float[] TWO = {1, -2, 3, -4, 8, 0, 0, -4};

  private static final List<Long> ZERO = List.of(0L);

  @TempDir private Path folder;

  @Test
  void predict_batchOfTwo_isExact() {
    try (ExplainableModel model = load(OnnxBuilder.halves(-1, 2, 2));
        NDManager manager = model.newManager()) {
      NDArray output = model.predict(batch(manager, 2, TWO));

      assertThat(output.getShape()).isEqualTo(new Shape(2, 2));
      assertThat(output.toFloatArray()).containsExactly(1, 1.5f, 2, 1);
      assertThat(output.getManager()).isSameAs(manager);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"relu", "parts"})
  void layerActivations_nodeOrTensorName_areExact(String name) {
    try (ExplainableModel model = load(OnnxBuilder.halves(-1, 2, 2));
        NDManager manager = model.newManager()) {
      NDArray found = model.layerActivations(batch(manager, 1, X), name);

      assertThat(found.getShape()).isEqualTo(new Shape(1, 2, 2, 2));
      assertThat(found.toFloatArray()).containsExactly(1, 0, 3, 0, 0, 2, 0, 4);
      assertThat(found.getManager()).isSameAs(manager);
    }
  }

  @Test
  void layerActivations_oneLayerAfterAnother_areExact() {
    try (ExplainableModel model = load(OnnxBuilder.halves(-1, 2, 2));
        NDManager manager = model.newManager()) {
      NDArray batch = batch(manager, 1, X);
      for (int run = 0; run < 3; run++) {
        assertThat(model.layerActivations(batch, "conv").toFloatArray())
            .containsExactly(1, -2, 3, -4, -1, 2, -3, 4);
        assertThat(model.layerActivations(batch, "pooled").toFloatArray()).containsExactly(1, 1.5f);
        assertThat(model.layerActivations(batch, "flat").toFloatArray()).containsExactly(1, 1.5f);
      }
      assertThatExceptionOfType(LayerNotFoundException.class)
          .isThrownBy(() -> model.layerActivations(batch, "x"))
          .withMessageContaining("conv, relu, pooled, flat");
    }
  }

  @Test
  void layers_ofABatch_knowTheirShapes() {
    try (ExplainableModel model = load(OnnxBuilder.halves(-1, -1, -1, -1));
        NDManager manager = model.newManager()) {
      NDArray volumes = manager.ones(new Shape(2, 1, 3, 4, 5));

      assertThat(model.layers()).extracting(Layer::outputShape).containsOnlyNulls();
      assertThat(model.layers(volumes))
          .extracting(Layer::outputShape)
          .containsExactly(
              new Shape(2, 2, 3, 4, 5),
              new Shape(2, 2, 3, 4, 5),
              new Shape(2, 2, 1, 1, 1),
              new Shape(2, 2));
      assertThat(model.layers(manager.ones(new Shape(1, 1, 2, 2, 2))).get(0).outputShape())
          .isEqualTo(new Shape(1, 2, 2, 2, 2));
    }
  }

  @Test
  void calls_fileOfBatchSizeOne_takeAnyBatch() {
    try (ExplainableModel model = load(OnnxBuilder.halves(1, 2, 2));
        NDManager manager = model.newManager()) {
      NDArray batch = batch(manager, 2, TWO);

      assertThat(model.inputShape()).isEqualTo(new Shape(1, 1, 2, 2));
      assertThat(model.predict(batch).toFloatArray()).containsExactly(1, 1.5f, 2, 1);
      NDArray activations = model.layerActivations(batch, "relu");
      assertThat(activations.getShape()).isEqualTo(new Shape(2, 2, 2, 2));
      assertThat(activations.toFloatArray())
          .containsExactly(1, 0, 3, 0, 0, 2, 0, 4, 8, 0, 0, 0, 0, 0, 0, 4);
      assertThat(model.layers(batch).get(1).outputShape()).isEqualTo(new Shape(2, 2, 2, 2));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {OnnxBuilder.FLOAT16, OnnxBuilder.DOUBLE})
  void calls_inputOfAnotherWidth_areConverted(int type) {
    OnnxBuilder builder =
        new OnnxBuilder()
            .input("x", type, -1, 1, 2, 2)
            .node("Relu", "relu", "x", "parts")
            .node(
                "ReduceMean",
                "mean",
                "parts",
                "y",
                Map.of("axes", List.of(2L, 3L), "=keepdims", ZERO))
            .output("y");
    try (ExplainableModel model = load(builder);
        NDManager manager = model.newManager()) {
      NDArray batch = batch(manager, 2, TWO);

      assertThat(model.predict(batch).toFloatArray()).containsExactly(1, 2);
      assertThat(model.layerActivations(batch, "relu").toFloatArray())
          .containsExactly(1, 0, 3, 0, 8, 0, 0, 0);
    }
  }

  @Test
  void layerActivations_imagesWithChannelsLast_haveThemLastToo() {
    OnnxBuilder builder =
        new OnnxBuilder()
            .input("x", OnnxBuilder.FLOAT, -1, 6, 1, 1)
            .weight("w", new long[] {2, 1, 1, 1}, 1, 10)
            .node("Transpose", "turn", "x", "t", Map.of("perm", List.of(0L, 3L, 1L, 2L)))
            .node("Conv", "conv", "t,w", "c")
            .node("Transpose", "back", "c", "b", Map.of("perm", List.of(0L, 2L, 3L, 1L)))
            .node("ReduceMax", "max", "b", "y", Map.of("axes", List.of(1L, 2L), "=keepdims", ZERO))
            .output("y");
    try (ExplainableModel model = load(builder);
        NDManager manager = model.newManager()) {
      NDArray batch =
          manager.create(FloatBuffer.wrap(new float[] {1, 2, 3, 4, 5, 6}), new Shape(1, 6, 1, 1));

      assertThat(model.channelLayout()).isEqualTo(ChannelLayout.CHANNELS_LAST);
      assertThat(model.predict(batch).toFloatArray()).containsExactly(6, 60);
      for (String layer : List.of("conv", "back")) {
        NDArray found = model.layerActivations(batch, layer);
        assertThat(found.getShape()).isEqualTo(new Shape(1, 6, 1, 2));
        assertThat(found.toFloatArray()).containsExactly(1, 10, 2, 20, 3, 30, 4, 40, 5, 50, 6, 60);
      }
      assertThat(model.layers(batch).get(1).outputShape()).isEqualTo(new Shape(1, 6, 1, 2));
    }
  }

  @Test
  void calls_weightsInAFileOfTheirOwn_areExact() throws IOException {
    Files.write(folder.resolve("weights.bin"), OnnxBuilder.littleEndian(1, -1));
    Path file = externalHalves().write(folder.resolve("net.onnx"));
    try (ExplainableModel model = ExplainableModel.load(file);
        NDManager manager = model.newManager()) {
      NDArray batch = batch(manager, 1, X);

      assertThat(model.predict(batch).toFloatArray()).containsExactly(1, 1.5f);
      assertThat(model.layerActivations(batch, "relu").toFloatArray())
          .containsExactly(1, 0, 3, 0, 0, 2, 0, 4);
    }
  }

  @Test
  void load_weightsFileAbsentOrShort_isOneClearLine() throws IOException {
    Path file = externalHalves().write(folder.resolve("net.onnx"));
    assertCannotLoad(file, "weights.bin");
    Files.write(folder.resolve("weights.bin"), new byte[3]);
    assertCannotLoad(file, "");
  }

  @Test
  void load_brokenFiles_areOneClearLine() throws IOException {
    byte[] whole = OnnxBuilder.halves(-1, 2, 2).bytes();
    Path cut = Files.write(folder.resolve("cut.onnx"), Arrays.copyOf(whole, 60));
    assertCannotLoad(cut, "");
    assertCannotLoad(Files.write(folder.resolve("empty.onnx"), new byte[0]), "");
    assertCannotLoad(Files.writeString(folder.resolve("text.onnx"), "<html>no model</html>"), "");
    Path unknown =
        new OnnxBuilder()
            .input("x", OnnxBuilder.FLOAT, -1, 1, 2, 2)
            .node("NoSuchOperator", "n", "x", "y")
            .output("y")
            .write(folder.resolve("unknown.onnx"));
    assertCannotLoad(unknown, "NoSuchOperator");
  }

  @Test
  void load_noImageClassifier_saysWhy() {
    Path two =
        new OnnxBuilder()
            .input("a", OnnxBuilder.FLOAT, -1, 2)
            .input("b", OnnxBuilder.FLOAT, -1, 2)
            .node("Add", "add", "a,b", "y")
            .output("y")
            .write(folder.resolve("two.onnx"));
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> ExplainableModel.load(two))
        .withMessageContaining("takes 2 inputs (a, b); an image classifier takes one");
    Path integers =
        new OnnxBuilder()
            .input("x", OnnxBuilder.INT64, -1, 2)
            .node("Identity", "same", "x", "y")
            .output("y")
            .write(folder.resolve("integers.onnx"));
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> ExplainableModel.load(integers))
        .withMessageContaining("takes int64 numbers");
  }

  @Test
  void calls_batchThatDoesNotFit_nameBothShapesAndWorkAfterwards() {
    try (ExplainableModel model = load(OnnxBuilder.halves(-1, 2, 2));
        NDManager manager = model.newManager()) {
      NDArray wrong = manager.ones(new Shape(1, 1, 3, 2));
      assertThatExceptionOfType(XAIException.class)
          .isThrownBy(() -> model.predict(wrong))
          .withMessageContaining("'net' cannot run on a batch of shape (1, 1, 3, 2): ")
          .withMessageContaining("Expected: 2")
          .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n", "Error code"));
      assertThatExceptionOfType(XAIException.class)
          .isThrownBy(() -> model.layerActivations(wrong, "conv"))
          .withMessageContaining("Expected: 2");
      assertThatExceptionOfType(XAIException.class).isThrownBy(() -> model.layers(wrong));
      assertThat(model.predict(batch(manager, 1, X)).toFloatArray()).containsExactly(1, 1.5f);
    }
  }

  @Test
  void predict_outputThatIsNoClassifiers_saysWhatItIs() {
    OnnxBuilder builder =
        new OnnxBuilder()
            .input("x", OnnxBuilder.FLOAT, -1, 1, 2, 2)
            .node("Flatten", "flat", "x", "f")
            .node("ArgMax", "arg", "f", "y", Map.of("=axis", List.of(1L)))
            .output("y");
    try (ExplainableModel model = load(builder);
        NDManager manager = model.newManager()) {
      assertThatExceptionOfType(XAIException.class)
          .isThrownBy(() -> model.predict(batch(manager, 1, X)))
          .withMessageContaining("gives int64 first; a classifier gives float numbers");
    }
  }

  @Test
  void gradients_ofOnnx_nameWhatWorksInstead() {
    try (ExplainableModel model = load(OnnxBuilder.halves(-1, 2, 2));
        NDManager manager = model.newManager()) {
      assertThatExceptionOfType(MissingCapabilityException.class)
          .isThrownBy(
              () -> model.inputGradients(batch(manager, 1, X), manager.ones(new Shape(1, 2))))
          .withMessage(
              "ONNX model 'net' gives no input gradients; it offers: predictions, list of"
                  + " layers, layer activations; choose a method that covers parts of the image,"
                  + " such as occlusion, or one that looks at activations alone");
    }
  }

  @Test
  void results_operationTheEngineLacks_isRefusedAtOnce() {
    try (ExplainableModel model = load(OnnxBuilder.halves(-1, 2, 2));
        NDManager manager = model.newManager()) {
      NDArray output = model.predict(batch(manager, 1, X));

      assertThatExceptionOfType(UnsupportedOperationException.class)
          .isThrownBy(() -> output.add(1));
    }
  }

  @Test
  void method_thatExplainsOneImageAtATime_getsWholeBatches() {
    try (ExplainableModel model = load(OnnxBuilder.halves(-1, 2, 2));
        NDManager manager = model.newManager()) {
      NDArray maps =
          new Weighted(model).computeHeatmaps(batch(manager, 2, TWO), Target.all(), 1e-8f);

      assertThat(maps.getShape()).isEqualTo(new Shape(2, 2, 2, 2));
      assertThat(maps.toFloatArray())
          .containsExactly(1, -2, 3, -4, 2, -4, 6, -8, 8, 0, 0, -4, 16, 0, 0, -8);
      assertThat(maps.getManager()).isSameAs(manager);
    }
  }

  @Test
  void calls_closedModel_failWithoutTakingTheJvmAlong() {
    ExplainableModel model = load(OnnxBuilder.halves(-1, 2, 2));
    try (NDManager manager = NDManager.newBaseManager("OnnxRuntime")) {
      NDArray batch = batch(manager, 1, X);
      model.layerActivations(batch, "conv");
      model.close();

      assertThatIllegalStateException().isThrownBy(() -> model.predict(batch));
      assertThatIllegalStateException().isThrownBy(() -> model.layerActivations(batch, "conv"));
    }
    model.close();
  }

  @Test
  void capabilities_ofAFile_areThreeOfThem() {
    try (ExplainableModel model = load(OnnxBuilder.halves(-1, 2, 2))) {
      assertThat(model.capabilities())
          .containsExactlyInAnyOrder(
              Capability.PREDICTION, Capability.LAYERS, Capability.LAYER_ACTIVATIONS);
    }
  }

  private OnnxBuilder externalHalves() {
    return new OnnxBuilder()
        .input("x", OnnxBuilder.FLOAT, -1, 1, 2, 2)
        .externalWeight("w", new long[] {2, 1, 1, 1}, "weights.bin")
        .node("Conv", "conv", "x,w", "signed")
        .node("Relu", "relu", "signed", "parts")
        .node("GlobalAveragePool", "pool", "parts", "pooled")
        .node("Flatten", "flat", "pooled", "y")
        .output("y");
  }

  private static void assertCannotLoad(Path file, String reason) {
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> ExplainableModel.load(file))
        .withMessageStartingWith("cannot load " + file + " as ONNX: ")
        .withMessageContaining(reason)
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n", "Error code", "null"));
  }

  private ExplainableModel load(OnnxBuilder builder) {
    return ExplainableModel.load(builder.write(folder.resolve("net.onnx")));
  }

  private static NDArray batch(NDManager manager, int images, float... values) {
    return manager.create(FloatBuffer.wrap(values), new Shape(images, 1, 2, 2));
  }

  /** The image, times one for class 0 and times two for class 1. */
  private static final class Weighted extends XAIMethodBase {

    Weighted(ExplainableModel model) {
      super(model, null);
    }

    @Override
    public NDArray computeHeatmap(NDArray image, int classIndex, float eps) {
      float[] values = image.toFloatArray();
      for (int i = 0; i < values.length; i++) {
        values[i] *= classIndex + 1;
      }
      return image.getManager().create(FloatBuffer.wrap(values), new Shape(2, 2));
    }
  }
}
