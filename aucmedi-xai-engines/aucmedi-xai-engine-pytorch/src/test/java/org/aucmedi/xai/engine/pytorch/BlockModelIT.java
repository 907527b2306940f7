package org.aucmedi.xai.engine.pytorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.UninitializedParameterException;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.pooling.Pool;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.translate.NoopTranslator;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LayerKind;
import org.aucmedi.xai.model.OutputGradient;
import org.aucmedi.xai.testkit.Differences;
import org.aucmedi.xai.testkit.Maps;
import org.aucmedi.xai.testkit.OutputGradients;
import org.junit.jupiter.api.Test;

final class BlockModelIT {

  private static final Shape SHAPE = new Shape(1, 3, 12, 10);

  @Test
  void of_zooModel_isTheModelInside() {
    try (Model own = TestBlocks.model("net", Blocks.batchFlattenBlock(), new Shape(1, 1, 2, 2));
        ZooModel<NDList, NDList> zoo = new ZooModel<>(own, new NoopTranslator());
        ExplainableModel model = ExplainableModel.of(zoo);
        NDManager manager = model.newManager()) {
      NDArray batch = manager.arange(4f).reshape(1, 1, 2, 2);
      assertThat(model.predict(batch).toFloatArray()).containsExactly(0, 1, 2, 3);
    }
  }

  @Test
  void inputGradients_netWithBatchNormAndDropout_matchDifferences() {
    try (Model own = model();
        ExplainableModel model = ExplainableModel.of(own);
        NDManager manager = model.newManager()) {
      float[] image = image(1);
      float[] outputGradient = {0, 1, 0};
      float[] gradient = gradient(model, manager, image, outputGradient);
      int[] positions = {0, 33, 100, 177, 250, 359};
      float[] actual = new float[positions.length];
      for (int i = 0; i < positions.length; i++) {
        actual[i] = gradient[positions[i]];
      }

      float[] expected =
          Differences.gradient(model, SHAPE, image, outputGradient, positions, 1e-3f);

      Maps.assertClose("gradient", actual, expected, 0.01 * Maps.maxAbs(gradient));
      for (int run = 0; run < 4; run++) {
        assertThat(gradient(model, manager, image, outputGradient)).containsExactly(gradient);
      }
    }
  }

  @Test
  void inputGradients_anyModel_leaveWeightsBuffersAndFlagsAlone() {
    try (Model own = model();
        ExplainableModel model = ExplainableModel.of(own);
        NDManager manager = model.newManager()) {
      float[][] before = TestBlocks.parameters(own);
      boolean[] flags = TestBlocks.flags(own);
      gradient(model, manager, image(2), new float[] {1, 0, 0});

      assertThat(TestBlocks.parameters(own)).isDeepEqualTo(before);
      assertThat(TestBlocks.flags(own)).containsExactly(flags).contains(true);
    }
  }

