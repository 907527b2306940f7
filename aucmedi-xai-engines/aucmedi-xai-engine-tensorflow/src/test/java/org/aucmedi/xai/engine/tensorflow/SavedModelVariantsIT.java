package org.aucmedi.xai.engine.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;
import static org.aucmedi.xai.engine.tensorflow.SavedModelBuilder.make;
import static org.aucmedi.xai.engine.tensorflow.SavedModelBuilder.makeInts;
import static org.aucmedi.xai.engine.tensorflow.SavedModelBuilder.text;
import static org.aucmedi.xai.engine.tensorflow.SavedModelBuilder.type;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.TargetGradient;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LayerGradients;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.OutputActivation;
import org.aucmedi.xai.model.OutputGradient;
import org.aucmedi.xai.model.ReluRule;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.aucmedi.xai.testkit.Maps;
import org.aucmedi.xai.testkit.OutputGradients;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.OpDef;

/** Forms that SavedModels come in, each a few operations with a gradient in closed form. */
final class SavedModelVariantsIT {

  private static final DataType FLOAT = DataType.DT_FLOAT;
  private static final DataType INT = DataType.DT_INT32;

  /** Of the 1x1 convolution from three channels to two. */
  private static final float[] WEIGHTS = {1, -2, 0.5f, 3, -1, 0.25f};

  /** An image whose mean has the logits 8 and -8. */
  private static final float[] SURE = sure();

  @TempDir private Path temp;

  private ExplainableModel load(SavedModelBuilder builder) throws IOException {
    return load(builder, LoadOptions.NONE);
  }

  private ExplainableModel load(SavedModelBuilder builder, LoadOptions options) throws IOException {
    return ExplainableModel.load(builder.write(temp.resolve("net")), options);
  }

  private static SavedModelBuilder image(DataType type, long... sizes) {
    return new SavedModelBuilder().input("x", type, sizes);
  }

  /** Convolution and mean: the logits are the mean of the image times the weights. */
  private static SavedModelBuilder convAndMean(SavedModelBuilder start, String input) {
    return start.conv("conv", input, 3, 2, WEIGHTS).mean("gap", "conv/Conv2D");
  }

  private static float[] sure() {
    float[] image = new float[12];
    // Two channels solve 1 a + 0.5 b = 8, -2 a + 3 b = -8.
    for (int i = 0; i < 12; i += 3) {
      image[i] = 7;
      image[i + 1] = 2;
    }
    return image;
  }

