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
import org.assertj.core.data.Offset;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LayerNotFoundException;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.MissingCapabilityException;
import org.aucmedi.xai.model.OutputActivation;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.aucmedi.xai.testkit.CloseUnderLoad;
import org.aucmedi.xai.testkit.OnnxBuilder;
import org.aucmedi.xai.testkit.OutputGradients;
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
      NDArray given = batch(manager, 2, new float[] {2, 0, 3, 0, 8, 0, 0, -4});
      assertThat(model.predictFromLayer(batch, "relu", given).toFloatArray())
          .containsExactly(1.25f, 1);
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
        NDArray given =
            manager.create(
                FloatBuffer.wrap(new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}),
                new Shape(1, 6, 1, 2));
        assertThat(model.predictFromLayer(batch, layer, given).toFloatArray())
            .containsExactly(11, 12);
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
    assertThatExceptionOfType(UnsupportedModelException.class)
        .isThrownBy(() -> ExplainableModel.load(two))
        .withMessageContaining("takes 2 inputs (a, b); an image classifier takes one");
    Path truths =
        new OnnxBuilder()
            .input("x", OnnxBuilder.BOOL, -1, 2)
            .node("Not", "not", "x", "y")
            .output("y")
            .write(folder.resolve("truths.onnx"));
    assertThatExceptionOfType(UnsupportedModelException.class)
        .isThrownBy(() -> ExplainableModel.load(truths))
        .withMessageContaining("takes values of type bool; export it");
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
          .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n", "Error code", "::"));
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
      assertThatExceptionOfType(UnsupportedModelException.class)
          .isThrownBy(() -> model.predict(batch(manager, 1, X)))
          .withMessageContaining("returns numbers of type int64; a classifier returns");
    }
  }

  @Test
  void load_severalOutputs_explainsTheOneThatIsNamed() {
    Path file = severalOutputs().write(folder.resolve("net.onnx"));
    assertThatExceptionOfType(UnsupportedModelException.class)
        .isThrownBy(() -> ExplainableModel.load(file))
        .withMessage(
            "ONNX model 'net' has 3 outputs: 0 'label' int64 (-1, 1), 1 'features', 2 'scores'"
                + " (-1, 2); select one by name or number (--output-name, LoadOptions)");
    assertThatExceptionOfType(UnsupportedModelException.class)
        .isThrownBy(() -> load(file, "logits"))
        .withMessageContaining("has no output 'logits'; its outputs are 0 'label' int64");
    assertThatExceptionOfType(UnsupportedModelException.class)
        .isThrownBy(() -> load(file, "label"))
        .withMessageContaining(
            "returns int64 numbers as output 'label'; select an output of probabilities");
    for (String output : List.of("scores", "2")) {
      try (ExplainableModel model = load(file, output);
          NDManager manager = model.newManager()) {
        NDArray batch = batch(manager, 2, TWO);

        assertThat(model.predict(batch).toFloatArray()).containsExactly(1, 1.5f, 2, 1);
        assertThat(model.layerActivations(batch, "relu").toFloatArray()).hasSize(16);
        // Another output's layers are none of this one's.
        assertThat(model.layers())
            .extracting(Layer::name)
            .containsExactly("conv", "relu", "pooled", "flat");
        assertThat(model.outputActivation()).isEqualTo(OutputActivation.NONE);
      }
    }
    try (ExplainableModel model = load(file, "features");
        NDManager manager = model.newManager()) {
      assertThat(model.predict(batch(manager, 1, X)).toFloatArray()).containsExactly(1, -2, 3, -4);
      assertThat(model.layers()).extracting(Layer::name).containsExactly("last conv", "flat 2");
    }
  }

  private static OnnxBuilder severalOutputs() {
    return new OnnxBuilder()
        .input("x", OnnxBuilder.FLOAT, -1, 1, 2, 2)
        .weight("w", new long[] {2, 1, 1, 1}, 1, -1)
        .weight("one", new long[] {1, 1, 1, 1}, 1)
        .node("Conv", "conv", "x,w", "signed")
        .node("Relu", "relu", "signed", "parts")
        .node("GlobalAveragePool", "", "parts", "pooled")
        .node("Flatten", "flat", "pooled", "scores")
        .node("ArgMax", "arg", "scores", "label", Map.of("=axis", List.of(1L)))
        .node("Conv", "last conv", "x,one", "f")
        .node("Flatten", "flat 2", "f", "features")
        .output("label", OnnxBuilder.INT64, -1, 1)
        .output("features")
        .output("scores", OnnxBuilder.FLOAT, -1, 2);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 4, 6})
  void calls_fileOfBatchSizeFour_giveWhatSingleImagesGive(int images) {
    float[] values = new float[4 * images];
    for (int i = 0; i < values.length; i++) {
      values[i] = (i * 7) % 11 - 5;
    }
    try (ExplainableModel four = load(OnnxBuilder.halves(4, 2, 2));
        ExplainableModel any =
            ExplainableModel.load(OnnxBuilder.halves(-1, 2, 2).write(folder.resolve("any.onnx")));
        NDManager manager = four.newManager()) {
      NDArray batch = batch(manager, images, values);

      assertThat(four.predict(batch).getShape()).isEqualTo(new Shape(images, 2));
      assertThat(four.predict(batch).toFloatArray())
          .containsExactly(any.predict(batch).toFloatArray());
      assertThat(four.layerActivations(batch, "relu").getShape())
          .isEqualTo(new Shape(images, 2, 2, 2));
      assertThat(four.layerActivations(batch, "relu").toFloatArray())
          .containsExactly(any.layerActivations(batch, "relu").toFloatArray());
      NDArray activations = four.layerActivations(batch, "relu");
      assertThat(four.predictFromLayer(batch, "relu", activations).toFloatArray())
          .containsExactly(four.predict(batch).toFloatArray());
      assertThat(four.layers(batch)).isEqualTo(any.layers(batch));
    }
  }

  @Test
  void calls_reshapeToOneRow_takeImagesOneByOne() {
    OnnxBuilder builder =
        new OnnxBuilder()
            .input("x", OnnxBuilder.FLOAT, -1, 1, 2, 2)
            .integers("one row", 1, -1)
            .weight("w", new long[] {4, 2}, 1, 0, 0, 1, 0, 0, 0, 1)
            .node("Reshape", "view", "x,one row", "row")
            .node("MatMul", "fc", "row,w", "y")
            .output("y");
    try (ExplainableModel model = load(builder);
        NDManager manager = model.newManager()) {
      assertThat(model.predict(batch(manager, 2, TWO)).toFloatArray())
          .containsExactly(1, -6, 8, -4);
    }
  }

  @Test
  void outputs_ofAxesOfOneOrOneAxis_areRowsOfClasses() {
    try (ExplainableModel model =
            load(
                new OnnxBuilder()
                    .input("x", OnnxBuilder.FLOAT, -1, 1, 2, 2)
                    .weight("w", new long[] {2, 1, 1, 1}, 1, -1)
                    .node("Conv", "conv", "x,w", "signed")
                    .node("GlobalMaxPool", "pool", "signed", "y")
                    .output("y"));
        NDManager manager = model.newManager()) {
      NDArray output = model.predict(batch(manager, 2, TWO));
      assertThat(output.getShape()).isEqualTo(new Shape(2, 2));
      assertThat(output.toFloatArray()).containsExactly(3, 4, 8, 4);
    }
    try (ExplainableModel model =
            load(
                new OnnxBuilder()
                    .input("x", OnnxBuilder.FLOAT, -1, 1, 2, 2)
                    .node("ReduceMean", "mean", "x", "m", Map.of("axes", List.of(1L, 2L, 3L)))
                    .node("Sigmoid", "yes", "m", "p")
                    .integers("axes", 1, 2, 3)
                    .node("Squeeze", "row", "p,axes", "y")
                    .output("y"));
        NDManager manager = model.newManager()) {
      NDArray output = model.predict(batch(manager, 2, TWO));
      float first = (float) (1 / (1 + Math.exp(0.5)));
      float second = (float) (1 / (1 + Math.exp(-1)));
      assertThat(model.outputActivation()).isEqualTo(OutputActivation.SIGMOID);
      assertThat(output.getShape()).isEqualTo(new Shape(2, 2));
      assertThat(output.toFloatArray())
          .containsExactly(
              new float[] {1 - first, first, 1 - second, second}, Offset.offset(1e-6f));
    }
  }

  @Test
  void layout_ofOpenSizes_isSaidByTheCaller() {
    Path file =
        new OnnxBuilder()
            .input("x", OnnxBuilder.FLOAT, -1, -1, -1, -1)
            .weight("w", new long[] {2, 1, 1, 1}, 1, 10)
            .node("Transpose", "turn", "x", "t", Map.of("perm", List.of(0L, 3L, 1L, 2L)))
            .node("Conv", "conv", "t,w", "c")
            .node("ReduceMax", "max", "c", "y", Map.of("axes", List.of(2L, 3L), "=keepdims", ZERO))
            .output("y")
            .write(folder.resolve("net.onnx"));
    try (ExplainableModel model = ExplainableModel.load(file);
        NDManager manager = model.newManager()) {
      assertThatExceptionOfType(XAIException.class)
          .isThrownBy(() -> model.predict(manager.ones(new Shape(1, 1, 6, 5))))
          .withMessageContaining("channels")
          .withMessageEndingWith(
              "; if the model expects channels last, set the layout (--layout channels-last,"
                  + " LoadOptions)");
    }
    LoadOptions last = LoadOptions.builder().optLayout(ChannelLayout.CHANNELS_LAST).build();
    try (ExplainableModel model = ExplainableModel.load(file, last);
        NDManager manager = model.newManager()) {
      NDArray batch = manager.create(FloatBuffer.wrap(X), new Shape(1, 2, 2, 1));
      assertThat(model.channelLayout()).isEqualTo(ChannelLayout.CHANNELS_LAST);
      assertThat(model.predict(batch).toFloatArray()).containsExactly(3, 30);
      NDArray found = model.layerActivations(batch, "conv");
      assertThat(found.getShape()).isEqualTo(new Shape(1, 2, 2, 2));
      assertThat(found.toFloatArray()).containsExactly(1, 10, -2, -20, 3, 30, -4, -40);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {OnnxBuilder.UINT8, OnnxBuilder.INT8, OnnxBuilder.INT32, OnnxBuilder.INT64})
  void calls_inputOfIntegers_areExactOrRefused(int type) {
    OnnxBuilder builder =
        new OnnxBuilder()
            .input("x", type, -1, 1, 2, 2)
            .node("Cast", "float", "x", "f", Map.of("=to", List.of(1L)))
            .node("Relu", "relu", "f", "r")
            .node("Flatten", "flat", "r", "y")
            .output("y");
    try (ExplainableModel model = load(builder);
        NDManager manager = model.newManager()) {
      // Fractions come from resizing or from a grey patch.
      NDArray batch = batch(manager, 1, 0, 127, 99.6f, 63.5f);
      assertThat(model.predict(batch).toFloatArray()).containsExactly(0, 127, 100, 64);
      assertThat(model.layerActivations(batch, "relu").toFloatArray())
          .containsExactly(0, 127, 100, 64);
      assertThat(model.layers(batch))
          .extracting(Layer::name)
          .containsExactly("float", "relu", "flat");
      assertRefused(model, batch(manager, 1, 0, 1, 0.5f, 0.25f), "fractions up to 1.0");
      assertRefused(model, batch(manager, 1, 0, 1, 5e9f, 0), "holds 5.0E9");
      assertRefused(model, batch(manager, 1, 0, 1, Float.NaN, 0), "holds NaN");
      if (type == OnnxBuilder.UINT8) {
        assertRefused(
            model,
            batch(manager, 1, 0, 200, -1, 0),
            "takes uint8 numbers, and the image holds -1.0");
        assertThat(model.predict(batch(manager, 1, 0, 255, 128, 254)).toFloatArray())
            .containsExactly(0, 255, 128, 254);
      }
    }
  }

  private static void assertRefused(ExplainableModel model, NDArray batch, String reason) {
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> model.predict(batch))
        .withMessageContaining(reason)
        .withMessageEndingWith("; use unscaled pixels (--standardize none)");
  }

  @Test
  void load_newerVersions_sayWhichToExport() {
    Path ir = OnnxBuilder.halves(-1, 2, 2).versions(99, 17).write(folder.resolve("ir.onnx"));
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> ExplainableModel.load(ir))
        .withMessageMatching(
            "cannot load .*ir.onnx as ONNX: ONNX IR version 99 is newer than this ONNX Runtime"
                + " reads \\((\\d+)\\); set model.ir_version = \\1 and save again");
    Path opset = OnnxBuilder.halves(-1, 2, 2).versions(8, 99).write(folder.resolve("opset.onnx"));
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> ExplainableModel.load(opset))
        .withMessageMatching(
            "cannot load .*opset.onnx as ONNX: ONNX opset 99 is newer than this ONNX Runtime"
                + " reads \\((\\d+)\\); export the model with opset \\1");
  }

  @Test
  void predict_imageWithNaN_isNaN() {
    try (ExplainableModel model = load(OnnxBuilder.halves(-1, 2, 2));
        NDManager manager = model.newManager()) {
      assertThat(model.predict(batch(manager, 1, Float.NaN, 1, 2, 3)).toFloatArray())
          .containsExactly(Float.NaN, Float.NaN);
    }
  }

  @Test
  void close_whileOthersExplain_endsInOneSentence() throws InterruptedException {
    Path file = OnnxBuilder.halves(-1, 2, 2).write(folder.resolve("net.onnx"));
    for (int round = 0; round < 10; round++) {
      ExplainableModel model = ExplainableModel.load(file);
      NDManager manager = model.newManager();
      NDArray batch = batch(manager, 2, TWO);
      NDArray kept = model.predict(batch);
      CloseUnderLoad.run(
          model,
          () -> model.predict(batch),
          () -> model.layerActivations(batch, "conv"),
          () -> model.layerActivations(batch, "relu"),
          () -> model.layers(batch));
      assertThat(kept.toFloatArray()).containsExactly(1, 1.5f, 2, 1);
      assertThat(batch.toFloatArray()).containsExactly(TWO);
      manager.close();
    }
  }

  @Test
  void gradients_ofOnnx_nameWhatWorksInstead() {
    try (ExplainableModel model = load(OnnxBuilder.halves(-1, 2, 2));
        NDManager manager = model.newManager()) {
      assertThatExceptionOfType(MissingCapabilityException.class)
          .isThrownBy(() -> model.inputGradients(batch(manager, 1, X), OutputGradients.sum()))
          .withMessage(
              "ONNX model 'net' does not provide input gradients; it provides: predictions, list of"
                  + " layers, layer activations, predictions from a layer; choose a perturbation"
                  + " method, such as occlusion, or one that needs only activations");
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
      List<Heatmap> maps =
          new Weighted(model)
              .explain(batch(manager, 2, TWO), Target.all()).stream()
                  .flatMap(List::stream)
                  .toList();

      assertThat(maps).allSatisfy(map -> assertThat(map.shape()).containsExactly(2, 2));
      assertThat(maps.stream().map(Heatmap::values))
          .containsExactly(
              new float[] {1, -2, 3, -4},
              new float[] {2, -4, 6, -8},
              new float[] {8, 0, 0, -4},
              new float[] {16, 0, 0, -8});
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
  void capabilities_ofAFile_areThoseWithoutGradients() {
    try (ExplainableModel model = load(OnnxBuilder.halves(-1, 2, 2))) {
      assertThat(model.capabilities())
          .containsExactlyInAnyOrder(
              Capability.PREDICTION,
              Capability.LAYERS,
              Capability.LAYER_ACTIVATIONS,
              Capability.PREDICTION_FROM_LAYER);
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

  private static ExplainableModel load(Path file, String output) {
    return ExplainableModel.load(file, LoadOptions.builder().optOutput(output).build());
  }

  private static void assertCannotLoad(Path file, String reason) {
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> ExplainableModel.load(file))
        .withMessageStartingWith("cannot load " + file + " as ONNX: ")
        .withMessageContaining(reason)
        .satisfies(
            e -> assertThat(e.getMessage()).doesNotContain("\n", "Error code", "null", "::"));
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
