package org.aucmedi.xai.engine.mxnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.data.Offset;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.GuidedGradients;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LayerGradients;
import org.aucmedi.xai.model.LayerKind;
import org.aucmedi.xai.model.LayerNotFoundException;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.OutputActivation;
import org.aucmedi.xai.model.OutputGradient;
import org.aucmedi.xai.model.ReluRule;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.aucmedi.xai.testkit.CloseUnderLoad;
import org.aucmedi.xai.testkit.OutputGradients;
import org.aucmedi.xai.testkit.SymbolBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Small symbols whose gradients can be worked out by hand. */
final class SymbolModelIT {

  private static final Map<String, String> RELU = Map.of("act_type", "relu");
  private static final Map<String, String> RELU6 = Map.of("a_min", "0", "a_max", "6");
  private static final Offset<Float> CLOSE = Offset.offset(1e-6f);

  @TempDir Path folder;

  @Test
  void dense_gradientIsTheWeights() throws IOException {
    SymbolBuilder symbol = new SymbolBuilder().variable("data");
    dense(symbol, "fc", "data", 2, 1, 2, 3, 4, 5, 6);
    assertPass(symbol, row(1, 1, 1), row(6, 15), row(0, 1), row(4, 5, 6));
    assertPass(symbol, row(1, 1, 1), row(6, 15), row(1, -1), row(-3, -3, -3));
  }

  @Test
  void input_readTwice_collectsBothGradients() throws IOException {
    SymbolBuilder symbol =
        new SymbolBuilder().variable("data").op("elemwise_mul", "square", Map.of(), "data", "data");
    assertPass(symbol, row(3, -2), row(9, 4), row(1, 1), row(6, -4));
  }

  @Test
  void batchNorm_usesAndKeepsItsStatistics() throws IOException {
    // Two channels of two values each; training mode would give a gradient of zero.
    SymbolBuilder symbol =
        new SymbolBuilder()
            .variable("data")
            .weight("bn_gamma", new int[] {2}, 3, 5)
            .weight("bn_beta", new int[] {2}, 1, 2)
            .state("bn_moving_mean", new int[] {2}, 1, -1)
            .state("bn_moving_var", new int[] {2}, 4, 16)
            .op(
                "BatchNorm",
                "bn",
                Map.of("eps", "0.0", "fix_gamma", "False"),
                "data",
                "bn_gamma",
                "bn_beta",
                "bn_moving_mean",
                "bn_moving_var")
            .op("sum", "scores", Map.of("axis", "2"), "bn");
    try (ExplainableModel model = load(symbol);
        NDManager manager = model.newManager()) {
      NDArray batch = manager.create(row(3, 5, 7, 3), new Shape(1, 2, 2));
      for (int i = 0; i < 3; i++) {
        assertThat(model.predict(batch).toFloatArray()).containsExactly(row(11, 19), CLOSE);
        NDArray gradient = model.inputGradients(batch, OutputGradients.constant(row(1, 1))).head();
        assertThat(gradient.toFloatArray()).containsExactly(row(1.5f, 1.5f, 1.25f, 1.25f), CLOSE);
      }
    }
  }

  @Test
  void dropout_evenIfAlwaysOn_isOff() throws IOException {
    SymbolBuilder symbol =
        new SymbolBuilder()
            .variable("data")
            .op("Dropout", "drop", Map.of("p", "0.5", "mode", "always"), "data");
    assertPass(symbol, row(1, 2, 3), row(1, 2, 3), row(1, 1, 1), row(1, 1, 1));
  }

  @Test
  void softmaxOutput_givesTheDerivativeOfItsFunctionNotOfItsLoss() throws IOException {
    SymbolBuilder symbol =
        new SymbolBuilder()
            .variable("data")
            .variable("softmax_label")
            .op("SoftmaxOutput", "softmax", Map.of(), "data", "softmax_label");
    float p = (float) (1 / (1 + Math.exp(1)));
    assertPass(symbol, row(0, 1), row(p, 1 - p), row(1, 0), row(p * (1 - p), -p * (1 - p)));
  }

