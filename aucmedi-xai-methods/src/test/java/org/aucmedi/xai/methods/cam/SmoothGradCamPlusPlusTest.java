package org.aucmedi.xai.methods.cam;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.SplittableRandom;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.methods.Explained;
import org.aucmedi.xai.methods.SampleMoments;
import org.aucmedi.xai.methods.gradient.SmoothGrad;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.OutputGradient;
import org.aucmedi.xai.testkit.ClosedFormNet;
import org.aucmedi.xai.testkit.ClosedFormNet.Weights;
import org.aucmedi.xai.testkit.Maps;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** At the layer before the ReLU, where gradients depend on the image. */
final class SmoothGradCamPlusPlusTest {

  private static final double NOISE = 0.3;

  @ParameterizedTest
  @CsvSource({
    "CHANNELS_FIRST, false",
    "CHANNELS_LAST, false",
    "CHANNELS_FIRST, true",
    "CHANNELS_LAST, true"
  })
  void withoutNoise_anyLayout_isGradCamPlusPlus(ChannelLayout layout, boolean volume) {
    Shape spatial = volume ? new Shape(3, 2, 4) : new Shape(4, 5);
    Shape shape =
        layout == ChannelLayout.CHANNELS_FIRST
            ? new Shape(2, 2).addAll(spatial)
            : new Shape(2).addAll(spatial).add(2);
    for (int seed = 0; seed < 5; seed++) {
      try (ClosedFormNet net = new ClosedFormNet(layout, Weights.random(2, seed));
          NDManager manager = net.newManager()) {
        NDArray batch = array(manager, shape, seed);
        for (Score score : Score.values()) {
          float[] expected =
              Explained.values(
                  GradCamPlusPlus.builder()
                      .optLayer("conv")
                      .opt(GradCamPlusPlus.NORMALIZE_ALPHA, false)
                      .opt(Score.OPTION, score)
                      .build(net)
                      .explainRaw(batch, Target.all()));
          float[] found =
              Explained.values(method(net, 3, 0, score).explainRaw(batch, Target.all()));
          Maps.assertClose("seed " + seed, found, expected, 1e-5 * Maps.maxAbs(expected));
        }
      }
    }
  }

  /** The formula, copy by copy, with the same noise. */
  @Test
  void rawMap_isTheFormulaOfTheDerivativesAtTheCopies() {
    int samples = 23;
    Weights weights = Weights.random(2, 21);
    try (ClosedFormNet net = new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, weights);
        NDManager manager = net.newManager()) {
      NDArray image = array(manager, new Shape(1, 2, 4, 5), 3);
      float[] values = image.toFloatArray();
      float min = Float.MAX_VALUE;
      float max = -Float.MAX_VALUE;
      for (float value : values) {
        min = Math.min(min, value);
        max = Math.max(max, value);
      }
      double[][] sums = new double[3][80];
      SplittableRandom root = new SplittableRandom(0);
      for (int n = 0; n < samples; n++) {
        SplittableRandom random = root.split();
        float[] copy = new float[values.length];
        for (int i = 0; i < copy.length; i++) {
          copy[i] = (float) (values[i] + NOISE * (max - min) * random.nextGaussian());
        }
        NDArray noisy = manager.create(FloatBuffer.wrap(copy), image.getShape());
        float[] gradient =
            net.layerGradients(noisy, OutputGradient.ofClasses(1), "conv")
                .gradients()
                .head()
                .toFloatArray();
        for (int i = 0; i < gradient.length; i++) {
          for (int p = 0; p < 3; p++) {
            sums[p][i] += Math.pow(gradient[i], p + 1) / samples;
          }
        }
      }
      float[] activations = net.layerActivations(image, "conv").toFloatArray();
      float[] expected = new float[20];
      for (int k = 0; k < 4; k++) {
        double total = 0;
        for (int i = 0; i < 20; i++) {
          total += activations[20 * k + i];
        }
        double weight = 0;
        for (int i = 20 * k; i < 20 * k + 20; i++) {
          if (sums[1][i] > 0) {
            double alpha = sums[1][i] / (2 * sums[1][i] + sums[2][i] * total);
            weight += alpha * Math.max(0, sums[0][i]);
          }
        }
        for (int i = 0; i < 20; i++) {
          expected[i] += (float) (weight * activations[20 * k + i]);
        }
      }
      for (int batchSize : new int[] {1, 5, 32}) {
        float[] found =
            Explained.values(
                new SmoothGradCamPlusPlus(
                        net,
                        "conv",
                        options(samples, NOISE, Score.OUTPUT)
                            .with(SmoothGrad.BATCH_SIZE, batchSize))
                    .explainRaw(image, Target.ofClass(1)));
        Maps.assertClose("in passes of " + batchSize, found, expected, 1e-5);
      }
    }
  }

  /** Maps of other seeds scatter as each of them says. */
  @Test
  void standardError_isTheSpreadOverSeeds() {
    int seeds = 60;
    try (ClosedFormNet net =
            new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, Weights.random(2, 21));
        NDManager manager = net.newManager()) {
      NDArray image = array(manager, new Shape(1, 2, 4, 5), 3);
      SampleMoments maps = SampleMoments.ofMean(20);
      double stated = 0;
      for (int seed = 0; seed < seeds; seed++) {
        Heatmap map =
            Explained.only(
                new SmoothGradCamPlusPlus(
                        net, "conv", options(100, NOISE, Score.OUTPUT).with(SmoothGrad.SEED, seed))
                    .explainRaw(image, Target.ofClass(1)));
        float[] values = map.values();
        maps.add(i -> values[i]);
        stated += map.diagnostics().get(SampleMoments.STANDARD_ERROR) / seeds;
      }
      double found = 0;
      for (int i = 0; i < 20; i++) {
        found += Math.sqrt(maps.variance(i)) / 20;
      }
      assertThat(stated / found).isBetween(0.8, 1.25);
    }
  }

  private static SmoothGradCamPlusPlus method(
      ClosedFormNet net, int samples, double noise, Score score) {
    return new SmoothGradCamPlusPlus(net, "conv", options(samples, noise, score));
  }

  private static MethodOptions options(int samples, double noise, Score score) {
    return MethodOptions.of(Profile.AUCMEDI)
        .with(SmoothGrad.SAMPLES, samples)
        .with(SmoothGrad.NOISE, noise)
        .with(Score.OPTION, score);
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
