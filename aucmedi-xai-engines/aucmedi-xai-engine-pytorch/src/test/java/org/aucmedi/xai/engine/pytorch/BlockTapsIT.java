package org.aucmedi.xai.engine.pytorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.function.UnaryOperator;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LayerKind;
import org.aucmedi.xai.model.OutputGradient;
import org.aucmedi.xai.model.ReluRule;
import org.aucmedi.xai.model.TapBlock;
import org.aucmedi.xai.testkit.OutputGradients;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Composites with code of their own, and the trees around them. */
final class BlockTapsIT {

  private static final Shape SHAPE = new Shape(1, 4, 5, 4);
  private static final OutputGradient SCORES = OutputGradients.constant(1, -1, 0.5f);

  /** Computes {@code relu(norm(conv(x)))} twice over, with the same parts. */
  private static final class Unit extends AbstractBlock {

    private final Block conv;
    private final Block relu;

    Unit(UnaryOperator<Block> wrapper) {
      conv =
          addChildBlock(
              "conv",
              wrapper.apply(
                  new SequentialBlock()
                      .add(
                          Conv2d.builder()
                              .setKernelShape(new Shape(3, 3))
                              .optPadding(new Shape(1, 1))
                              .setFilters(4)
                              .build())
                      .add(BatchNorm.builder().build())));
      relu = addChildBlock("relu", wrapper.apply(Activation.reluBlock()));
    }

    @Override
    protected NDList forwardInternal(
        ParameterStore parameterStore,
        NDList inputs,
        boolean training,
        @Nullable PairList<String, Object> params) {
      NDList x = inputs;
      for (int i = 0; i < 2; i++) {
        x = relu.forward(parameterStore, conv.forward(parameterStore, x, training), training);
      }
      return x;
    }

    @Override
    protected void initializeChildBlocks(NDManager manager, DataType type, Shape... shapes) {
      conv.initialize(manager, type, shapes);
      relu.initialize(manager, type, shapes);
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
      return inputShapes;
    }
  }

  private static Block around(Block unit) {
    return new SequentialBlock()
        .add(unit)
        .add(Blocks.batchFlattenBlock())
        .add(Linear.builder().setUnits(3).build());
  }

  /** The same network without code of its own: one instance of each part, in two places. */
  private static Block unrolled() {
    SequentialBlock parts = (SequentialBlock) new Unit(block -> block).conv;
    Block relu = Activation.reluBlock();
    return around(new SequentialBlock().add(parts).add(relu).add(parts).add(relu));
  }

  @Test
  void layers_tappedParts_areLayersWhereTheyRunLast() {
    try (Model own = TestBlocks.model("tapped", around(new Unit(TapBlock::new)), SHAPE);
        ExplainableModel model = ExplainableModel.of(own)) {
      assertThat(model.layers())
          .containsExactly(
              new Layer("01Unit/01conv/01Conv2d", LayerKind.CONV, SHAPE),
              new Layer("01Unit/01conv/02BatchNorm", LayerKind.NORM, SHAPE),
              new Layer("01Unit/01conv", LayerKind.OTHER, SHAPE),
              new Layer("01Unit/02relu", LayerKind.ACTIVATION, SHAPE),
              new Layer("01Unit", LayerKind.OTHER, SHAPE),
              new Layer("02LambdaBlock", LayerKind.OTHER, new Shape(1, 80)),
              new Layer("03Linear", LayerKind.DENSE, new Shape(1, 3)));
    }
  }

  @Test
  void passes_tappedParts_equalThoseOfTheUnrolledNetwork() {
    try (Model own = TestBlocks.model("tapped", around(new Unit(TapBlock::new)), SHAPE);
        Model other = TestBlocks.model("unrolled", unrolled(), SHAPE);
        ExplainableModel model = ExplainableModel.of(own);
        ExplainableModel twin = ExplainableModel.of(other);
        NDManager manager = model.newManager()) {
      copyParameters(own, other);
      NDArray batch = batch(manager, 1);

      for (ReluRule rule : ReluRule.values()) {
        var found = model.guidedGradients(batch, SCORES, rule);
        var expected = twin.guidedGradients(batch, SCORES, rule);
        assertThat(found.relus()).isEqualTo(expected.relus()).isEqualTo(2);
        assertThat(found.gradients().head().toFloatArray())
            .containsExactly(expected.gradients().head().toFloatArray())
            .isNotEqualTo(model.inputGradients(batch, SCORES).head().toFloatArray());
      }
      assertSameLayer(
          model,
          "01Unit/01conv/01Conv2d",
          twin,
          "01SequentialBlock/03SequentialBlock/01Conv2d",
          batch);
      assertSameLayer(model, "01Unit/02relu", twin, "01SequentialBlock/04LambdaBlock", batch);
      assertSameLayer(model, "01Unit", twin, "01SequentialBlock", batch);
      // An instance in two places is two layers.
      assertThat(twin.layerActivations(batch, "01SequentialBlock/01SequentialBlock").toFloatArray())
          .isNotEqualTo(
              twin.layerActivations(batch, "01SequentialBlock/03SequentialBlock").toFloatArray());
    }
  }