  @Test
  void guided_residual_followsTheRuleAtEachRelu() throws IOException {
    // y = relu(relu(x) - x / 2) * (1, -1, 1), with both signs of x and of the gradient.
    SymbolBuilder symbol =
        new SymbolBuilder()
            .variable("data")
            .weight("sign", new int[] {1, 3}, 1, -1, 1)
            .op("Activation", "inner", RELU, "data")
            .op("_mul_scalar", "half", Map.of("scalar", "-0.5"), "data")
            .op("elemwise_add", "sum", Map.of(), "inner", "half")
            .op("Activation", "outer", RELU, "sum")
            .op("elemwise_mul", "scores", Map.of(), "outer", "sign");
    float[] x = row(4, 4, -4);
    assertPass(symbol, x, row(2, -2, 2), row(1, 1, 1), row(0.5f, -0.5f, -0.5f));
    // Guided: the outer ReLU lets positive gradients through where its input is positive, the
    // inner one too; the shortcut subtracts half.
    assertGuided(symbol, ReluRule.GUIDED, x, row(1, 1, 1), 2, row(0.5f, 0, -0.5f));
    assertGuided(symbol, ReluRule.DECONVNET, x, row(1, 1, 1), 2, row(0.5f, 0, 0.5f));
  }

  @Test
  void guided_relu6_isClosedAboveSix() throws IOException {
    SymbolBuilder symbol = new SymbolBuilder().variable("data").op("clip", "relu6", RELU6, "data");
    float[] x = row(-1, 3, 7, 3);
    float[] outputGradient = row(1, 1, 1, -1);
    assertPass(symbol, x, row(0, 3, 6, 3), outputGradient, row(0, 1, 0, -1));
    assertGuided(symbol, ReluRule.GUIDED, x, outputGradient, 1, row(0, 1, 0, 0));
    assertGuided(symbol, ReluRule.DECONVNET, x, outputGradient, 1, row(1, 1, 1, 0));
  }

  @Test
  void guided_rectifiedWeight_isNotMetByTheBatch() throws IOException {
    SymbolBuilder symbol =
        new SymbolBuilder()
            .variable("data")
            .weight("raw", new int[] {1, 2}, -3, 3)
            .op("Activation", "positive", RELU, "raw")
            .op("elemwise_mul", "scores", Map.of(), "data", "positive");
    assertPass(symbol, row(2, 2), row(0, 6), row(1, -1), row(0, -3));
    assertGuided(symbol, ReluRule.GUIDED, row(2, 2), row(1, -1), 0, row(0, -3));
  }

  @Test
  void guided_otherNonlinearities_keepTheirDerivative() throws IOException {
    SymbolBuilder symbol =
        new SymbolBuilder()
            .variable("data")
            .op("LeakyReLU", "leaky", Map.of("act_type", "leaky", "slope", "0.25"), "data")
            .op("clip", "clipped", Map.of("a_min", "-9", "a_max", "9"), "leaky");
    assertGuided(symbol, ReluRule.GUIDED, row(-4, 4, 4), row(1, 1, -1), 0, row(0.25f, 1, -1));
  }

  @Test
  void node_withSeveralOutputs_isNoLayerButDifferentiated() throws IOException {
    SymbolBuilder symbol =
        new SymbolBuilder()
            .variable("data")
            .op("SliceChannel", "split", Map.of("num_outputs", "2", "axis", "1"), "data")
            .op("_mul_scalar", "triple", Map.of("scalar", "3"), "split:1")
            .op("Activation", "relu", RELU, "split")
            .op("broadcast_add", "scores", Map.of(), "relu", "triple");
    assertPass(symbol, row(1, -2, 3, 4), row(10, 12), row(1, 1), row(1, 0, 3, 3));
    assertGuided(symbol, ReluRule.DECONVNET, row(1, -2, 3, 4), row(1, 1), 1, row(1, 1, 3, 3));
    try (ExplainableModel model = load(symbol);
        NDManager manager = model.newManager()) {
      assertThat(model.layers())
          .extracting(Layer::name)
          .containsExactly("relu", "triple", "scores");
      LayerGradients found =
          model.layerGradients(
              manager.create(row(1, -2, 3, 4), new Shape(1, 4)),
              OutputGradients.constant(row(1, 2)),
              "triple");
      assertThat(found.activations().toFloatArray()).containsExactly(9, 12);
      assertThat(found.gradients().head().toFloatArray()).containsExactly(1, 2);
      assertThat(found.output().toFloatArray()).containsExactly(10, 12);
    }
  }

