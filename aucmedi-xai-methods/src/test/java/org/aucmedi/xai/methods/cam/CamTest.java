package org.aucmedi.xai.methods.cam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.OutputFunction;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.methods.Explained;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.aucmedi.xai.testkit.ClosedFormNet;
import org.aucmedi.xai.testkit.ClosedFormNet.Weights;
import org.aucmedi.xai.testkit.Maps;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Networks that end in global pooling and one dense layer, whose weights are known. */
final class CamTest {

  @ParameterizedTest
  @CsvSource({
    "CHANNELS_FIRST, false, false",
    "CHANNELS_LAST, false, true",
    "CHANNELS_FIRST, true, true",
    "CHANNELS_LAST, true, false"
  })
  void rawMaps_anyLayoutAndProfile_areTheActivationsTimesTheDenseWeights(
      ChannelLayout layout, boolean volume, boolean softmax) {
    Shape spatial = volume ? new Shape(3, 2, 4) : new Shape(4, 5);
    Shape shape =
        layout == ChannelLayout.CHANNELS_FIRST
            ? new Shape(2, 2).addAll(spatial)
            : new Shape(2).addAll(spatial).add(2);
    for (int seed = 0; seed < 10; seed++) {
      Weights weights = Weights.random(2, seed);
      try (ClosedFormNet net = new ClosedFormNet(layout, weights, true, softmax);
          NDManager manager = net.newManager()) {
        NDArray batch = array(manager, shape, seed);
        float[] activations = net.layerActivations(batch, "relu").toFloatArray();
        BatchAxes axes = new BatchAxes(net.layers(batch).get(1).outputShape(), layout);
        float[] expected = new float[2 * 3 * axes.positions()];
        for (int i = 0; i < expected.length; i++) {
          int image = i / axes.positions() / 3;
          int c = i / axes.positions() % 3;
          for (int k = 0; k < 4; k++) {
            double weight = weights.head()[c][k];
            for (int other = 0; softmax && other < 3; other++) {
              weight -= weights.head()[other][k] / 3.0;
            }
            expected[i] +=
                (float) (weight * activations[axes.index(image, k, i % axes.positions())]);
          }
        }
        for (Profile profile : Profile.values()) {
          float[] found =
              Explained.values(
                  Cam.builder()
                      .optProfile(profile)
                      .opt(ClassActivationMap.RELU, false)
                      .build(net)
                      .explainRaw(batch, Target.all()));
          Maps.assertClose("seed " + seed, found, expected, 1e-4 * Maps.maxAbs(expected));
        }
      }
    }
  }

  /** The mean over the positions is the logit without its bias. */
  @Test
  void rawMap_ofLogits_addsUpToTheLogit() {
    Weights weights = Weights.random(2, 4);
    try (ClosedFormNet net = new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, weights, true, false);
        NDManager manager = net.newManager()) {
      NDArray image = array(manager, new Shape(1, 2, 4, 5), 1);
      float[] logits = net.outputs(image)[0];
      for (int c = 0; c < 3; c++) {
        float[] map =
            Explained.values(Cam.builder().build(net).explainRaw(image, Target.ofClass(c)));
        double mean = 0;
        for (float value : map) {
          mean += value / (double) map.length;
        }
        assertThat(mean + weights.headBias()[c])
            .isCloseTo(logits[c], org.assertj.core.data.Offset.offset(1e-5));
      }
    }
  }

  /** Before the ReLU the derivatives are 0 where it is not active. */
  @Test
  void layerThatIsNotPooledAlone_isRefused() {
    try (ClosedFormNet net = new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, Weights.random(2, 4));
        NDManager manager = net.newManager()) {
      NDArray image = array(manager, new Shape(1, 2, 4, 5), 1);
      assertThatExceptionOfType(UnsupportedModelException.class)
          .isThrownBy(() -> Cam.builder().optLayer("conv").build(net).explain(image, Target.all()))
          .withMessageContainingAll(
              "'conv'", net.toString(), "between positions", "gradcam", "hirescam");
    }
  }

  /** The layer is active at all positions of the image, and at none of its negative. */
  @Test
  void weightsThatDependOnTheImage_areRefused() {
    float[][] own = {{1, -1}, {1, -1}, {1, -1}, {1, -1}};
    Weights weights =
        new Weights(own, new float[4][2], new float[4], Weights.random(2, 1).head(), new float[3]);
    try (ClosedFormNet net = new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, weights, true, false);
        NDManager manager = net.newManager()) {
      float[] values = new float[40];
      Arrays.fill(values, 0, 20, 9);
      Arrays.fill(values, 20, 40, 2);
      NDArray image = manager.create(FloatBuffer.wrap(values), new Shape(1, 2, 4, 5));
      assertThatExceptionOfType(UnsupportedModelException.class)
          .isThrownBy(
              () -> Cam.builder().optLayer("conv").build(net).explain(image, Target.ofClass(0)))
          .withMessageContainingAll("'conv'", "between images");
      assertThat(
              Explained.statuses(
                  Cam.builder().optLayer("relu").build(net).explain(image, Target.ofClass(0))))
          .containsOnly(MapStatus.FLAT);
    }
  }

  @Test
  void functionOfTheOutputs_isRefused() {
    OutputFunction first =
        new OutputFunction() {
          @Override
          public double value(float[] outputs) {
            return outputs[0];
          }

          @Override
          public float[] gradient(float[] outputs) {
            return new float[] {1, 0, 0};
          }
        };
    try (ClosedFormNet net = new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, Weights.random(2, 4));
        NDManager manager = net.newManager()) {
      NDArray image = array(manager, new Shape(1, 2, 4, 5), 1);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Cam.builder().build(net).explain(image, Target.of("first", first)))
          .withMessageContainingAll("'first'", "no logit", "gradcam");
    }
  }

  @Test
  void headThatIgnoresTheLayer_isZeroGradient() {
    try (ClosedFormNet net =
            new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, Weights.random(2, 4).withHeadTimes(0));
        NDManager manager = net.newManager()) {
      assertThat(
              Explained.statuses(
                  Cam.builder()
                      .build(net)
                      .explain(array(manager, new Shape(1, 2, 4, 5), 1), Target.all())))
          .containsOnly(MapStatus.ZERO_GRADIENT);
    }
  }

  private static NDArray array(NDManager manager, Shape shape, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[(int) shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (2 * random.nextDouble() - 1);
    }
    return manager.create(FloatBuffer.wrap(values), shape);
  }
}