  private static NDArray ramp(NDManager manager, long... sizes) {
    Shape shape = new Shape(sizes);
    float[] values = new float[Math.toIntExact(shape.size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (i * 37 % 101) / 2 + i % 3;
    }
    return manager.create(values, shape);
  }

  private static void assertClose(NDArray found, float... expected) {
    Maps.assertClose("values", found.toFloatArray(), expected, 1e-5 * Maps.maxAbs(expected));
  }

  /** d(mean * weights)/d(image), channels last, of class 0. */
  private static float[] meanGradient(int positions, float factor) {
    float[] expected = new float[positions * 3];
    for (int i = 0; i < expected.length; i++) {
      expected[i] = factor * WEIGHTS[i % 3 * 2] / positions;
    }
    return expected;
  }

  private static void assertUnsupported(Runnable action, String... parts) {
    assertThatExceptionOfType(UnsupportedModelException.class)
        .isThrownBy(action::run)
        .satisfies(e -> assertThat(e.getMessage()).contains(parts).hasSizeLessThan(330));
  }

  private static SavedModelBuilder twoHeads() {
    SavedModelBuilder net = convAndMean(image(FLOAT, -1, 2, 2, 3), "in_x");
    net.floats("Softmax", "disease", "gap/Mean");
    net.constant("age/kernel", new float[] {2, 1}, 2, 1);
    net.floats("MatMul", "age", "gap/Mean", "age/kernel");
    return net.output("disease", "disease", FLOAT, -1, 2).output("age", "age", FLOAT, -1, 1);
  }

  @Test
  void load_severalOutputs_asksForOne() {
    assertUnsupported(
        () -> {
          try (ExplainableModel model = load(twoHeads())) {
            model.layers();
          } catch (IOException e) {
            throw new IllegalStateException(e);
          }
        },
        "has 2 outputs: 0 'age' (-1, 1), 1 'disease' (-1, 2)",
        "--output-name");
  }

  @ParameterizedTest
  @ValueSource(strings = {"age", "0"})
  void passes_ofANamedOutput_allExplainThatOne(String output) throws IOException {
    LoadOptions options = LoadOptions.builder().optOutput(output).build();
    try (ExplainableModel model = load(twoHeads(), options);
        NDManager manager = model.newManager()) {
      NDArray batch = ramp(manager, 1, 2, 2, 3);
      assertThat(model.outputActivation()).isEqualTo(OutputActivation.NONE);
      assertThat(model.predict(batch).getShape()).isEqualTo(new Shape(1, 1));
      // age = 2 * class 0 + class 1, a quarter each position.
      float[] expected = new float[12];
      for (int i = 0; i < 12; i++) {
        expected[i] = (2 * WEIGHTS[i % 3 * 2] + WEIGHTS[i % 3 * 2 + 1]) / 4;
      }
      assertClose(model.inputGradients(batch, OutputGradients.constant(1)).head(), expected);
      LayerGradients layer = model.layerGradients(batch, OutputGradients.constant(1), "conv");
      assertClose(layer.gradients().head(), .5f, .25f, .5f, .25f, .5f, .25f, .5f, .25f);
      NDList guided =
          model.guidedGradients(batch, OutputGradients.constant(1), ReluRule.GUIDED).gradients();
      assertClose(guided.head(), expected);
    }
  }

  @Test
  void of_djlModelOfSeveralOutputs_takesTheNamedOne() throws Exception {
    Path folder = twoHeads().write(temp.resolve("net"));
    try (Model djl = Model.newInstance("net", "TensorFlow")) {
      djl.load(folder, "saved_model.pb");
      assertUnsupported(() -> ExplainableModel.of(djl), "has 2 outputs", "--output-name");
      for (String output : List.of("disease", "age")) {
        LoadOptions options = LoadOptions.builder().optOutput(output).build();
        try (ExplainableModel model = ExplainableModel.of(djl, options);
            NDManager manager = model.newManager()) {
          NDArray found = model.predict(ramp(manager, 1, 2, 2, 3));
          assertThat(found.getShape()).isEqualTo(new Shape(1, output.equals("age") ? 1 : 2));
        }
      }
    }
  }

  @Test
  void channelsFirst_declared_isBelievedAndLayersFollow() throws IOException {
    SavedModelBuilder net = image(FLOAT, -1, 3, 4, 5).transpose("permute", "in_x", 0, 2, 3, 1);
    convAndMean(net, "permute/transpose").output("y", "gap/Mean", FLOAT, -1, 2);
    try (ExplainableModel model = load(net);
        NDManager manager = model.newManager()) {
      assertThat(model.channelLayout()).isEqualTo(ChannelLayout.CHANNELS_FIRST);
      NDArray batch = ramp(manager, 2, 3, 4, 5);
      OutputGradient scores = OutputGradients.constant(1, 0, 1, 0);
      LayerGradients found = model.layerGradients(batch, scores, "conv");
      assertThat(found.activations().getShape()).isEqualTo(new Shape(2, 2, 4, 5));
      float[] x = batch.toFloatArray();
      float[] expected = new float[80];
      float[] gradient = new float[80];
      for (int i = 0; i < 80; i++) {
        int image = i / 40;
        int channel = i / 20 % 2;
        for (int c = 0; c < 3; c++) {
          expected[i] += x[image * 60 + c * 20 + i % 20] * WEIGHTS[c * 2 + channel];
        }
        gradient[i] = channel == 0 ? 1 / 20f : 0;
      }
      assertClose(found.activations(), expected);
      assertClose(model.layerActivations(batch, "conv"), expected);
      assertClose(found.gradients().head(), gradient);
      assertThat(shapeOf(model.layers(), "conv")).isEqualTo(new Shape(-1, 2, 4, 5));
      assertThat(shapeOf(model.layers(batch), "conv")).isEqualTo(new Shape(2, 2, 4, 5));
      assertThat(model.inputGradients(batch, scores).head().get(0).toFloatArray()[59])
          .isCloseTo(WEIGHTS[4] / 20, within(1e-6f));
    }
  }

  private static Shape shapeOf(List<Layer> layers, String name) {
    return layers.stream()
        .filter(layer -> layer.name().equals(name))
        .findFirst()
        .orElseThrow()
        .outputShape();
  }

  @Test
  void channelsFirst_ofOpenShape_isSaid() throws IOException {
    SavedModelBuilder net = image(FLOAT, -1, -1, -1, -1).transpose("permute", "in_x", 0, 2, 3, 1);
    convAndMean(net, "permute/transpose").output("y", "gap/Mean", FLOAT, -1, 2);
    LoadOptions first = LoadOptions.builder().optLayout(ChannelLayout.CHANNELS_FIRST).build();
    try (ExplainableModel model = load(net, first);
        NDManager manager = model.newManager()) {
      NDArray batch = ramp(manager, 1, 3, 4, 5);
      assertThat(model.layerActivations(batch, "conv").getShape()).isEqualTo(new Shape(1, 2, 4, 5));
    }
  }

  /** Divides by 255, and counts the batch as Keras's layers do. */
  private static SavedModelBuilder ofPixels(DataType type) {
    SavedModelBuilder net = image(type, -1, 2, 2, 3);
    net.node("Shape", "size", Map.of("T", type(type)), "in_x");
    net.node("Reshape", "same", Map.of("T", type(type)), "in_x", "size");
    net.cast("cast", type, FLOAT, "same").constant("scale", new float[] {1 / 255f});
    net.floats("Mul", "rescaling/mul", "cast", "scale");
    return convAndMean(net, "rescaling/mul").output("y", "gap/Mean", FLOAT, -1, 2);
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"DT_UINT8", "DT_INT32", "DT_INT64", "DT_HALF", "DT_BFLOAT16", "DT_DOUBLE"})
  void inputOfAnotherType_hasPredictionsLayersAndGradients(DataType type) throws IOException {
    try (ExplainableModel model = load(ofPixels(type));
        NDManager manager = model.newManager()) {
      NDArray batch = ramp(manager, 1, 2, 2, 3);
      float[] x = batch.toFloatArray();
      float[] logits = new float[2];
      for (int i = 0; i < 24; i++) {
        logits[i % 2] += x[i / 2] * WEIGHTS[i / 2 % 3 * 2 + i % 2] / (4 * 255);
      }
      assertClose(model.predict(batch), logits);
      float[] expected = meanGradient(4, 1 / 255f);
      double tolerance =
          type == DataType.DT_BFLOAT16 ? 4e-3 : type == DataType.DT_HALF ? 1e-3 : 1e-6;
      Maps.assertClose(
          "gradient",
          model.inputGradients(batch, OutputGradients.constant(1, 0)).head().toFloatArray(),
          expected,
          tolerance * Maps.maxAbs(expected));
      LayerGradients layer = model.layerGradients(batch, OutputGradients.constant(1, 0), "conv");
      assertClose(layer.gradients().head(), .25f, 0, .25f, 0, .25f, 0, .25f, 0);
    }
  }