  @Test
  void layers_tellKindsInOrderAndShapes() throws IOException {
    SymbolBuilder symbol =
        new SymbolBuilder()
            .variable("data")
            .weight("conv_weight", new int[] {2, 1, 1, 1}, 1, -1)
            .op(
                "Convolution",
                "conv",
                Map.of("kernel", "(1, 1)", "num_filter", "2", "no_bias", "True"),
                "data",
                "conv_weight")
            .op("Activation", "relu", RELU, "conv")
            .op("_Plus", "add", Map.of(), "relu", "conv")
            .op(
                "Pooling",
                "pool",
                Map.of("global_pool", "True", "pool_type", "max", "kernel", "(1, 1)"),
                "add")
            .op("argmax", "best", Map.of("axis", "1"), "pool")
            .op("Flatten", "flat", Map.of(), "pool");
    dense(symbol, "fc", "flat", 2, 1, 0, 0, 1);
    symbol.op("softmax", "probabilities", Map.of(), "fc");
    try (ExplainableModel model = load(symbol);
        NDManager manager = model.newManager()) {
      assertThat(model.layers())
          .extracting(Layer::name, Layer::kind)
          .containsExactly(
              tuple("conv", LayerKind.CONV),
              tuple("relu", LayerKind.ACTIVATION),
              tuple("add", LayerKind.ADD),
              tuple("pool", LayerKind.POOL),
              tuple("flat", LayerKind.OTHER),
              tuple("fc", LayerKind.DENSE),
              tuple("probabilities", LayerKind.ACTIVATION));
      assertThat(model.layers(manager.ones(new Shape(3, 1, 4, 5))))
          .extracting(Layer::outputShape)
          .containsExactly(
              new Shape(3, 2, 4, 5),
              new Shape(3, 2, 4, 5),
              new Shape(3, 2, 4, 5),
              new Shape(3, 2, 1, 1),
              new Shape(3, 2),
              new Shape(3, 2),
              new Shape(3, 2));
    }
  }

  @Test
  void nodes_ofOneName_areOneLayerWhereItRunsLast() throws IOException {
    SymbolBuilder symbol =
        new SymbolBuilder()
            .variable("data")
            .op("Activation", "relu", RELU, "data")
            .op("_plus_scalar", "shift", Map.of("scalar", "-2"), "relu")
            .op("Activation", "relu", RELU, "shift");
    try (ExplainableModel model = load(symbol);
        NDManager manager = model.newManager()) {
      NDArray batch = manager.create(row(1, 5), new Shape(1, 2));
      assertThat(model.layers()).extracting(Layer::name).containsExactly("shift", "relu");
      assertThat(model.layerActivations(batch, "relu").toFloatArray()).containsExactly(0, 3);
      GuidedGradients guided =
          model.guidedGradients(batch, OutputGradients.of(batch), ReluRule.GUIDED);
      assertThat(guided.relus()).isEqualTo(2);
    }
  }

  @Test
  void symbol_withSeveralOutputs_isExplainedByTheOneThatIsNamed() throws IOException {
    SymbolBuilder symbol =
        new SymbolBuilder()
            .variable("data")
            .op("_mul_scalar", "embedding", Map.of("scalar", "3"), "data")
            .op("_mul_scalar", "scores", Map.of("scalar", "2"), "data")
            .output("embedding")
            .output("scores");
    Path file = symbol.write(folder, "net");
    assertThatExceptionOfType(UnsupportedModelException.class)
        .isThrownBy(() -> ExplainableModel.load(file))
        .withMessage(
            file
                + " has 2 outputs: 0 'embedding_output', 1 'scores_output'; select one by name or"
                + " number (--output-name, LoadOptions)");
    assertThatExceptionOfType(UnsupportedModelException.class)
        .isThrownBy(() -> load(file, "2"))
        .withMessageContaining("has no output '2'; its outputs are 0 'embedding_output'");
    for (String output : List.of("scores_output", "1")) {
      try (ExplainableModel model = load(file, output);
          NDManager manager = model.newManager()) {
        NDArray batch = manager.create(row(1, 2), new Shape(1, 2));
        OutputGradient scores = OutputGradients.constant(row(1, 0));
        assertThat(model.predict(batch).toFloatArray()).containsExactly(2, 4);
        assertThat(model.inputGradients(batch, scores).head().toFloatArray()).containsExactly(2, 0);
        LayerGradients found = model.layerGradients(batch, scores, "scores");
        assertThat(found.output().toFloatArray()).containsExactly(2, 4);
        assertThat(model.layers()).extracting(Layer::name).containsExactly("scores");
      }
    }
  }

