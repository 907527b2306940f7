package org.aucmedi.xai.methods.gradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Blocks;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv3d;
import ai.djl.nn.core.Linear;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.aucmedi.xai.ChannelReduction;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.MethodBuilder;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.methods.Explained;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.MissingCapabilityException;
import org.aucmedi.xai.testkit.LinearModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Saliency maps through real networks of every layout and rank, and what they do to arrays. */
final class SaliencyMapModelsIT {

  @Test
  void explainRaw_volume_isTheClosedForm() {
    // A 1 x 1 x 1 convolution by 2, then a dense layer: the gradient is twice the dense weights.
    float[] dense = new float[24];
    float[] expected = new float[12];
    for (int i = 0; i < 12; i++) {
      dense[i] = i % 5 - 2;
      dense[12 + i] = i;
      expected[i] = 2 * dense[i];
    }
    Conv3d doubling =
        Conv3d.builder().setKernelShape(new Shape(1, 1, 1)).setFilters(1).optBias(false).build();
    SequentialBlock block =
        new SequentialBlock()
            .add(doubling)
            .add(Blocks.batchFlattenBlock())
            .add(Linear.builder().setUnits(2).build());
    Shape shape = new Shape(1, 1, 2, 3, 2);
    try (Model net = model(block, shape, new float[] {2}, dense, new float[] {0, 0});
        ExplainableModel model = ExplainableModel.of(net);
        NDManager manager = model.newManager()) {
      Heatmap map =
          Explained.only(
              SaliencyMap.builder()
                  .build(model)
                  .explainRaw(manager.ones(shape), Target.ofClass(0)));

      assertThat(map.shape()).containsExactly(2, 3, 2);
      assertThat(map.values()).containsExactly(expected);
    }
  }

  @Test
  void explainRaw_channelsLastBlock_equalsItsChannelsFirstTwin() {
    // One image of 2 x 3 pixels and 2 channels; the dense weights are in channels-first order.
    float[] dense = {1, -2, 3, -4, 5, -6, 6, 5, -4, 3, -2, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0};
    float[] bias = {0, 0};
    Shape first = new Shape(1, 2, 2, 3);
    Shape last = new Shape(1, 2, 3, 2);
    try (Model net = model(dense(), first, dense, bias);
        Model twin =
            model(
                new SequentialBlock()
                    .add(
                        new LambdaBlock(
                            x -> new NDList(x.singletonOrThrow().transpose(0, 3, 1, 2)), "move"))
                    .addAll(dense().getChildren().values()),
                last,
                dense,
                bias);
        ExplainableModel model = ExplainableModel.of(net);
        ExplainableModel moved =
            ExplainableModel.of(
                twin, LoadOptions.builder().optLayout(ChannelLayout.CHANNELS_LAST).build());
        NDManager manager = model.newManager()) {
      assertThat(moved.channelLayout()).isEqualTo(ChannelLayout.CHANNELS_LAST);
      for (ChannelReduction reduction : ChannelReduction.values()) {
        MethodBuilder<SaliencyMap> builder =
            SaliencyMap.builder().opt(SaliencyMap.CHANNELS, reduction);
        Target target = Target.ofClass(0);
        Heatmap map = Explained.only(builder.build(moved).explainRaw(manager.ones(last), target));

        assertThat(map.shape()).containsExactly(2, 3);
        assertThat(map.values())
            .containsExactly(
                Explained.values(builder.build(model).explainRaw(manager.ones(first), target)));
      }
      assertThat(
              Explained.values(
                  SaliencyMap.builder()
                      .build(moved)
                      .explainRaw(manager.ones(last), Target.ofClass(0))))
          .containsExactly(6, 5, 3, 3, 5, 1);
    }
  }

  @Test
  void computeHeatmap_denseLayerOfEqualWeights_givesZeros() {
    float[] dense = new float[24];
    Arrays.fill(dense, 0.3f);
    Shape shape = new Shape(1, 2, 2, 3);
    try (Model net = model(dense(), shape, dense, new float[] {0, 1});
        ExplainableModel model = ExplainableModel.of(net);
        NDManager manager = model.newManager()) {
      NDArray image = manager.ones(shape);
      assertThat(SaliencyMap.builder().build(model).computeHeatmap(image, 1).toFloatArray())
          .containsOnly(0);
      assertThat(
              SaliencyMap.builder()
                  .build(model)
                  .explainRaw(image, Target.ofClass(1))
                  .get(0)
                  .get(0)
                  .values())
          .containsOnly(0.3f);
    }
  }

  @Test
  void everyForm_linearModel_agreesBitwise() {
    float[][] weights = {{1, -5, 0, 2, 3, -4}, {0, 1, 1, 0, -1, 1}, {7, 1, 3, 2, 9, 8}};
    try (LinearModel model = new LinearModel(weights, ChannelLayout.CHANNELS_FIRST, "PyTorch");
        NDManager manager = model.newManager()) {
      NDArray batch = manager.ones(new Shape(4, 2, 1, 3));
      SaliencyMap method = SaliencyMap.builder().build(model);
      List<List<Heatmap>> maps = method.explain(batch, Target.all(), 1e-8f);
      List<List<Heatmap>> raw = method.explainRaw(batch, Target.all());
      for (int n = 0; n < 4; n++) {
        NDArray image = batch.get(n + ":" + (n + 1));
        for (int c = 0; c < 3; c++) {
          assertThat(method.computeHeatmap(image, c).toFloatArray())
              .containsExactly(maps.get(n).get(c).values());
          assertThat(method.explainRaw(image, Target.ofClass(c)).get(0).get(0).values())
              .containsExactly(raw.get(n).get(c).values());
        }
      }
    }
  }