  @Test
  void inputOfBytes_valuesThatAreNone_areRefused() throws IOException {
    try (ExplainableModel model = load(ofPixels(DataType.DT_UINT8));
        NDManager manager = model.newManager()) {
      assertThatExceptionOfType(XAIException.class)
          .isThrownBy(() -> model.predict(ramp(manager, 1, 2, 2, 3).sub(1)))
          .withMessageContaining("takes uint8, got values from -1.0 to")
          .withMessageContaining("--standardize none");
    }
  }

  @Test
  void inputOfBytes_thatAreNeeded_hasLayerGradientsOnly() throws IOException {
    SavedModelBuilder net = image(DataType.DT_UINT8, -1, 2, 2, 3).ints("size", 2, 2);
    net.node(
        "ResizeNearestNeighbor", "resize", Map.of("T", type(DataType.DT_UINT8)), "in_x", "size");
    net.cast("cast", DataType.DT_UINT8, FLOAT, "resize");
    convAndMean(net, "cast").output("y", "gap/Mean", FLOAT, -1, 2);
    try (ExplainableModel model = load(net);
        NDManager manager = model.newManager()) {
      NDArray batch = ramp(manager, 1, 2, 2, 3);
      float[] whole = model.predict(batch).toFloatArray();
      assertThat(model.predict(batch.add(0.4f)).toFloatArray()).containsExactly(whole);
      LayerGradients layer = model.layerGradients(batch, OutputGradients.constant(1, 0), "conv");
      assertClose(layer.gradients().head(), .25f, 0, .25f, 0, .25f, 0, .25f, 0);
      assertUnsupported(
          () -> model.inputGradients(batch, OutputGradients.constant(1, 0)), "integers", "float32");
    }
  }