  @Test
  void oneSigmoidUnit_isTwoClasses() throws IOException {
    SymbolBuilder symbol = new SymbolBuilder().variable("data").variable("label");
    dense(symbol, "fc", "data", 1, 1, 2);
    symbol.op("LogisticRegressionOutput", "yes", Map.of(), "fc", "label");
    try (ExplainableModel model = load(symbol);
        NDManager manager = model.newManager()) {
      NDArray batch = manager.create(row(1, -1), new Shape(1, 2));
      float p = (float) (1 / (1 + Math.exp(1)));
      float slope = p * (1 - p);
      assertThat(model.outputActivation()).isEqualTo(OutputActivation.SIGMOID);
      assertThat(model.predict(batch).toFloatArray()).containsExactly(row(1 - p, p), CLOSE);
      OutputGradient scores = OutputGradient.ofClasses(0, 1);
      NDList found = model.inputGradients(batch, scores);
      assertThat(found.get(0).toFloatArray()).containsExactly(row(-slope, -2 * slope), CLOSE);
      assertThat(found.get(1).toFloatArray()).containsExactly(row(slope, 2 * slope), CLOSE);
    }
  }

  @Test
  void output_withAxesOfOne_isARowOfClasses() throws IOException {
    SymbolBuilder symbol =
        new SymbolBuilder()
            .variable("data")
            .op("Reshape", "scores", Map.of("shape", "(0, 2, 1, 1)"), "data");
    try (ExplainableModel model = load(symbol);
        NDManager manager = model.newManager()) {
      NDArray batch = manager.create(row(1, 2, 3, 4), new Shape(2, 2));
      NDArray output = model.predict(batch);
      assertThat(output.getShape()).isEqualTo(new Shape(2, 2));
      assertThat(output.toFloatArray()).containsExactly(1, 2, 3, 4);
      assertThat(model.inputGradients(batch, OutputGradients.of(output)).head().toFloatArray())
          .containsExactly(1, 2, 3, 4);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "BlockGrad, '', ''",
    "round, '', ''",
    "floor, '', ''",
    "sign, '', ''",
    "argsort, '', ''",
    "topk, ret_typ, mask",
    "_greater_scalar, scalar, 1",
    "_logical_and_scalar, scalar, 1",
    "_npi_rint, '', ''",
    "_npi_isnan, '', ''",
    "_contrib_quantize_v2, '', ''",
    "_contrib_gradientmultiplier, scalar, 0",
    "ones_like, '', ''",
  })
  void operator_thatMxnetGivesGradientsOfZero_isRefusedByItsName(
      String op, String attribute, String value) throws IOException {
    SymbolBuilder symbol =
        new SymbolBuilder()
            .variable("data")
            .op("_mul_scalar", "twice", Map.of("scalar", "2"), "data")
            .op(op, "cut", attribute.isEmpty() ? Map.of() : Map.of(attribute, value), "twice")
            .op("Cast", "scores", Map.of("dtype", "float32"), "cut");
    try (ExplainableModel model = load(symbol);
        NDManager manager = model.newManager()) {
      NDArray batch = manager.create(row(0.6f, 1.4f), new Shape(1, 2));
      OutputGradient scores = OutputGradients.sum();
      String reason = op + " 'cut'; choose another output or layer, or a method without gradients";
      assertThatExceptionOfType(UnsupportedModelException.class)
          .isThrownBy(() -> model.inputGradients(batch, scores))
          .withMessageContaining("to its input: gradients cannot pass through " + reason);
      assertThatExceptionOfType(UnsupportedModelException.class)
          .isThrownBy(() -> model.guidedGradients(batch, scores, ReluRule.GUIDED))
          .withMessageContaining(reason);
      assertThatExceptionOfType(UnsupportedModelException.class)
          .isThrownBy(() -> model.layerGradients(batch, scores, "twice"))
          .withMessageContaining("to layer 'twice': gradients cannot pass through " + reason);
      assertThat(model.layerActivations(batch, "twice").toFloatArray()).containsExactly(1.2f, 2.8f);
      // Behind the cut all is well.
      assertThat(model.layerGradients(batch, scores, "scores").gradients().head().toFloatArray())
          .containsOnly(1);
    }
  }

  @Test
  void operator_withoutDerivativeBesideAnotherPath_isNoError() throws IOException {
    // y = x * (x > 1): the condition has no derivative, the product has.
    SymbolBuilder symbol =
        new SymbolBuilder()
            .variable("data")
            .op("_greater_scalar", "mask", Map.of("scalar", "1"), "data")
            .op("elemwise_mul", "scores", Map.of(), "data", "mask");
    assertPass(symbol, row(0.6f, 1.4f), row(0, 1.4f), row(1, 1), row(0, 1));
    SymbolBuilder top =
        new SymbolBuilder()
            .variable("data")
            .op("topk", "largest", Map.of("ret_typ", "value", "k", "2"), "data");
    assertPass(top, row(0.6f, 1.4f), row(1.4f, 0.6f), row(1, 2), row(2, 1));
  }

