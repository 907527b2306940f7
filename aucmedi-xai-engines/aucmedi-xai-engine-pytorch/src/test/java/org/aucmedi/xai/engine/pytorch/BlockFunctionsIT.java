package org.aucmedi.xai.engine.pytorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.pooling.Pool;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LayerKind;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.OutputActivation;
import org.aucmedi.xai.model.OutputGradient;
import org.aucmedi.xai.model.ReluRule;
import org.aucmedi.xai.testkit.Maps;
import org.aucmedi.xai.testkit.OutputGradients;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/** What is made of functions, which have no names. */
final class BlockFunctionsIT {

  private static final Shape SHAPE = new Shape(1, 2, 4, 4);

  static Stream<Arguments> functions() {
    return Stream.of(
        function("relu", Activation::relu, LayerKind.ACTIVATION, 1),
        function("maximum", x -> x.maximum(0), LayerKind.ACTIVATION, 1),
        function("masked in place", BlockFunctionsIT::mask, LayerKind.ACTIVATION, 1),
        function("relu6", Activation::relu6, LayerKind.ACTIVATION, 1),
        function("clip 0 6", x -> x.clip(0, 6), LayerKind.ACTIVATION, 1),
        function("clip 0 5", x -> x.clip(0, 5), LayerKind.ACTIVATION, 0),
        function("clip -1 6", x -> x.clip(-1, 6), LayerKind.ACTIVATION, 0),
        function("abs", NDArray::abs, LayerKind.ACTIVATION, 0),
        function("leaky", x -> Activation.leakyRelu(x, 0.01f), LayerKind.ACTIVATION, 0),
        function("elu", x -> Activation.elu(x, 1), LayerKind.ACTIVATION, 0),
        function("gelu", Activation::gelu, LayerKind.ACTIVATION, 0),
        function("swish", x -> Activation.swish(x, 1), LayerKind.ACTIVATION, 0),
        function("sigmoid", Activation::sigmoid, LayerKind.ACTIVATION, 0),
        function("softmax", x -> x.softmax(1), LayerKind.ACTIVATION, 0),
        function("twice relu", x -> Activation.relu(x).mul(2), LayerKind.ACTIVATION, 0),
        function("identity", x -> x, LayerKind.OTHER, 0),
        function("scaled", x -> x.mul(3).sub(1), LayerKind.OTHER, 0),
        function("flattened", Blocks::batchFlatten, LayerKind.OTHER, 0),
        function("transposed", x -> x.transpose(0, 1, 3, 2), LayerKind.OTHER, 0),
        function("mean", x -> x.mean(new int[] {3}).mean(new int[] {2}), LayerKind.POOL, 0),
        function(
            "max pooling",
            x -> Pool.maxPool2d(x, new Shape(2, 2), new Shape(2, 2), new Shape(0, 0), false),
            LayerKind.POOL,
            0),
        function("for one image only", BlockFunctionsIT::ofOneImage, LayerKind.OTHER, 0),
        Arguments.of(
            "named pooling that keeps the size",
            Pool.maxPool2dBlock(new Shape(3, 3), new Shape(1, 1), new Shape(1, 1)),
            LayerKind.POOL,
            0),
        Arguments.of("dropout", Dropout.builder().build(), LayerKind.OTHER, 0));
  }

  private static Arguments function(
      String name, UnaryOperator<NDArray> function, LayerKind kind, int relus) {
    return Arguments.of(
        name, new LambdaBlock(x -> new NDList(function.apply(x.head()))), kind, relus);
  }

  private static NDArray mask(NDArray x) {
    return x.muli(x.gt(0).toType(DataType.FLOAT32, false));
  }

