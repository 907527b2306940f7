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
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.pooling.Pool;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.aucmedi.xai.ChannelReduction;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.methods.Explained;
import org.aucmedi.xai.methods.cam.GradCam;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.testkit.Golden;
import org.aucmedi.xai.testkit.LinearModel;
import org.aucmedi.xai.testkit.Maps;
import org.junit.jupiter.api.Test;

final class SaliencyMapIT {

  /** Two classes over two channels of 1 x 3 pixels, channels first. */
  private static final float[][] WEIGHTS = {{1, -5, 0, 2, 3, -4}, {0, 1, 1, 0, -1, 1}};

  private static final Shape IMAGE = new Shape(1, 2, 1, 3);

  @Test
  void computeHeatmap_goldenNet_equalsThePublishedVectors() {
    float[] raw = {
      0, .00781f, .00781f, .00781f, .01562f, -.01562f, -.00781f, -.01562f, -.01562f, .03124f,
      .03124f, .02343f, .01562f, .02343f, .02343f, .01562f
    };
    float[] first = {
      .33333f, .5f, .5f, .5f, .66667f, 0, .16667f, 0, 0, 1, 1, .83333f, .66667f, .83333f, .83333f,
      .66667f
    };
    float[] second = new float[16];
    for (int i = 0; i < 16; i++) {
      second[i] = 1 - first[i];
    }
    try (Model net = goldenNet();
        ExplainableModel model = ExplainableModel.of(net);
        NDManager manager = model.newManager()) {
      NDArray image = manager.create(FloatBuffer.wrap(goldenImage()), new Shape(1, 1, 4, 4));
      SaliencyMap method = SaliencyMap.builder().build(net);

      assertThat(method.computeHeatmap(image, 0).getShape()).isEqualTo(new Shape(4, 4));
      Maps.assertClose(
          "raw", method.explainRaw(image, Target.ofClass(0)).get(0).get(0).values(), raw, 1e-5);
      // The published vectors were computed with eps 1e-8, which the range of 0.047 does not feel.
      Maps.assertClose("c0", method.computeHeatmap(image, 0).toFloatArray(), first, 1e-4);
      Maps.assertClose("c1", method.computeHeatmap(image, 1).toFloatArray(), second, 1e-4);
    }
  }