  @ParameterizedTest
  @CsvSource({"-1", "-1 1", "-1 1 1 1"})
  void oneSigmoidUnit_inAnyShape_isTwoClasses(String sizes) throws IOException {
    int[] shape = List.of(sizes.split(" ")).stream().mapToInt(Integer::parseInt).toArray();
    SavedModelBuilder net = convAndMean(image(FLOAT, -1, 2, 2, 3), "in_x");
    net.constant("dense/kernel", new float[] {0.25f, 0.5f}, 2, 1);
    net.floats("MatMul", "dense/MatMul", "gap/Mean", "dense/kernel");
    net.floats("Sigmoid", "dense/Sigmoid", "dense/MatMul").reshape("flat", "dense/Sigmoid", shape);
    net.output(
        "y",
        "flat/Reshape",
        FLOAT,
        List.of(sizes.split(" ")).stream().mapToLong(Long::parseLong).toArray());
    try (ExplainableModel model = load(net);
        NDManager manager = model.newManager()) {
      assertThat(model.outputActivation()).isEqualTo(OutputActivation.SIGMOID);
      NDArray batch =
          manager.create(new float[] {1, 0, 0, 0, 2, 0, 0, 0, 3, 1, 1, 0}, new Shape(1, 2, 2, 3));
      // The image's mean by channel is 2/4, 3/4, 3/4.
      double logit =
          (0.25 * (WEIGHTS[0] * 2 + WEIGHTS[2] * 3 + WEIGHTS[4] * 3)
                  + 0.5 * (WEIGHTS[1] * 2 + WEIGHTS[3] * 3 + WEIGHTS[5] * 3))
              / 4;
      float p = (float) (1 / (1 + Math.exp(-logit)));
      assertClose(model.predict(batch), 1 - p, p);
      float[] yes = new float[12];
      float[] no = new float[12];
      for (int i = 0; i < 12; i++) {
        float slope = (0.25f * WEIGHTS[i % 3 * 2] + 0.5f * WEIGHTS[i % 3 * 2 + 1]) / 4;
        yes[i] = p * (1 - p) * slope;
        no[i] = -yes[i];
      }
      assertClose(model.inputGradients(batch, OutputGradients.constant(0, 1)).head(), yes);
      assertClose(model.inputGradients(batch, OutputGradients.constant(1, 0)).head(), no);
    }
  }

  @Test
  void classesOnAFourthAxis_areClasses() throws IOException {
    SavedModelBuilder net = convAndMean(image(FLOAT, -1, 2, 2, 3), "in_x");
    net.reshape("map", "gap/Mean", -1, 2, 1, 1).output("y", "map/Reshape", FLOAT, -1, 2, 1, 1);
    try (ExplainableModel model = load(net);
        NDManager manager = model.newManager()) {
      NDArray batch = ramp(manager, 1, 2, 2, 3);
      assertThat(model.predict(batch).getShape()).isEqualTo(new Shape(1, 2));
      assertClose(
          model.inputGradients(batch, OutputGradients.constant(1, 0)).head(), meanGradient(4, 1));
    }
  }

  @ParameterizedTest
  @CsvSource({"Softmax, SOFTMAX", "LogSoftmax, LOG_SOFTMAX", "Sigmoid, SIGMOID"})
  void logitGradients_ofASureModel_areThoseBeforeTheActivation(
      String op, OutputActivation activation) throws IOException {
    SavedModelBuilder net = convAndMean(image(FLOAT, -1, 2, 2, 3), "in_x");
    net.node(op, "head/" + op, Attributes.type(FLOAT), "gap/Mean");
    net.floats("Identity", "y", "head/" + op).output("y", "y", FLOAT, -1, 2);
    try (ExplainableModel model = load(net);
        NDManager manager = model.newManager()) {
      assertThat(model.outputActivation()).isEqualTo(activation);
      NDArray batch = manager.create(SURE, new Shape(1, 2, 2, 3));
      NDList found =
          model.inputGradients(
              batch, new TargetGradient(Target.ofClass(0), Score.LOGIT, activation));
      boolean centred = activation != OutputActivation.SIGMOID;
      float[] expected = new float[12];
      for (int i = 0; i < 12; i++) {
        float first = WEIGHTS[i % 3 * 2];
        float second = WEIGHTS[i % 3 * 2 + 1];
        expected[i] = (centred ? (first - second) / 2 : first) / 4;
      }
      float[] gradient = found.head().toFloatArray();
      Maps.assertClose(op, gradient, expected, 1e-3 * Maps.maxAbs(expected));
    }
  }