  @Test
  void results_ofEveryForm_belongToTheBatchOrTheHeapAndNothingElseStays() {
    Shape shape = new Shape(1, 2, 2, 3);
    float[] dense = new float[24];
    for (int i = 0; i < 24; i++) {
      dense[i] = i;
    }
    try (Model net = model(dense(), shape, dense, new float[] {0, 0});
        ExplainableModel model = ExplainableModel.of(net);
        NDManager manager = model.newManager()) {
      NDArray image = manager.ones(shape);
      SaliencyMap method = SaliencyMap.builder().build(model);
      int before = manager.getManagedArrays().size();
      int atModel = net.getNDManager().getManagedArrays().size();
      for (int i = 0; i < 50; i++) {
        try (NDArray map = method.computeHeatmap(image, 0)) {
          assertThat(map.getManager()).isSameAs(manager);
          assertThat(map.getDataType()).isEqualTo(DataType.FLOAT32);
        }
        method.explain(image, Target.all(), 0);
        method.explainRaw(image, Target.contrast(0, 1));
        method.attributions(image, Target.argmax());
      }
      assertThat(manager.getManagedArrays()).hasSize(before);
      assertThat(net.getNDManager().getManagedArrays()).hasSize(atModel);
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {-1e-9f, Float.NaN, Float.POSITIVE_INFINITY})
  void everyForm_badEps_isNamed(float eps) {
    try (LinearModel model =
            new LinearModel(new float[][] {{1, 2}}, ChannelLayout.CHANNELS_FIRST, "PyTorch");
        NDManager manager = model.newManager()) {
      SaliencyMap method = SaliencyMap.builder().build(model);
      NDArray image = manager.ones(new Shape(1, 1, 1, 2));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> method.computeHeatmap(image, 0, eps))
          .withMessageEndingWith("got " + eps);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> method.explain(image, Target.all(), eps))
          .withMessageEndingWith("got " + eps);
    }
  }

  @Test
  void explain_badBatchOrTarget_isNamed() {
    try (LinearModel model =
            new LinearModel(
                new float[][] {{1, 2}, {3, 4}}, ChannelLayout.CHANNELS_FIRST, "PyTorch");
        NDManager manager = model.newManager()) {
      SaliencyMap method = SaliencyMap.builder().build(model);
      NDArray batch = manager.ones(new Shape(2, 1, 1, 2));
      for (Shape shape :
          List.of(new Shape(1, 2), new Shape(1, 1, 1, 1, 1, 2), new Shape(0, 1, 1, 2))) {
        assertThatIllegalArgumentException()
            .isThrownBy(() -> method.explainRaw(manager.create(shape), Target.all()))
            .withMessageContaining(shape.toString());
      }
      assertThatIllegalArgumentException()
          .isThrownBy(() -> method.explainRaw(batch, Target.ofClasses(1, -3)))
          .withMessageContaining("class index -3")
          .withMessageContaining("0 to 1");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> method.explainRaw(batch, Target.perImage(0)))
          .withMessageContaining("1 images, the batch has 2");
    }
  }

  @Test
  void everyForm_modelWithoutGradients_namesWhatIsMissing() {
    try (ExplainableModel model = new PredictionOnly();
        NDManager manager = model.newManager()) {
      XAIMethodBase method = SaliencyMap.builder().build(model);
      NDArray image = manager.ones(new Shape(1, 1, 1, 2));
      assertThatExceptionOfType(MissingCapabilityException.class)
          .isThrownBy(() -> method.computeHeatmap(image, 0))
          .withMessageStartingWith(
              "a black box does not provide input gradients; it provides: predictions")
          .satisfies(e -> assertThat(e.capability()).isEqualTo(Capability.INPUT_GRADIENTS));
      assertThatExceptionOfType(MissingCapabilityException.class)
          .isThrownBy(() -> method.explainRaw(image, Target.all()));
    }
  }

  private static SequentialBlock dense() {
    return new SequentialBlock()
        .add(Blocks.batchFlattenBlock())
        .add(Linear.builder().setUnits(2).build());
  }

  private static Model model(SequentialBlock block, Shape shape, float[]... weights) {
    Model model = Model.newInstance("net", "PyTorch");
    model.setBlock(block);
    block.initialize(model.getNDManager(), DataType.FLOAT32, shape);
    for (int i = 0; i < weights.length; i++) {
      block.getParameters().valueAt(i).getArray().set(FloatBuffer.wrap(weights[i]));
    }
    return model;
  }

  /** A model of an engine without autograd. */
  private static final class PredictionOnly implements ExplainableModel {

    @Override
    public String engineName() {
      return "PyTorch";
    }

    @Override
    public ChannelLayout channelLayout() {
      return ChannelLayout.CHANNELS_FIRST;
    }

    @Override
    public Set<Capability> capabilities() {
      return Set.of(Capability.PREDICTION);
    }

    @Override
    public NDManager newManager() {
      return NDManager.newBaseManager("PyTorch");
    }

    @Override
    public NDArray predict(NDArray batch) {
      return batch.getManager().ones(new Shape(batch.getShape().get(0), 2));
    }

    @Override
    public void close() {}

    @Override
    public String toString() {
      return "a black box";
    }
  }
}