  @Test
  void constructor_djlModel_methodsShareOneExplainableModelThatClosesWithIt() {
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        Model other = goldenNet()) {
      Model net = goldenNet();
      NDArray image = manager.create(FloatBuffer.wrap(goldenImage()), new Shape(1, 1, 4, 4));
      SaliencyMap method = SaliencyMap.builder().build(net);
      for (int i = 0; i < 40; i++) {
        assertThat(SaliencyMap.builder().build(net).model()).isSameAs(method.model());
      }
      assertThat(GradCam.builder().build(net).model()).isSameAs(method.model());
      assertThat(SaliencyMap.builder().build(other).model()).isNotSameAs(method.model());
      method.computeHeatmap(image, 0);
      net.close();
      assertThatExceptionOfType(IllegalStateException.class)
          .isThrownBy(() -> method.computeHeatmap(image, 0))
          .withMessageContaining("closed");
      SaliencyMap.builder().build(other).computeHeatmap(image, 0);
    }
  }

  @Test
  void constructor_djlTorchScript_methodsShareItsPrivateCopy() throws Exception {
    Golden.Array x = Golden.array("resmini_aucmedi.npz", "x").first(1).channelsFirst();
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      Model net = Model.newInstance("resmini_scripted", "PyTorch");
      net.load(Golden.file("models/resmini_scripted.pt").getParent());
      NDArray image =
          manager.create(
              FloatBuffer.wrap(x.data()),
              new Shape(Arrays.stream(x.shape()).asLongStream().toArray()));
      GradCam method = GradCam.builder().build(net);
      float[] expected = method.computeHeatmap(image, 0).toFloatArray();
      for (int i = 0; i < 3; i++) {
        assertThat(GradCam.builder().build(net).model()).isSameAs(method.model());
        assertThat(GradCam.builder().build(net).computeHeatmap(image, 0).toFloatArray())
            .containsExactly(expected);
      }
      net.close();
      assertThatExceptionOfType(IllegalStateException.class)
          .isThrownBy(() -> method.computeHeatmap(image, 0))
          .withMessageContaining("closed");
    }
  }

  @Test
  void computeHeatmap_toyNetOfCaptum_equalsItsSaliency() {
    try (Model net = toyNet();
        ExplainableModel model = ExplainableModel.of(net);
        NDManager manager = model.newManager()) {
      float[] x = new float[16];
      for (int i = 0; i < 16; i++) {
        x[i] = i;
      }
      NDArray image = manager.create(FloatBuffer.wrap(x), new Shape(1, 1, 4, 4));

      assertThat(model.predict(image).toFloatArray()).containsExactly(54);
      assertThat(
              SaliencyMap.builder()
                  .build(model)
                  .explainRaw(image, Target.ofClass(0))
                  .get(0)
                  .get(0)
                  .values())
          .containsExactly(0, 1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 0);
    }
  }

  @Test
  void explainRaw_signed_isTheLargestChannel() {
    assertThat(raw(ChannelReduction.MAX, Target.ofClass(0))).containsExactly(2, 3, 0);
  }

  @Test
  void explainRaw_absolute_isTheLargestMagnitude() {
    assertThat(raw(ChannelReduction.ABS_MAX, Target.ofClass(0))).containsExactly(2, 5, 4);
  }

  @Test
  void explainRaw_contrast_isTheDifferenceOfGradients() {
    assertThat(raw(ChannelReduction.MAX, Target.contrast(0, 1))).containsExactly(2, 4, -1);
  }

  @Test
  void explain_axisOfSizeOne_staysAndClassesAreMaps() {
    try (LinearModel model = linear();
        NDManager manager = model.newManager()) {
      List<List<Heatmap>> maps =
          SaliencyMap.builder()
              .build(model)
              .explain(manager.ones(new Shape(2, 2, 1, 3)), Target.all(), 0);

      assertThat(maps).hasSize(2).allSatisfy(image -> assertThat(image).hasSize(2));
      assertThat(maps.get(1).get(1).shape()).containsExactly(1, 3);
      Maps.assertClose(
          "maps",
          Explained.values(maps),
          new float[] {2 / 3f, 1, 0, 0, 1, 1, 2 / 3f, 1, 0, 0, 1, 1},
          1e-6);
    }
  }

  @Test
  void computeHeatmap_channelsLastAndVolumes_useTheRightAxis() {
    // One class over 2 x 1 x 2 voxels of 2 channels, channels last.
    float[][] weights = {{1, 2, -1, -3, 0, 5, 7, 4}};
    try (LinearModel model = new LinearModel(weights, ChannelLayout.CHANNELS_LAST, "PyTorch");
        NDManager manager = model.newManager()) {
      Heatmap map =
          Explained.only(
              SaliencyMap.builder()
                  .build(model)
                  .explainRaw(manager.ones(new Shape(1, 2, 1, 2, 2)), Target.ofClass(0)));

      assertThat(map.shape()).containsExactly(2, 1, 2);
      assertThat(map.values()).containsExactly(2, -1, 5, 7);
    }
  }

  @Test
  void computeHeatmap_constantGradient_givesZeros() {
    try (LinearModel model =
            new LinearModel(
                new float[][] {{3, 3, 3, 3, 3, 3}}, ChannelLayout.CHANNELS_FIRST, "PyTorch");
        NDManager manager = model.newManager()) {
      assertThat(
              SaliencyMap.builder()
                  .build(model)
                  .computeHeatmap(manager.ones(IMAGE), 0)
                  .toFloatArray())
          .containsExactly(0, 0, 0);
    }
  }

  @Test
  void computeHeatmap_gradientNotFinite_fails() {
    try (LinearModel model =
            new LinearModel(
                new float[][] {{1, 2, Float.NaN, 0, 0, Float.NaN}},
                ChannelLayout.CHANNELS_FIRST,
                "PyTorch");
        NDManager manager = model.newManager()) {
      assertThatExceptionOfType(XAIException.class)
          .isThrownBy(
              () -> SaliencyMap.builder().build(model).computeHeatmap(manager.ones(IMAGE), 0))
          .withMessageContaining("not finite");
    }
  }

  @Test
  void computeHeatmap_layerName_isIgnored() {
    try (LinearModel model = linear();
        NDManager manager = model.newManager()) {
      NDArray image = manager.ones(IMAGE);
      SaliencyMap named = SaliencyMap.builder().optLayer("no such layer").build(model);

      assertThat(named.layerName()).isEqualTo("no such layer");
      assertThat(named.computeHeatmap(image, 1).toFloatArray())
          .containsExactly(
              SaliencyMap.builder().build(model).computeHeatmap(image, 1).toFloatArray());
    }
  }

  @Test
  void explain_batch_equalsSingleForms() {
    try (Model net = goldenNet();
        ExplainableModel model = ExplainableModel.of(net);
        NDManager manager = model.newManager()) {
      float[] pair = new float[32];
      for (int i = 0; i < 16; i++) {
        pair[i] = goldenImage()[i];
        pair[16 + i] = -goldenImage()[i] / 2;
      }
      NDArray batch = manager.create(FloatBuffer.wrap(pair), new Shape(2, 1, 4, 4));
      SaliencyMap method = SaliencyMap.builder().build(model);

      float[] maps = Explained.values(method.explain(batch, Target.all()));

      for (int n = 0; n < 2; n++) {
        for (int c = 0; c < 2; c++) {
          float[] single = method.computeHeatmap(batch.get(n + ":" + (n + 1)), c).toFloatArray();
          int from = (n * 2 + c) * 16;
          Maps.assertClose(n + "/" + c, Arrays.copyOfRange(maps, from, from + 16), single, 1e-5);
        }
      }
    }
  }

  @Test
  void computeHeatmap_badArguments_areNamed() {
    try (LinearModel model = linear();
        NDManager manager = model.newManager()) {
      SaliencyMap method = SaliencyMap.builder().build(model);
      NDArray image = manager.ones(IMAGE);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> method.computeHeatmap(image, 2))
          .withMessageContaining("class index 2");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> method.computeHeatmap(image, 0, -1))
          .withMessageContaining("-1");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> method.computeHeatmap(manager.ones(new Shape(2, 3)), 0))
          .withMessageContaining("(2, 3)");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> method.computeHeatmap(manager.ones(new Shape(2, 2, 1, 3)), 0))
          .withMessageContaining("use explain for larger batches");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> method.computeHeatmap(image.toType(DataType.FLOAT64, true), 0))
          .withMessageContaining("float64");
    }
  }

  @Test
  void registry_everyKeyOfAucmedi_constructsIt() {
    XAIMethodRegistry registry = new XAIMethodRegistry();
    try (LinearModel model = linear()) {
      for (String key : List.of("saliency", "SaliencyMap", "sm", "SM")) {
        assertThat(registry.create(key, model, null)).isInstanceOf(SaliencyMap.class);
      }
    }
  }

  @Test
  void explain_usersOneMethodSubclass_worksInEveryForm() {
    try (LinearModel model = linear();
        NDManager manager = model.newManager()) {
      XAIMethodBase brightness =
          new XAIMethodBase(model, null) {
            @Override
            public NDArray computeHeatmap(NDArray image, int classIndex, float eps) {
              return image.get(0).mean(new int[] {0}).add(classIndex);
            }
          };
      float[] values = {1, 2, 3, 3, 4, 5, 0, 0, 0, 2, 2, 2};
      NDArray batch = manager.create(FloatBuffer.wrap(values), new Shape(2, 2, 1, 3));

      List<List<Heatmap>> maps = brightness.explain(batch, Target.all(), 0);

      assertThat(maps).hasSize(2).allSatisfy(image -> assertThat(image).hasSize(2));
      assertThat(maps.get(1).get(1).shape()).containsExactly(1, 3);
      assertThat(Explained.values(maps)).containsExactly(2, 3, 4, 3, 4, 5, 1, 1, 1, 2, 2, 2);
      assertThat(Explained.values(brightness.explainRaw(batch, Target.perImage(0, 1))))
          .containsExactly(2, 3, 4, 2, 2, 2);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> brightness.explain(batch, Target.contrast(0, 1), 0))
          .withMessageContaining("can only explain classes, not '0vs1'");
    }
  }

  private static float[] raw(ChannelReduction reduction, Target target) {
    try (LinearModel model = linear();
        NDManager manager = model.newManager()) {
      SaliencyMap method = SaliencyMap.builder().opt(SaliencyMap.CHANNELS, reduction).build(model);
      return Explained.values(method.explainRaw(manager.ones(IMAGE), target));
    }
  }

  private static LinearModel linear() {
    return new LinearModel(WEIGHTS, ChannelLayout.CHANNELS_FIRST, "PyTorch");
  }

  private static float[] goldenImage() {
    float[] x = new float[16];
    for (int i = 0; i < 16; i++) {
      x[i] = i / 8f - 1;
    }
    return x;
  }

  /** Conv of an identity and a Laplacian, ReLU, global average, dense, softmax. */
  private static Model goldenNet() {
    Block block =
        new SequentialBlock()
            .add(convolution(1))
            .add(Activation.reluBlock())
            .add(Pool.globalAvgPool2dBlock())
            .add(Linear.builder().setUnits(2).build())
            .add(new LambdaBlock(x -> new NDList(x.singletonOrThrow().softmax(1)), "softmax"));
    return model(
        block,
        new float[] {0, 0, 0, 0, 1, 0, 0, 0, 0, 0, -1, 0, -1, 4, -1, 0, -1, 0},
        new float[] {0, .5f},
        new float[] {1, .5f, -1, 1},
        new float[] {0, .1f});
  }

  private static Model toyNet() {
    Block block =
        new SequentialBlock()
            .add(convolution(0))
            .add(Activation.reluBlock())
            .add(Blocks.batchFlattenBlock())
            .add(Linear.builder().setUnits(1).build())
            .add(Activation.reluBlock());
    float[] ones = new float[18];
    Arrays.fill(ones, 1);
    return model(
        block,
        ones,
        new float[] {-50, -75},
        new float[] {1, 1, 1, 1, 1, -1, -1, -1},
        new float[] {0});
  }

  private static Block convolution(int padding) {
    return Conv2d.builder()
        .setKernelShape(new Shape(3, 3))
        .optPadding(new Shape(padding, padding))
        .setFilters(2)
        .build();
  }

  private static Model model(Block block, float[]... weights) {
    Model model = Model.newInstance("net", "PyTorch");
    model.setBlock(block);
    block.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 1, 4, 4));
    Iterator<Parameter> parameters = block.getParameters().values().iterator();
    for (float[] values : weights) {
      parameters.next().getArray().set(FloatBuffer.wrap(values));
    }
    return model;
  }
}