  private static void assertSameLayer(
      ExplainableModel model, String name, ExplainableModel twin, String twinName, NDArray batch) {
    var found = model.layerGradients(batch, SCORES, name);
    var expected = twin.layerGradients(batch, SCORES, twinName);
    assertThat(found.activations().toFloatArray())
        .containsExactly(expected.activations().toFloatArray());
    assertThat(found.gradients().head().toFloatArray())
        .containsExactly(expected.gradients().head().toFloatArray());
    assertThat(model.layerActivations(batch, name).toFloatArray())
        .containsExactly(expected.activations().toFloatArray());
  }

  @Test
  void guidedGradients_codeOfItsOwnWithoutTaps_areCountedAsPlain() {
    try (Model own = TestBlocks.model("opaque", around(new Unit(block -> block)), SHAPE);
        ExplainableModel model = ExplainableModel.of(own);
        NDManager manager = model.newManager()) {
      NDArray batch = batch(manager, 2);

      var guided = model.guidedGradients(batch, SCORES, ReluRule.GUIDED);

      assertThat(guided.relus()).isZero();
      assertThat(guided.gradients().head().toFloatArray())
          .containsExactly(model.inputGradients(batch, SCORES).head().toFloatArray());
      assertThat(model.layers().stream().map(Layer::name))
          .containsExactly("01Unit", "02LambdaBlock", "03Linear");
    }
  }

  @Test
  void parameters_withAndWithoutTaps_areTheSameInNameAndInFile() throws Exception {
    try (Model tapped = TestBlocks.model("tapped", around(new Unit(TapBlock::new)), SHAPE);
        Model plain = Model.newInstance("plain", "PyTorch")) {
      Block block = around(new Unit(part -> part));
      plain.setBlock(block);
      ByteArrayOutputStream file = new ByteArrayOutputStream();
      tapped.getBlock().saveParameters(new DataOutputStream(file));

      block.initialize(plain.getNDManager(), DataType.FLOAT32, SHAPE);
      block.loadParameters(
          plain.getNDManager(), new DataInputStream(new ByteArrayInputStream(file.toByteArray())));

      assertThat(block.getParameters().keys()).isEqualTo(tapped.getBlock().getParameters().keys());
      assertThat(TestBlocks.parameters(plain)).isDeepEqualTo(TestBlocks.parameters(tapped));
      ByteArrayOutputStream again = new ByteArrayOutputStream();
      block.saveParameters(new DataOutputStream(again));
      assertThat(again.toByteArray()).isEqualTo(file.toByteArray());
      Block fresh = around(new Unit(TapBlock::new));
      fresh.loadParameters(
          plain.getNDManager(), new DataInputStream(new ByteArrayInputStream(again.toByteArray())));
      assertThat(fresh.isInitialized()).isTrue();
    }
  }

  @Test
  void forward_ofTheUser_runsThroughTaps() {
    try (Model own = TestBlocks.model("tapped", around(new Unit(TapBlock::new)), SHAPE);
        ExplainableModel model = ExplainableModel.of(own);
        NDManager manager = model.newManager()) {
      NDArray batch = batch(manager, 3);
      float[] expected = model.predict(batch).toFloatArray();
      ParameterStore store = new ParameterStore(manager, false);

      assertThat(own.getBlock().forward(store, new NDList(batch), false).head().toFloatArray())
          .containsExactly(expected);
      assertThat(own.getBlock().forward(store, new NDList(batch), true).head().toFloatArray())
          .as("batch normalisation on the statistics of the batch")
          .isNotEqualTo(expected);
    }
  }

  @Test
  void passes_blockThatThrows_leaveEverythingAsItWas() {
    boolean[] broken = {false};
    Block block =
        new SequentialBlock()
            .add(around(new Unit(TapBlock::new)))
            .addSingleton(x -> broken[0] ? fail() : x);
    try (Model own = TestBlocks.model("broken", block, SHAPE);
        ExplainableModel model = ExplainableModel.of(own);
        NDManager manager = model.newManager()) {
      NDArray batch = batch(manager, 4);
      float[] expected =
          model.guidedGradients(batch, SCORES, ReluRule.GUIDED).gradients().head().toFloatArray();
      float[][] before = TestBlocks.parameters(own);
      boolean[] flags = TestBlocks.flags(own);
      int arrays = manager.getManagedArrays().size();

      broken[0] = true;
      assertThatExceptionOfType(IllegalStateException.class)
          .isThrownBy(() -> model.guidedGradients(batch, SCORES, ReluRule.GUIDED));
      assertThatExceptionOfType(IllegalStateException.class)
          .isThrownBy(() -> model.layerGradients(batch, SCORES, "01SequentialBlock/03Linear"));
      assertThatExceptionOfType(IllegalStateException.class)
          .isThrownBy(() -> model.layerActivations(batch, "01SequentialBlock/03Linear"));
      broken[0] = false;

      assertThat(TestBlocks.flags(own)).containsExactly(flags).contains(true);
      assertThat(TestBlocks.parameters(own)).isDeepEqualTo(before);
      assertThat(manager.getManagedArrays()).hasSize(arrays);
      try (GradientCollector free = Engine.getEngine("PyTorch").newGradientCollector()) {
        assertThat(free).isNotNull();
      }
      assertThat(
              model
                  .guidedGradients(batch, SCORES, ReluRule.GUIDED)
                  .gradients()
                  .head()
                  .toFloatArray())
          .containsExactly(expected);
    }
  }