  @Test
  void inputGradients_openCollector_failWithASentenceAndWorkAfterwards() {
    try (Model own = model();
        ExplainableModel model = ExplainableModel.of(own);
        NDManager manager = model.newManager()) {
      float[] expected = gradient(model, manager, image(3), new float[] {1, 0, 0});
      try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
        NDArray weight = manager.create(new float[] {3});
        weight.setRequiresGradient(true);
        NDArray loss = weight.mul(weight);

        assertThatExceptionOfType(XAIException.class)
            .isThrownBy(() -> gradient(model, manager, image(3), new float[] {1, 0, 0}))
            .withMessageContaining("a GradientCollector is open");

        collector.backward(loss);
        assertThat(weight.getGradient().toFloatArray()).containsExactly(6);
      }
      assertThat(gradient(model, manager, image(3), new float[] {1, 0, 0}))
          .containsExactly(expected);
    }
  }

  @Test
  void inputGradients_twoModelsInManyThreads_giveTheSame() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try (Model a = model();
        Model b = model();
        ExplainableModel first = ExplainableModel.of(a);
        ExplainableModel second = ExplainableModel.of(b);
        NDManager manager = first.newManager()) {
      float[] outputGradient = {0, 0, 1};
      List<float[]> expected =
          List.of(
              gradient(first, manager, image(4), outputGradient),
              gradient(second, manager, image(4), outputGradient));
      List<Future<float[]>> results = new ArrayList<>();
      for (int i = 0; i < 80; i++) {
        ExplainableModel model = i % 2 == 0 ? first : second;
        results.add(
            threads.submit(
                () -> {
                  try (NDManager own = model.newManager()) {
                    return gradient(model, own, image(4), outputGradient);
                  }
                }));
      }
      for (int i = 0; i < results.size(); i++) {
        assertThat(results.get(i).get()).containsExactly(expected.get(i % 2));
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void inputGradients_batchWithARowOfSeeds_equalSingleImages() {
    try (Model own = model();
        ExplainableModel model = ExplainableModel.of(own);
        NDManager manager = model.newManager()) {
      float[] pair = Arrays.copyOf(image(5), 720);
      System.arraycopy(image(6), 0, pair, 360, 360);
      OutputGradient scores = OutputGradients.constant(1, 0, 0, 0, -1, 1);
      NDArray batch = manager.create(FloatBuffer.wrap(pair), new Shape(2, 3, 12, 10));

      float[] both = model.inputGradients(batch, scores).head().toFloatArray();

      float[] one = gradient(model, manager, image(5), new float[] {1, 0, 0});
      float[] two = gradient(model, manager, image(6), new float[] {0, -1, 1});
      double tolerance = 1e-6 * Maps.maxAbs(both);
      Maps.assertClose("first", Arrays.copyOf(both, 360), one, tolerance);
      Maps.assertClose("second", Arrays.copyOfRange(both, 360, 720), two, tolerance);
    }
  }

  @Test
  void predict_dropoutAndBatchNorm_isInferenceAndRepeatable() {
    try (Model own = model();
        ExplainableModel model = ExplainableModel.of(own);
        NDManager manager = model.newManager()) {
      NDArray batch = manager.create(FloatBuffer.wrap(image(7)), SHAPE);
      float[] first = model.predict(batch).toFloatArray();

      assertThat(model.predict(batch).toFloatArray()).containsExactly(first);
    }
  }

  @Test
  void layers_sequentialBlock_haveNamesKindsAndShapes() {
    try (Model own = model();
        ExplainableModel model = ExplainableModel.of(own)) {
      List<Layer> layers = model.layers();

      assertThat(layers.stream().map(Layer::kind))
          .containsExactly(
              LayerKind.CONV,
              LayerKind.NORM,
              LayerKind.ACTIVATION,
              LayerKind.POOL,
              LayerKind.OTHER,
              LayerKind.OTHER,
              LayerKind.DENSE);
      assertThat(layers.get(0).name()).isEqualTo("01Conv2d");
      assertThat(layers.get(0).outputShape()).isEqualTo(new Shape(1, 4, 12, 10));
      assertThat(layers.get(3).outputShape()).isEqualTo(new Shape(1, 4, 6, 5));
      assertThat(layers.get(6).outputShape()).isEqualTo(new Shape(1, 3));
    }
  }

  @Test
  void inputGradients_wrongChannels_nameShapeAndReason() {
    try (Model own = model();
        ExplainableModel model = ExplainableModel.of(own);
        NDManager manager = model.newManager()) {
      assertThatExceptionOfType(XAIException.class)
          .isThrownBy(() -> model.predict(manager.ones(new Shape(1, 5, 12, 10))))
          .satisfies(
              e ->
                  assertThat(e.getMessage())
                      .contains("DJL block model 'net'")
                      .contains("(1, 5, 12, 10)")
                      .contains("channels")
                      .doesNotContain("\n"));
    }
  }

  @Test
  void inputGradients_severalScores_equalSingleOnesBitwise() {
    try (Model own = model();
        ExplainableModel model = ExplainableModel.of(own);
        NDManager manager = model.newManager()) {
      NDArray batch = manager.create(FloatBuffer.wrap(image(8)), SHAPE);
      float[][] scores = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {1, -1, 0.5f}};

      NDList together = model.inputGradients(batch, OutputGradients.of(scores));

      for (int k = 0; k < scores.length; k++) {
        assertThat(together.get(k).toFloatArray())
            .containsExactly(gradient(model, manager, image(8), scores[k]));
      }
    }
  }

  @Test
  void inputGradients_frozenAndTrainableWeights_keepTheirFlagsAndTheSameAnswer() {
    try (Model own = model();
        ExplainableModel model = ExplainableModel.of(own);
        NDManager manager = model.newManager()) {
      float[] outputGradient = {1, 0, 0};
      float[] expected = gradient(model, manager, image(9), outputGradient);
      own.getBlock().getParameters().valueAt(0).getArray().setRequiresGradient(false);
      boolean[] flags = TestBlocks.flags(own);
      assertThat(flags).contains(true).contains(false);

      assertThat(gradient(model, manager, image(9), outputGradient)).containsExactly(expected);
      assertThat(TestBlocks.flags(own)).containsExactly(flags);

      assertThatExceptionOfType(XAIException.class)
          .isThrownBy(
              () ->
                  model.inputGradients(
                      manager.ones(new Shape(1, 5, 12, 10)), OutputGradients.sum()));
      assertThat(TestBlocks.flags(own)).containsExactly(flags);
    }
  }

  @Test
  void inputGradients_trainableWeights_collectNothing() {
    try (Model own = model();
        ExplainableModel model = ExplainableModel.of(own);
        NDManager manager = model.newManager()) {
      gradient(model, manager, image(10), new float[] {1, 0, 0});

      for (Parameter parameter : own.getBlock().getParameters().values()) {
        if (parameter.getArray().hasGradient()) {
          assertThat(parameter.getArray().getGradient().toFloatArray()).containsOnly(0);
        }
      }
    }
  }

  @Test
  void forward_ofTheUser_isTheSameBeforeAndAfter() {
    try (Model own = model();
        ExplainableModel model = ExplainableModel.of(own);
        NDManager manager = model.newManager()) {
      float[] before = forward(own, manager, false);
      gradient(model, manager, image(11), new float[] {1, 0, 0});
      assertThat(forward(own, manager, false)).containsExactly(before);
      // Half of the features are dropped in training, so this could not agree by chance.
      assertThat(forward(own, manager, true)).isNotEqualTo(before);
    }
  }

  @Test
  void inputGradients_failurePreparingAPass_holdNothingForOtherModels() throws Exception {
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try (Model cleared = model();
        Model own = model();
        ExplainableModel broken = ExplainableModel.of(cleared);
        ExplainableModel model = ExplainableModel.of(own);
        NDManager manager = model.newManager()) {
      float[] outputGradient = {1, 0, 0};
      float[] expected = gradient(model, manager, image(12), outputGradient);
      cleared.getBlock().clear();

      assertThatExceptionOfType(UninitializedParameterException.class)
          .isThrownBy(() -> gradient(broken, manager, image(12), outputGradient));

      Future<float[]> elsewhere =
          thread.submit(
              () -> {
                try (NDManager other = model.newManager()) {
                  return gradient(model, other, image(12), outputGradient);
                }
              });
      assertThat(elsewhere.get(30, TimeUnit.SECONDS)).containsExactly(expected);
    } finally {
      thread.shutdownNow();
    }
  }

  @Test
  void inputGradients_maxPoolingAndSigmoid_matchDifferences() {
    Shape shape = new Shape(1, 2, 6, 4);
    Block block =
        new SequentialBlock()
            .add(Pool.maxPool2dBlock(new Shape(2, 2), new Shape(2, 2)))
            .add(Activation.sigmoidBlock())
            .add(Blocks.batchFlattenBlock())
            .add(Linear.builder().setUnits(2).build());
    try (Model own = Model.newInstance("pooled", "PyTorch")) {
      own.setBlock(block);
      block.initialize(own.getNDManager(), DataType.FLOAT32, shape);
      try (ExplainableModel model = ExplainableModel.of(own);
          NDManager manager = model.newManager()) {
        float[] image = new float[48];
        for (int i = 0; i < 48; i++) {
          image[i] = (i * 29 % 48) / 24f - 1;
        }
        int[] positions = new int[48];
        Arrays.setAll(positions, i -> i);
        float[] outputGradient = {1, -2};

        float[] actual =
            model
                .inputGradients(
                    manager.create(FloatBuffer.wrap(image), shape),
                    OutputGradients.constant(outputGradient))
                .head()
                .toFloatArray();

        // Neighbours differ by 1/24 or more, so this step changes no maximum.
        float[] expected =
            Differences.gradient(model, shape, image, outputGradient, positions, 1e-2f);
        Maps.assertClose("gradient", actual, expected, 2e-3 * Maps.maxAbs(actual));
      }
    }
  }

  @Test
  void inputGradients_numbersInTheGraph_surviveGarbageCollection() {
    Block block =
        new SequentialBlock()
            .addSingleton(x -> x.mul(3).add(1).div(0.25f))
            .addSingleton(BlockModelIT::collectGarbage)
            .add(Blocks.batchFlattenBlock());
    Shape shape = new Shape(1, 4);
    try (Model own = TestBlocks.model("scaled", block, shape);
        ExplainableModel model = ExplainableModel.of(own);
        NDManager manager = model.newManager()) {
      OutputGradient scores = OutputGradients.constant(1, 0, -1, 2);

      float[] gradient = model.inputGradients(manager.ones(shape), scores).head().toFloatArray();

      assertThat(gradient).containsExactly(12, 0, -12, 24);
    }
  }

  /** Gives the memory of numbers that nothing holds to somebody else. */
  private static NDArray collectGarbage(NDArray x) {
    for (int i = 0; i < 5; i++) {
      System.gc();
      for (int k = 0; k < 1000; k++) {
        ByteBuffer.allocateDirect(4).putInt(0, -1);
      }
    }
    return x;
  }

  @Test
  void of_blockThatIsNotInitialised_saysSo() {
    try (Model own = Model.newInstance("raw", "PyTorch")) {
      own.setBlock(network());
      assertThatIllegalArgumentException()
          .isThrownBy(() -> ExplainableModel.of(own))
          .withMessageContaining("'raw' is not initialised");
    }
  }

  private static Model model() {
    return TestBlocks.model("net", network(), SHAPE);
  }

  private static Block network() {
    return new SequentialBlock()
        .add(
            Conv2d.builder()
                .setKernelShape(new Shape(3, 3))
                .optPadding(new Shape(1, 1))
                .setFilters(4)
                .build())
        .add(BatchNorm.builder().build())
        .add(Activation.reluBlock())
        .add(Pool.avgPool2dBlock(new Shape(2, 2), new Shape(2, 2)))
        .add(Dropout.builder().optRate(0.5f).build())
        .add(Blocks.batchFlattenBlock())
        .add(Linear.builder().setUnits(3).build());
  }

  private static float[] image(long seed) {
    return TestBlocks.image(SHAPE, seed);
  }

  private static float[] gradient(
      ExplainableModel model, NDManager manager, float[] image, float[] outputGradient) {
    NDArray batch = manager.create(FloatBuffer.wrap(image), SHAPE);
    return model
        .inputGradients(batch, OutputGradients.constant(outputGradient))
        .singletonOrThrow()
        .toFloatArray();
  }

  private static float[] forward(Model own, NDManager manager, boolean training) {
    NDArray batch = manager.create(FloatBuffer.wrap(image(11)), SHAPE);
    return own.getBlock()
        .forward(new ParameterStore(manager, false), new NDList(batch), training)
        .singletonOrThrow()
        .toFloatArray();
  }
}
