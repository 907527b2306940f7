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
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIException;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.XAIMethodRegistry;
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
      SaliencyMap method = new SaliencyMap(net);

      assertThat(method.computeHeatmap(image, 0).getShape()).isEqualTo(new Shape(4, 4));
      Maps.assertClose("raw", method.computeRawHeatmap(image, 0).toFloatArray(), raw, 1e-5);
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
      SaliencyMap method = new SaliencyMap(net);
      for (int i = 0; i < 40; i++) {
        assertThat(new SaliencyMap(net).model()).isSameAs(method.model());
      }
      assertThat(new GradCam(net, null).model()).isSameAs(method.model());
      assertThat(new SaliencyMap(other).model()).isNotSameAs(method.model());
      method.computeHeatmap(image, 0);
      net.close();
      assertThatExceptionOfType(IllegalStateException.class)
          .isThrownBy(() -> method.computeHeatmap(image, 0))
          .withMessageContaining("closed");
      new SaliencyMap(other).computeHeatmap(image, 0);
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
      GradCam method = new GradCam(net, null);
      float[] expected = method.computeHeatmap(image, 0).toFloatArray();
      for (int i = 0; i < 3; i++) {
        assertThat(new GradCam(net, null).model()).isSameAs(method.model());
        assertThat(new GradCam(net, null).computeHeatmap(image, 0).toFloatArray())
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
      assertThat(new SaliencyMap(model).computeRawHeatmap(image, 0).toFloatArray())
          .containsExactly(0, 1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 0);
    }
  }

  @Test
  void computeRawHeatmap_signed_isTheLargestChannel() {
    assertThat(raw(ChannelReduction.SIGNED, Target.ofClass(0))).containsExactly(2, 3, 0);
  }

  @Test
  void computeRawHeatmap_absolute_isTheLargestMagnitude() {
    assertThat(raw(ChannelReduction.ABSOLUTE, Target.ofClass(0))).containsExactly(2, 5, 4);
  }

  @Test
  void computeRawHeatmaps_contrast_isTheDifferenceOfGradients() {
    assertThat(raw(ChannelReduction.SIGNED, Target.contrast(0, 1))).containsExactly(2, 4, -1);
  }

  @Test
  void computeHeatmaps_axisOfSizeOne_staysAndClassesAreMaps() {
    try (LinearModel model = linear();
        NDManager manager = model.newManager()) {
      NDArray maps =
          new SaliencyMap(model)
              .computeHeatmaps(manager.ones(new Shape(2, 2, 1, 3)), Target.all(), 0);

      assertThat(maps.getShape()).isEqualTo(new Shape(2, 2, 1, 3));
      Maps.assertClose(
          "maps",
          maps.toFloatArray(),
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
      NDArray map =
          new SaliencyMap(model).computeRawHeatmap(manager.ones(new Shape(1, 2, 1, 2, 2)), 0);

      assertThat(map.getShape()).isEqualTo(new Shape(2, 1, 2));
      assertThat(map.toFloatArray()).containsExactly(2, -1, 5, 7);
    }
  }

  @Test
  void computeHeatmap_constantGradient_givesZeros() {
    try (LinearModel model =
            new LinearModel(
                new float[][] {{3, 3, 3, 3, 3, 3}}, ChannelLayout.CHANNELS_FIRST, "PyTorch");
        NDManager manager = model.newManager()) {
      assertThat(new SaliencyMap(model).computeHeatmap(manager.ones(IMAGE), 0).toFloatArray())
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
          .isThrownBy(() -> new SaliencyMap(model).computeHeatmap(manager.ones(IMAGE), 0))
          .withMessageContaining("not finite");
    }
  }

  @Test
  void computeHeatmap_layerName_isIgnored() {
    try (LinearModel model = linear();
        NDManager manager = model.newManager()) {
      NDArray image = manager.ones(IMAGE);
      SaliencyMap named = new SaliencyMap(model, "no such layer");

      assertThat(named.layerName()).isEqualTo("no such layer");
      assertThat(named.computeHeatmap(image, 1).toFloatArray())
          .containsExactly(new SaliencyMap(model).computeHeatmap(image, 1).toFloatArray());
    }
  }

  @Test
  void computeHeatmaps_batch_equalsSingleForms() {
    try (Model net = goldenNet();
        ExplainableModel model = ExplainableModel.of(net);
        NDManager manager = model.newManager()) {
      float[] pair = new float[32];
      for (int i = 0; i < 16; i++) {
        pair[i] = goldenImage()[i];
        pair[16 + i] = -goldenImage()[i] / 2;
      }
      NDArray batch = manager.create(FloatBuffer.wrap(pair), new Shape(2, 1, 4, 4));
      SaliencyMap method = new SaliencyMap(model);

      float[] maps =
          method.computeHeatmaps(batch, Target.all(), XAIMethodBase.DEFAULT_EPS).toFloatArray();

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
      SaliencyMap method = new SaliencyMap(model);
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
          .withMessageContaining("computeHeatmaps");
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
  void computeHeatmaps_usersOneMethodSubclass_worksInEveryForm() {
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

      NDArray maps = brightness.computeHeatmaps(batch, Target.all(), 0);

      assertThat(maps.getShape()).isEqualTo(new Shape(2, 2, 1, 3));
      assertThat(maps.toFloatArray()).containsExactly(2, 3, 4, 3, 4, 5, 1, 1, 1, 2, 2, 2);
      assertThat(brightness.computeRawHeatmaps(batch, Target.perImage(0, 1)).toFloatArray())
          .containsExactly(2, 3, 4, 2, 2, 2);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> brightness.computeHeatmaps(batch, Target.contrast(0, 1), 0))
          .withMessageContaining("contrast");
    }
  }

  private static float[] raw(ChannelReduction reduction, Target target) {
    try (LinearModel model = linear();
        NDManager manager = model.newManager()) {
      return new SaliencyMap(
              model, null, MethodOptions.of(Profile.AUCMEDI).with(SaliencyMap.CHANNELS, reduction))
          .computeRawHeatmaps(manager.ones(IMAGE), target)
          .toFloatArray();
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