  private static NDArray fail() {
    throw new IllegalStateException("broken block");
  }

  @Test
  void layerGradients_layerWithoutPathToTheOutput_nameTheLayer() {
    Block block =
        new SequentialBlock()
            .add(Activation.sigmoidBlock())
            .addSingleton(x -> x.stopGradient())
            .add(Blocks.batchFlattenBlock())
            .add(Linear.builder().setUnits(3).build());
    try (Model own = TestBlocks.model("cut", block, SHAPE);
        ExplainableModel model = ExplainableModel.of(own);
        NDManager manager = model.newManager()) {
      NDArray batch = batch(manager, 5);

      assertThatExceptionOfType(XAIException.class)
          .isThrownBy(() -> model.layerGradients(batch, SCORES, "01LambdaBlock"))
          .withMessageContaining("no differentiable path from layer '01LambdaBlock'");
      assertThat(model.layerGradients(batch, SCORES, "03LambdaBlock").gradients().head().size())
          .isEqualTo(80);
    }
  }

  @Test
  void passes_blocksOfSeveralOutputs_goThroughThem() {
    Block block =
        new SequentialBlock()
            .add(
                new SequentialBlock()
                    .add(Activation.reluBlock())
                    .addSingleton(x -> x.mul(2))
                    .setReturnIntermediate(true))
            .add(x -> new NDList(x.get(0).add(x.get(1))))
            .add(Blocks.batchFlattenBlock());
    try (Model own = TestBlocks.model("several", block, SHAPE);
        ExplainableModel model = ExplainableModel.of(own);
        NDManager manager = model.newManager()) {
      float[] x = TestBlocks.image(SHAPE, 6);
      NDArray batch = manager.create(FloatBuffer.wrap(x), SHAPE);
      OutputGradient scores = OutputGradients.sum();
      float[] expected = new float[80];
      for (int i = 0; i < 80; i++) {
        expected[i] = x[i] > 0 ? 3 : 0;
      }

      assertThat(model.layers(batch).stream().map(Layer::name))
          .as("what gives two arrays is no layer")
          .containsExactly(
              "01SequentialBlock/01LambdaBlock",
              "01SequentialBlock/02LambdaBlock",
              "02LambdaBlock",
              "03LambdaBlock");
      var guided = model.guidedGradients(batch, scores, ReluRule.GUIDED);
      assertThat(guided.gradients().head().toFloatArray()).containsExactly(expected);
      var ofLayer = model.layerGradients(batch, scores, "01SequentialBlock/01LambdaBlock");
      assertThat(ofLayer.gradients().head().toFloatArray()).containsOnly(3);
    }
  }

  @Test
  void layers_modelOfAnotherInputThanItWasWrittenFor_areListedWithoutShapes() {
    Block block =
        new SequentialBlock()
            .addSingleton(x -> x.reshape(2, -1))
            .add(Linear.builder().setUnits(3).build());
    try (Model own = TestBlocks.model("fixed", block, new Shape(2, 4));
        ExplainableModel model = ExplainableModel.of(own)) {
      assertThat(model.layers())
          .isEqualTo(
              List.of(
                  new Layer("01LambdaBlock", LayerKind.OTHER, null),
                  new Layer("02Linear", LayerKind.DENSE, null)));
    }
  }

  private static NDArray batch(NDManager manager, long seed) {
    return manager.create(FloatBuffer.wrap(TestBlocks.image(SHAPE, seed)), SHAPE);
  }

  private static void copyParameters(Model from, Model to) {
    // The unrolled network lists its one convolution and normalisation twice.
    List<float[]> unit = List.of(TestBlocks.parameters(from)).subList(0, 6);
    List<float[]> head = List.of(TestBlocks.parameters(from)).subList(6, 8);
    var targets = to.getBlock().getParameters().values();
    for (int i = 0; i < targets.size(); i++) {
      float[] values = i < 12 ? unit.get(i % 6) : head.get(i - 12);
      targets.get(i).getArray().set(FloatBuffer.wrap(values));
    }
  }
}