  private static NDArray ofOneImage(NDArray x) {
    if (x.getShape().get(0) != 1) {
      throw new IllegalArgumentException("one image only");
    }
    return Activation.relu(x);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("functions")
  void layers_functions_areRecognisedByWhatTheyDo(
      String name, Block function, LayerKind kind, int relus) {
    Block block = new SequentialBlock().add(function).add(Blocks.batchFlattenBlock());

    assertFound(block, 0, kind, relus);
  }

  static Stream<Arguments> sums() {
    return Stream.of(
        joining("add", list -> head(list, 0).add(head(list, 1)), LayerKind.ADD, 0),
        joining("NDArrays.add", list -> NDArrays.add(arrays(list)), LayerKind.ADD, 0),
        joining("in place", list -> head(list, 0).addi(head(list, 1)), LayerKind.ADD, 0),
        joining(
            "relu of the sum",
            list -> Activation.relu(head(list, 0).add(head(list, 1))),
            LayerKind.ACTIVATION,
            1),
        joining(
            "relu6 of the sum",
            list -> Activation.relu6(head(list, 0).add(head(list, 1))),
            LayerKind.ACTIVATION,
            1),
        joining("difference", list -> head(list, 0).sub(head(list, 1)), LayerKind.OTHER, 0),
        joining("product", list -> head(list, 0).mul(head(list, 1)), LayerKind.OTHER, 0),
        joining("maximum", list -> head(list, 0).maximum(head(list, 1)), LayerKind.OTHER, 0),
        joining("first", list -> head(list, 0), LayerKind.OTHER, 0),
        joining("mean", list -> head(list, 0).add(head(list, 1)).div(2), LayerKind.OTHER, 0),
        joining(
            "sum of relus",
            list -> Activation.relu(head(list, 0)).add(Activation.relu(head(list, 1))),
            LayerKind.OTHER,
            0),
        joining(
            "leaky sum",
            list -> Activation.leakyRelu(head(list, 0).add(head(list, 1)), 0.1f),
            LayerKind.OTHER,
            0),
        joining(
            "concatenated",
            list -> NDArrays.concat(list.get(0).addAll(list.get(1)), 1),
            LayerKind.OTHER,
            0));
  }

  private static Arguments joining(
      String name, Function<List<NDList>, NDArray> function, LayerKind kind, int relus) {
    Function<List<NDList>, NDList> join = list -> new NDList(function.apply(list));
    return Arguments.of(name, join, kind, relus);
  }

  private static NDArray head(List<NDList> list, int branch) {
    return list.get(branch).head();
  }

  private static NDArray[] arrays(List<NDList> list) {
    return list.stream().map(NDList::head).toArray(NDArray[]::new);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("sums")
  void layers_functionsOfParallelBlocks_areRecognised(
      String name, Function<List<NDList>, NDList> join, LayerKind kind, int relus) {
    Block block =
        new SequentialBlock()
            .add(
                new ParallelBlock(
                    join, List.of(Blocks.identityBlock(), new LambdaBlock(BlockFunctionsIT::turn))))
            .add(Blocks.batchFlattenBlock());

    // The rectified sum has a layer of its own before the block's output.
    assertFound(block, relus == 0 ? 2 : 3, kind, relus);
  }

  private static NDList turn(NDList x) {
    return new NDList(x.head().transpose(0, 1, 3, 2).duplicate());
  }

  private static void assertFound(Block block, int index, LayerKind kind, int relus) {
    try (Model own = TestBlocks.model("net", block, SHAPE);
        ExplainableModel model = ExplainableModel.of(own);
        NDManager manager = model.newManager()) {
      NDArray batch = manager.create(FloatBuffer.wrap(TestBlocks.image(SHAPE, 3)), SHAPE);
      NDArray output = model.predict(batch);
      OutputGradient scores = OutputGradients.sum();

      List<Layer> layers = model.layers(batch);

      assertThat(layers.get(index).kind()).isEqualTo(kind);
      assertThat(model.layers()).isEqualTo(layers);
      var guided = model.guidedGradients(batch, scores, ReluRule.GUIDED);
      assertThat(guided.relus()).isEqualTo(relus);
      float[] plain = model.inputGradients(batch, scores).head().toFloatArray();
      // Every gradient that arrives at the one ReLU is positive here, and so passes.
      Maps.assertClose("gradient", guided.gradients().head().toFloatArray(), plain, 0);
      String name = layers.get(index).name();
      Maps.assertClose(
          "output",
          model.layerGradients(batch, scores, name).output().toFloatArray(),
          output.toFloatArray(),
          0);
    }
  }

  @Test
  void layers_rectifiedSum_isALayerBeforeAndAfterTheRelu() {
    Block block =
        new SequentialBlock()
            .add(
                new ParallelBlock(
                    list -> Activation.relu(new NDList(NDArrays.add(arrays(list)))),
                    List.of(
                        Blocks.identityBlock(),
                        Blocks.identityBlock(),
                        new LambdaBlock(BlockFunctionsIT::turn))))
            .add(Blocks.batchFlattenBlock());
    try (Model own = TestBlocks.model("net", block, SHAPE);
        ExplainableModel model = ExplainableModel.of(own);
        NDManager manager = model.newManager()) {
      float[] x = TestBlocks.image(SHAPE, 4);
      NDArray batch = manager.create(FloatBuffer.wrap(x), SHAPE);
      float[] weights = TestBlocks.image(SHAPE, 5);
      OutputGradient scores = OutputGradients.constant(weights);
      float[] sum = new float[32];
      float[] gradient = new float[32];
      for (int i = 0; i < 32; i++) {
        sum[i] = 2 * x[i] + x[i / 16 * 16 + i % 4 * 4 + i / 4 % 4];
        gradient[i] = sum[i] > 0 ? weights[i] : 0;
      }

      assertThat(model.layers(batch))
          .contains(new Layer("01ParallelBlock/add", LayerKind.ADD, SHAPE))
          .contains(new Layer("01ParallelBlock", LayerKind.ACTIVATION, SHAPE));
      var before = model.layerGradients(batch, scores, "01ParallelBlock/add");
      Maps.assertClose("sum", before.activations().toFloatArray(), sum, 1e-6);
      assertThat(before.gradients().head().toFloatArray()).containsExactly(gradient);
      var after = model.layerGradients(batch, scores, "01ParallelBlock");
      assertThat(after.gradients().head().toFloatArray()).containsExactly(weights);
    }
  }

  @Test
  void layerGradients_layerThatIsOverwritten_areThoseOfItsOutput() {
    Block block =
        new SequentialBlock()
            .add(Blocks.identityBlock())
            .addSingleton(x -> x.muli(2))
            .add(Blocks.batchFlattenBlock());
    try (Model own = TestBlocks.model("net", block, SHAPE);
        ExplainableModel model = ExplainableModel.of(own);
        NDManager manager = model.newManager()) {
      float[] x = TestBlocks.image(SHAPE, 8);
      NDArray batch = manager.create(FloatBuffer.wrap(x), SHAPE);
      OutputGradient scores = OutputGradients.sum();

      var found = model.layerGradients(batch, scores, "01LambdaBlock");

      assertThat(found.activations().toFloatArray()).containsExactly(x);
      assertThat(found.gradients().head().toFloatArray()).containsOnly(2);
      assertThat(model.layerActivations(batch, "01LambdaBlock").toFloatArray()).containsExactly(x);
      assertThat(batch.toFloatArray()).containsExactly(x);
    }
  }

  /**
   * Functions of x and its rectified values that overwrite one of them, their factor of x, and
   * whether libtorch can differentiate them: it needs the output of its own ReLU.
   */
  static Stream<Arguments> inPlace() {
    return Stream.of(
        Arguments.of(inPlace(list -> head(list, 0).addi(head(list, 1))), 1, true),
        Arguments.of(inPlace(list -> head(list, 1).addi(head(list, 0))), 1, false),
        Arguments.of(inPlace(list -> head(list, 0).muli(2).add(head(list, 1))), 2, true));
  }

  private static Function<List<NDList>, NDList> inPlace(Function<List<NDList>, NDArray> function) {
    return list -> new NDList(function.apply(list));
  }

  @ParameterizedTest
  @MethodSource("inPlace")
  void guidedGradients_functionInPlace_haveTheirClosedForm(
      Function<List<NDList>, NDList> function, float factor, boolean plainToo) {
    Block block =
        new SequentialBlock()
            .add(
                new ParallelBlock(
                    function, List.of(Blocks.identityBlock(), Activation.reluBlock())))
            .add(Blocks.batchFlattenBlock());
    try (Model own = TestBlocks.model("net", block, SHAPE);
        ExplainableModel model = ExplainableModel.of(own);
        NDManager manager = model.newManager()) {
      float[] x = TestBlocks.image(SHAPE, 6);
      float[] weights = TestBlocks.image(SHAPE, 7);
      NDArray batch = manager.create(FloatBuffer.wrap(x), SHAPE);
      OutputGradient scores = OutputGradients.constant(weights);
      float[] plain = new float[32];
      float[] guided = new float[32];
      float[] deconvolved = new float[32];
      for (int i = 0; i < 32; i++) {
        float positive = Math.max(weights[i], 0);
        plain[i] = factor * weights[i] + (x[i] > 0 ? weights[i] : 0);
        guided[i] = factor * weights[i] + (x[i] > 0 ? positive : 0);
        deconvolved[i] = factor * weights[i] + positive;
      }

      if (plainToo) {
        assertThat(model.inputGradients(batch, scores).head().toFloatArray())
            .containsExactly(plain);
      }
      assertThat(found(model, batch, scores, ReluRule.GUIDED)).containsExactly(guided);
      assertThat(found(model, batch, scores, ReluRule.DECONVNET)).containsExactly(deconvolved);
    }
  }

  @Test
  void guidedGradients_functionThatFailsOnTestValues_isCountedAndNamed() {
    Logger logger = (Logger) LoggerFactory.getLogger("org.aucmedi.xai.engine.support");
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    logger.addAppender(log);
    logger.setLevel(Level.DEBUG);
    logger.setAdditive(false);
    Block block =
        new SequentialBlock()
            .add(lambda(BlockFunctionsIT::ofOneImage))
            .add(Blocks.batchFlattenBlock());
    try (Model own = TestBlocks.model("net", block, SHAPE);
        ExplainableModel model = ExplainableModel.of(own);
        NDManager manager = model.newManager()) {
      OutputGradient scores = OutputGradients.sum();
      model.guidedGradients(manager.ones(SHAPE), scores, ReluRule.GUIDED);
    } finally {
      logger.setLevel(null);
      logger.setAdditive(true);
      logger.detachAppender(log);
    }
    assertThat(log.list)
        .filteredOn(event -> event.getFormattedMessage().contains("test values"))
        .extracting(ILoggingEvent::getLevel, ILoggingEvent::getFormattedMessage)
        .containsExactly(
            tuple(Level.DEBUG, "the function of layer 01LambdaBlock fails on test values"),
            tuple(
                Level.WARN,
                "guided gradients do not treat functions that fail on test values (1 here) as"
                    + " ReLUs; if one is a ReLU, use Activation.reluBlock() (the debug log names"
                    + " their layers)"));
  }

  static Stream<Arguments> lastBlocks() {
    return Stream.of(
        Arguments.of(OutputActivation.NONE, List.of()),
        Arguments.of(OutputActivation.SOFTMAX, List.of(lambda(x -> x.softmax(1)))),
        Arguments.of(OutputActivation.LOG_SOFTMAX, List.of(lambda(x -> x.logSoftmax(-1)))),
        Arguments.of(OutputActivation.SIGMOID, List.of(Activation.sigmoidBlock())),
        Arguments.of(
            OutputActivation.SIGMOID,
            List.of(
                Activation.sigmoidBlock(), Dropout.builder().build(), Blocks.batchFlattenBlock())),
        Arguments.of(
            OutputActivation.SOFTMAX,
            List.of(new SequentialBlock().add(lambda(x -> x.softmax(1))), Blocks.identityBlock())),
        Arguments.of(OutputActivation.NONE, List.of(lambda(x -> x.mul(2)))),
        // Shares of another kind: probabilities, but not those of a softmax.
        Arguments.of(
            OutputActivation.UNKNOWN,
            List.of(lambda(x -> x.square().div(x.square().sum(new int[] {1}, true))))));
  }

  private static Block lambda(UnaryOperator<NDArray> function) {
    return new LambdaBlock(x -> new NDList(function.apply(x.head())));
  }

  @ParameterizedTest
  @MethodSource("lastBlocks")
  void outputActivation_lastBlocks_isWhatTheyCompute(OutputActivation expected, List<Block> last) {
    SequentialBlock block =
        new SequentialBlock()
            .add(Blocks.batchFlattenBlock())
            .add(Linear.builder().setUnits(3).build());
    last.forEach(block::add);
    try (Model own = TestBlocks.model("net", block, SHAPE);
        ExplainableModel model = ExplainableModel.of(own)) {
      assertThat(model.outputActivation()).isEqualTo(expected);
    }
  }

  @Test
  void outputActivation_said_isBelieved() {
    LoadOptions sigmoid = LoadOptions.builder().optActivation(OutputActivation.SIGMOID).build();
    try (Model own = TestBlocks.model("net", Blocks.batchFlattenBlock(), SHAPE);
        ExplainableModel model = ExplainableModel.of(own, sigmoid)) {
      assertThat(model.outputActivation()).isEqualTo(OutputActivation.SIGMOID);
    }
  }

  private static float[] found(
      ExplainableModel model, NDArray batch, OutputGradient scores, ReluRule rule) {
    return model.guidedGradients(batch, scores, rule).gradients().head().toFloatArray();
  }
}