  @Test
  void image_withNaN_isPredictedAsMxnetComputesIt() throws IOException {
    SymbolBuilder symbol =
        new SymbolBuilder()
            .variable("data")
            .op("_mul_scalar", "scores", Map.of("scalar", "2"), "data");
    try (ExplainableModel model = load(symbol);
        NDManager manager = model.newManager()) {
      NDArray batch = manager.create(row(Float.NaN, 1), new Shape(1, 2));
      assertThat(model.predict(batch).toFloatArray()).containsExactly(Float.NaN, 2);
      assertThat(model.inputGradients(batch, OutputGradients.sum()).head().toFloatArray())
          .containsExactly(2, 2);
    }
  }

  @Test
  void close_whileOthersExplain_endsInOneSentence() throws Exception {
    SymbolBuilder symbol = new SymbolBuilder().variable("data");
    dense(symbol, "fc", "data", 2, 1, 2, 3, 4);
    symbol.op("Activation", "relu", RELU, "fc");
    Path file = symbol.write(folder, "net");
    for (int round = 0; round < 20; round++) {
      ExplainableModel model = ExplainableModel.load(file);
      NDManager manager = model.newManager();
      NDArray batch = manager.create(row(1, 1), new Shape(1, 2));
      NDArray kept = model.predict(batch);
      CloseUnderLoad.run(
          model,
          () -> model.inputGradients(batch, OutputGradients.of(kept)),
          () -> model.layerGradients(batch, OutputGradients.of(kept), "fc"),
          () -> model.guidedGradients(batch, OutputGradients.of(kept), ReluRule.GUIDED),
          () -> model.layers(batch));
      assertThat(kept.toFloatArray()).containsExactly(3, 7);
      assertThat(batch.mul(2).toFloatArray()).containsExactly(2, 2);
      manager.close();
    }
  }

  @Test
  void transposition_isNoLayer() throws IOException {
    SymbolBuilder symbol =
        new SymbolBuilder()
            .variable("data")
            .op("_mul_scalar", "twice", Map.of("scalar", "2"), "data")
            .op("transpose", "channels_last", Map.of("axes", "(0, 2, 3, 1)"), "twice")
            .op("Flatten", "flat", Map.of(), "channels_last");
    try (ExplainableModel model = load(symbol);
        NDManager manager = model.newManager()) {
      assertThat(model.layers()).extracting(Layer::name).containsExactly("twice", "flat");
      assertThat(model.layers(manager.ones(new Shape(1, 2, 3, 4))))
          .extracting(Layer::name)
          .containsExactly("twice", "flat");
    }
  }

  @Test
  void layers_moreThanStayCompiled_areAllExplained() throws IOException {
    int depth = 40;
    SymbolBuilder symbol = new SymbolBuilder().variable("data");
    String last = "data";
    for (int i = 0; i < depth; i++) {
      symbol.op("_plus_scalar", "add" + i, Map.of("scalar", "1"), last);
      last = "add" + i;
    }
    try (ExplainableModel model = load(symbol);
        NDManager manager = model.newManager()) {
      NDArray batch = manager.zeros(new Shape(1, 2));
      for (int round = 0; round < 2; round++) {
        for (int i = 0; i < depth; i++) {
          LayerGradients found =
              model.layerGradients(batch, OutputGradients.of(batch.add(7)), "add" + i);
          assertThat(found.activations().toFloatArray()).containsExactly(i + 1, i + 1);
          assertThat(found.output().toFloatArray()).containsExactly(depth, depth);
          assertThat(found.gradients().head().toFloatArray()).containsExactly(7, 7);
        }
      }
      assertThatExceptionOfType(LayerNotFoundException.class)
          .isThrownBy(() -> model.layerActivations(batch, "data"))
          .withMessageContaining("add0");
    }
  }