  private void assertNoGradient(SavedModelBuilder net, String layer, String... parts)
      throws IOException {
    try (ExplainableModel model = load(net);
        NDManager manager = model.newManager()) {
      NDArray batch = ramp(manager, 1, 2, 2, 3);
      float[] output = model.predict(batch).toFloatArray();
      OutputGradient scores = OutputGradients.constant(new float[output.length]);
      assertUnsupported(() -> model.inputGradients(batch, scores), parts);
      assertUnsupported(() -> model.layerGradients(batch, scores, layer), parts);
      assertUnsupported(() -> model.guidedGradients(batch, scores, ReluRule.GUIDED), parts);
      assertThat(model.layerActivations(batch, layer).getShape().get(0)).isEqualTo(1);
    }
  }

  @Test
  void gradients_behindArgMax_areRefused() throws IOException {
    SavedModelBuilder net = convAndMean(image(FLOAT, -1, 2, 2, 3), "in_x").scalar("axis", 1);
    net.floats("ArgMax", "best/ArgMax", "gap/Mean", "axis");
    net.cast("best/Cast", DataType.DT_INT64, FLOAT, "best/ArgMax");
    net.output("y", "best/Cast", FLOAT, -1);
    assertNoGradient(net, "conv", "ends at ArgMax (best/ArgMax)", "an output before it");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Round", "Sign", "StopGradient"})
  void gradients_behindAFlatOperation_areRefused(String op) throws IOException {
    SavedModelBuilder net = convAndMean(image(FLOAT, -1, 2, 2, 3), "in_x");
    net.floats(op, "head/" + op, "gap/Mean").output("y", "head/" + op, FLOAT, -1, 2);
    assertNoGradient(net, "conv", "ends at " + op + " (head/" + op + ")");
  }

  @Test
  void gradients_besideAGate_areThoseOfTheOpenWay() throws IOException {
    SavedModelBuilder net = convAndMean(image(FLOAT, -1, 2, 2, 3), "in_x");
    net.constant("zero", new float[] {0}).floats("Greater", "gate/Greater", "gap/Mean", "zero");
    net.cast("gate/Cast", DataType.DT_BOOL, FLOAT, "gate/Greater");
    net.floats("Mul", "gate/mul", "gap/Mean", "gate/Cast").output("y", "gate/mul", FLOAT, -1, 2);
    try (ExplainableModel model = load(net);
        NDManager manager = model.newManager()) {
      NDArray batch = manager.ones(new Shape(1, 2, 2, 3));
      assertClose(model.predict(batch), 0.5f, 1.25f);
      assertClose(
          model.inputGradients(batch, OutputGradients.constant(1, 0)).head(), meanGradient(4, 1));
    }
  }

  @Test
  void gradients_ofSizesAlone_areRefused() throws IOException {
    SavedModelBuilder net = convAndMean(image(FLOAT, -1, 2, 2, 3), "in_x");
    net.node("Shape", "size", Map.of("T", type(FLOAT)), "gap/Mean");
    net.constant("bias", new float[] {1, 2}).floats("BroadcastTo", "y", "bias", "size");
    net.output("y", "y", FLOAT, -1, 2);
    try (ExplainableModel model = load(net);
        NDManager manager = model.newManager()) {
      NDArray batch = ramp(manager, 1, 2, 2, 3);
      OutputGradient scores = OutputGradients.constant(1, 0);
      assertUnsupported(
          () -> model.inputGradients(batch, scores),
          "does not use the values of its input for its output 'y'");
      assertUnsupported(
          () -> model.layerGradients(batch, scores, "conv"),
          "does not use its layer 'conv' for its output 'y'",
          "name another layer");
    }
  }

  private static OpDef.ArgDef arg(String name, DataType type) {
    return OpDef.ArgDef.newBuilder().setName(name).setType(type).build();
  }

  /** Adds up the four positions of the image one by one, as a recurrent layer reads a sequence. */
  private static SavedModelBuilder recurrent(boolean whole) {
    FunctionDef.Builder condition =
        FunctionDef.newBuilder()
            .addNodeDef(makeInts("end", new int[0], 4))
            .addNodeDef(make("Less", "more", Map.of("T", type(INT)), "i", "end:output:0"))
            .putRet("more", "more:z:0");
    condition
        .getSignatureBuilder()
        .setName("condition")
        .addInputArg(arg("i", INT))
        .addInputArg(arg("state", FLOAT))
        .addInputArg(arg("list", DataType.DT_VARIANT))
        .addOutputArg(arg("more", DataType.DT_BOOL));
    FunctionDef.Builder body =
        FunctionDef.newBuilder()
            .addNodeDef(makeInts("one", new int[0], 1))
            .addNodeDef(makeInts("shape", new int[] {2}, -1, 2))
            .addNodeDef(make("AddV2", "next", Map.of("T", type(INT)), "i", "one:output:0"))
            .addNodeDef(
                make(
                    "TensorListGetItem",
                    "item",
                    Map.of("element_dtype", type(FLOAT)),
                    "list",
                    "i",
                    "shape:output:0"))
            .addNodeDef(make("AddV2", "sum", Map.of("T", type(FLOAT)), "state", "item:item:0"))
            .addNodeDef(
                make(
                    "TensorListSetItem",
                    "written",
                    Map.of("element_dtype", type(FLOAT)),
                    "list",
                    "i",
                    "sum:z:0"))
            .putRet("next", "next:z:0")
            .putRet("out", "sum:z:0")
            .putRet("rest", "written:output_handle:0");
    body.getSignatureBuilder()
        .setName("body")
        .addInputArg(arg("i", INT))
        .addInputArg(arg("state", FLOAT))
        .addInputArg(arg("list", DataType.DT_VARIANT))
        .addOutputArg(arg("next", INT))
        .addOutputArg(arg("out", FLOAT))
        .addOutputArg(arg("rest", DataType.DT_VARIANT));
    SavedModelBuilder net = image(FLOAT, -1, 2, 2, 3).function(condition.build());
    net.function(body.build()).conv("conv", "in_x", 3, 2, WEIGHTS);
    net.reshape("flat", "conv/Conv2D", -1, 4, 2).transpose("time", "flat/Reshape", 1, 0, 2);
    Map<String, AttrValue> list = Map.of("element_dtype", type(FLOAT), "shape_type", type(INT));
    net.ints("element", -1, 2).ints("first", 1);
    net.node("TensorListFromTensor", "lstm/list", list, "time/transpose", "element");
    net.floats("Mean", "lstm/mean", "flat/Reshape", "first");
    net.floats("ZerosLike", "lstm/zeros", "lstm/mean");
    net.scalar("zero", 0);
    net.node(
        "While",
        "lstm/while",
        Map.of(
            "T", SavedModelBuilder.types(INT, FLOAT, DataType.DT_VARIANT),
            "cond", SavedModelBuilder.function("condition"),
            "body", SavedModelBuilder.function("body")),
        "zero",
        "lstm/zeros",
        "lstm/list");
    String last = "lstm/while:1";
    if (whole) {
      Map<String, AttrValue> stack = Map.of("element_dtype", type(FLOAT));
      net.node("TensorListStack", "lstm/stack", stack, "lstm/while:2", "element");
      net.scalar("axis", 0);
      net.floats("Max", "lstm/max", "lstm/stack", "axis");
      last = "lstm/max";
    }
    net.constant("dense/kernel", new float[] {1, 0, 0, 1}, 2, 2);
    net.floats("MatMul", "dense/MatMul", last, "dense/kernel");
    return net.output("y", "dense/MatMul", FLOAT, -1, 2);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void gradients_behindALoop_nameItAndTheRemedy(boolean whole) throws IOException {
    assertNoGradient(
        recurrent(whole), "conv", "ends at While (lstm/while), a loop", "unroll=True", "later");
    try (ExplainableModel model = load(recurrent(whole));
        NDManager manager = model.newManager()) {
      NDArray batch = ramp(manager, 1, 2, 2, 3);
      LayerGradients last = model.layerGradients(batch, OutputGradients.constant(1, 2), "dense");
      assertThat(last.gradients().head().toFloatArray()).containsExactly(1, 2);
    }
  }

  @Test
  void gradients_behindABranch_nameIt() throws IOException {
    FunctionDef.Builder same =
        FunctionDef.newBuilder()
            .addNodeDef(make("Neg", "neg", Map.of("T", type(FLOAT)), "a"))
            .putRet("b", "neg:y:0");
    same.getSignatureBuilder()
        .setName("branch")
        .addInputArg(arg("a", FLOAT))
        .addOutputArg(arg("b", FLOAT));
    SavedModelBuilder net = convAndMean(image(FLOAT, -1, 2, 2, 3), "in_x").function(same.build());
    net.ints("axes", 0, 1).constant("zero", new float[] {0});
    net.floats("Sum", "gate/sum", "gap/Mean", "axes");
    net.floats("Greater", "gate/greater", "gate/sum", "zero");
    net.node(
        "StatelessIf",
        "gate/cond",
        Map.of(
            "Tcond", type(DataType.DT_BOOL),
            "Tin", SavedModelBuilder.types(FLOAT),
            "Tout", SavedModelBuilder.types(FLOAT),
            "then_branch", SavedModelBuilder.function("branch"),
            "else_branch", SavedModelBuilder.function("branch")),
        "gate/greater",
        "gap/Mean");
    net.output("y", "gate/cond", FLOAT, -1, 2);
    assertNoGradient(net, "conv", "ends at StatelessIf (gate/cond), a branch", "without it");
  }

  /** Two images are turned and tilted, and each position of the result has a weight of its own. */
  private static SavedModelBuilder transformed(String interpolation, String fill) {
    SavedModelBuilder net = image(FLOAT, -1, 4, 5, 1);
    float[] turns = {
      0.8f, 0.6f, -1.3f, -0.55f, 0.9f, 1.1f, 0.02f, -0.03f, //
      1.7f, -0.2f, -3.1f, 0.3f, 1.6f, -2.3f, 0, 0
    };
    net.constant("turns", turns, 2, 8).ints("size", 4, 6);
    net.constant("fill", new float[] {0.5f});
    net.node(
        "ImageProjectiveTransformV3",
        "rotation/transform",
        Map.of(
            "dtype", type(FLOAT),
            "interpolation", text(interpolation),
            "fill_mode", text(fill)),
        "in_x",
        "turns",
        "size",
        "fill");
    net.reshape("flat", "rotation/transform", -1, 24);
    float[] weights = new float[48];
    for (int i = 0; i < 48; i++) {
      weights[i] = (i * 29 % 17) / 4f - 2;
    }
    net.constant("dense/kernel", weights, 24, 2);
    net.floats("MatMul", "dense/MatMul", "flat/Reshape", "dense/kernel");
    return net.output("y", "dense/MatMul", FLOAT, -1, 2);
  }

  /** The output is linear in the image, so a difference of any size is the derivative. */
  @ParameterizedTest
  @CsvSource({
    "BILINEAR, CONSTANT", "BILINEAR, REFLECT", "BILINEAR, WRAP", "BILINEAR, NEAREST",
    "NEAREST, CONSTANT", "NEAREST, REFLECT", "NEAREST, WRAP", "NEAREST, NEAREST"
  })
  void inputGradients_throughARotation_areExact(String interpolation, String fill)
      throws IOException {
    try (ExplainableModel model = load(transformed(interpolation, fill));
        NDManager manager = model.newManager()) {
      NDArray zero = manager.zeros(new Shape(2, 4, 5, 1));
      float[] base = model.predict(zero).toFloatArray();
      float[] expected = new float[40];
      for (int i = 0; i < 20; i++) {
        float[] one = new float[40];
        one[i] = 1;
        one[20 + i] = 1;
        float[] y = model.predict(manager.create(one, zero.getShape())).toFloatArray();
        expected[i] = y[0] - base[0] + 2 * (y[1] - base[1]);
        expected[20 + i] = -(y[2] - base[2]) + 3 * (y[3] - base[3]);
      }
      OutputGradient scores = OutputGradients.constant(1, 2, -1, 3);
      assertThat(Maps.maxAbs(expected)).isGreaterThan(1);
      Maps.assertClose(
          interpolation + " " + fill,
          model.inputGradients(zero, scores).head().toFloatArray(),
          expected,
          1e-5 * Maps.maxAbs(expected));
    }
  }

  private static List<String> logged(Callable<?> action) throws Exception {
    Logger logger = (Logger) LoggerFactory.getLogger(ModelState.class);
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    logger.addAppender(log);
    logger.setLevel(Level.WARN);
    logger.setAdditive(false);
    try {
      action.call();
    } finally {
      logger.detachAppender(log);
      logger.setAdditive(true);
      logger.setLevel(null);
    }
    return log.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  @Test
  void load_randomOperations_areWarnedOfOnce() throws Exception {
    SavedModelBuilder net = image(FLOAT, -1, 2, 2, 3);
    net.node("Shape", "noise/size", Map.of("T", type(FLOAT)), "in_x");
    net.node(
        "RandomStandardNormal",
        "noise/normal",
        Map.of("dtype", type(FLOAT), "T", type(INT)),
        "noise/size");
    net.floats("Mul", "noise/mul", "in_x", "noise/normal");
    convAndMean(net, "noise/mul").output("y", "gap/Mean", FLOAT, -1, 2);
    List<String> warnings =
        logged(
            () -> {
              try (ExplainableModel model = load(net);
                  NDManager manager = model.newManager()) {
                NDArray batch = ramp(manager, 1, 2, 2, 3);
                float[] output = new float[2];
                NDList gradient =
                    model.inputGradients(
                        batch,
                        outputs -> {
                          System.arraycopy(outputs[0], 0, output, 0, 2);
                          return List.of(new float[] {1, 0});
                        });
                // Linear in the image, so long as the backward pass sees the same noise.
                float product = batch.mul(gradient.head()).sum().getFloat();
                return assertThat(product).isCloseTo(output[0], within(1e-4f));
              }
            });
    assertThat(warnings).hasSize(1);
    assertThat(warnings.get(0)).contains("random numbers in noise", "without augmentation");
  }

  @Test
  void fixedBatch_takesAnyNumberOfImages() throws IOException {
    SavedModelBuilder net = image(FLOAT, 4, 2, 2, 3).conv("conv", "in_x", 3, 2, WEIGHTS);
    net.reshape("flat", "conv/Conv2D", 4, 8).constant("k", new float[16], 8, 2);
    net.mean("gap", "conv/Conv2D").floats("Softmax", "y", "gap/Mean");
    net.output("y", "y", FLOAT, 4, 2);
    try (ExplainableModel model = load(net);
        NDManager manager = model.newManager()) {
      NDArray batch = ramp(manager, 6, 2, 2, 3).div(50);
      OutputGradient scores = OutputGradients.constant(1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1);
      NDArray predicted = model.predict(batch);
      assertThat(predicted.getShape()).isEqualTo(new Shape(6, 2));
      NDArray gradients = model.inputGradients(batch, scores).head();
      NDArray layer = model.layerGradients(batch, scores, "conv").gradients().head();
      assertThat(layer.getShape()).isEqualTo(new Shape(6, 2, 2, 2));
      for (int i = 0; i < 6; i++) {
        NDArray image = batch.get(i + ":" + (i + 1));
        assertClose(model.predict(image), predicted.get(i).toFloatArray());
        assertClose(
            model.inputGradients(image, OutputGradient.ofClasses(i % 2)).head(),
            gradients.get(i).toFloatArray());
      }
    }
  }

  @Test
  void close_underLoad_endsWithAnException() throws Exception {
    Path folder =
        convAndMean(image(FLOAT, -1, 8, 8, 3), "in_x")
            .output("y", "gap/Mean", FLOAT, -1, 2)
            .write(temp.resolve("net"));
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try (NDManager manager = NDManager.newBaseManager("TensorFlow")) {
      for (int round = 0; round < 5; round++) {
        ExplainableModel model = ExplainableModel.load(folder);
        CountDownLatch running = new CountDownLatch(8);
        List<Future<NDArray>> last = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
          last.add(threads.submit(() -> passUntilClosed(model, running)));
        }
        running.await();
        model.close();
        for (Future<NDArray> result : last) {
          NDArray gradient = result.get();
          assertClose(gradient, meanGradient(64, 1));
          gradient.getManager().close();
        }
        assertThatExceptionOfType(IllegalStateException.class)
            .isThrownBy(() -> model.predict(ramp(manager, 1, 8, 8, 3)))
            .withMessageContaining("is closed");
        model.close();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  /** Returns the last gradient, which outlives the model. */
  private static NDArray passUntilClosed(ExplainableModel model, CountDownLatch running) {
    NDManager manager = model.newManager();
    NDArray batch = ramp(manager, 1, 8, 8, 3);
    OutputGradient scores = OutputGradients.constant(1, 0);
    NDArray gradient = model.inputGradients(batch, scores).head();
    running.countDown();
    try {
      for (int i = 0; i < 100_000; i++) {
        model.predict(batch).close();
      }
      throw new AssertionError("the model was not closed");
    } catch (IllegalStateException e) {
      assertThat(e).hasMessageContaining("is closed");
    }
    return gradient;
  }
}