  @Test
  void batch_thatDoesNotFit_isNamedWithTheReason() throws IOException {
    SymbolBuilder symbol = new SymbolBuilder().variable("data");
    dense(symbol, "fc", "data", 2, 1, 2, 3, 4, 5, 6);
    try (ExplainableModel model = load(symbol);
        NDManager manager = model.newManager()) {
      assertThatExceptionOfType(XAIException.class)
          .isThrownBy(() -> model.predict(manager.ones(new Shape(1, 5))))
          .withMessageContaining("(1, 5)")
          .withMessageContaining("fc")
          .withMessageNotContaining("Stack trace");
      assertThat(model.predict(manager.ones(new Shape(1, 3))).toFloatArray())
          .containsExactly(6, 15);
    }
  }

  @Test
  void operator_withoutDerivative_isNamed() throws IOException {
    SymbolBuilder symbol =
        new SymbolBuilder()
            .variable("data")
            .op("khatri_rao", "product", Map.of("num_args", "1"), "data");
    try (ExplainableModel model = load(symbol);
        NDManager manager = model.newManager()) {
      NDArray batch = manager.create(row(3, 1), new Shape(1, 2));
      assertThatExceptionOfType(XAIException.class)
          .isThrownBy(() -> model.inputGradients(batch, OutputGradients.of(batch)))
          .withMessageContaining("khatri_rao");
    }
  }

  @Test
  void models_inParallel_doNotMix() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Future<?>> runs = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        float weight = i + 1;
        Path own = folder.resolve("model" + i);
        Files.createDirectory(own);
        runs.add(
            threads.submit(
                () -> {
                  SymbolBuilder symbol = new SymbolBuilder().variable("data");
                  dense(symbol, "fc", "data", 1, weight, -weight);
                  symbol.op("Activation", "relu", RELU, "fc");
                  try (ExplainableModel model =
                          ExplainableModel.load(symbol.write(own, "net"), "MXNet");
                      NDManager manager = model.newManager()) {
                    NDArray batch = manager.create(row(2, 1), new Shape(1, 2));
                    OutputGradient scores = OutputGradients.sum();
                    for (int k = 0; k < 50; k++) {
                      assertThat(model.inputGradients(batch, scores).head().toFloatArray())
                          .containsExactly(weight, -weight);
                      assertThat(
                              model
                                  .guidedGradients(batch, scores, ReluRule.GUIDED)
                                  .gradients()
                                  .head()
                                  .toFloatArray())
                          .containsExactly(weight, -weight);
                    }
                  }
                  return null;
                }));
      }
      for (Future<?> run : runs) {
        run.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private void assertPass(
      SymbolBuilder symbol, float[] x, float[] output, float[] outputGradient, float[] gradient)
      throws IOException {
    try (ExplainableModel model = load(symbol);
        NDManager manager = model.newManager()) {
      NDArray batch = manager.create(x, new Shape(1, x.length));
      float[] times5 = outputGradient.clone();
      for (int i = 0; i < times5.length; i++) {
        times5[i] *= 5;
      }
      assertThat(model.predict(batch).toFloatArray()).containsExactly(output, CLOSE);
      // Two scores share a pass; the second must not find what the first has left.
      NDList found = model.inputGradients(batch, OutputGradients.of(times5, outputGradient));
      assertThat(found.get(1).toFloatArray()).containsExactly(gradient, CLOSE);
      assertThat(batch.toFloatArray()).containsExactly(x);
    }
  }

  private void assertGuided(
      SymbolBuilder symbol,
      ReluRule rule,
      float[] x,
      float[] outputGradient,
      int relus,
      float[] gradient)
      throws IOException {
    try (ExplainableModel model = load(symbol);
        NDManager manager = model.newManager()) {
      NDArray batch = manager.create(x, new Shape(1, x.length));
      GuidedGradients found =
          model.guidedGradients(batch, OutputGradients.constant(outputGradient), rule);
      assertThat(found.relus()).isEqualTo(relus);
      assertThat(found.gradients().head().toFloatArray()).containsExactly(gradient, CLOSE);
    }
  }

  private ExplainableModel load(SymbolBuilder symbol) throws IOException {
    return ExplainableModel.load(symbol.write(folder, "net"), "MXNet");
  }

  private static ExplainableModel load(Path file, String output) {
    return ExplainableModel.load(file, LoadOptions.builder().optOutput(output).build());
  }

  private static void dense(
      SymbolBuilder symbol, String name, String input, int units, float... weights) {
    symbol
        .weight(name + "_weight", new int[] {units, weights.length / units}, weights)
        .op(
            "FullyConnected",
            name,
            Map.of("num_hidden", "" + units, "no_bias", "True"),
            input,
            name + "_weight");
  }

  private static float[] row(float... values) {
    return values;
  }
}
