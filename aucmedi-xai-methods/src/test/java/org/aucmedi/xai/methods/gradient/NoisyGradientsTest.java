package org.aucmedi.xai.methods.gradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.common.base.Splitter;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import org.aucmedi.xai.Attribution;
import org.aucmedi.xai.AttributionMethod;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.methods.SampleMoments;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.testkit.ClosedFormNet;
import org.aucmedi.xai.testkit.ClosedFormNet.Weights;
import org.aucmedi.xai.testkit.LinearModel;
import org.aucmedi.xai.testkit.Maps;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** SmoothGrad, SmoothGrad-Squared and VarGrad, where their expectations are known. */
final class NoisyGradientsTest {

  private static final Shape IMAGE = new Shape(1, 2, 5, 6);
  private static final int SIZE = 60;

  /** The values range from -1 to 1, so that this is the deviation. */
  private static final double SIGMA = 2 * 0.15;

  /** The methods, and what they are expected to make of a gradient a x. */
  private enum Kind {
    SMOOTHGRAD,
    SMOOTHGRADSQUARED,
    VARGRAD;

    double expected(double a, double x) {
      return switch (this) {
        case SMOOTHGRAD -> a * x;
        case SMOOTHGRADSQUARED -> a * a * (x * x + SIGMA * SIGMA);
        case VARGRAD -> a * a * SIGMA * SIGMA;
      };
    }

    String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @ParameterizedTest
  @EnumSource
  void quadraticModel_gradients_areTheirExpectationsWithinTheirErrors(Kind kind) {
    float[] a = random(SIZE, 8);
    float[] x = image();
    double squares = 0;
    double stated = 0;
    int seeds = 10;
    try (ExplainableModel model = new QuadraticModel(new float[][] {a});
        NDManager manager = model.newManager()) {
      for (int seed = 0; seed < seeds; seed++) {
        Attribution found =
            create(kind.key() + " samples=400 seed=" + seed, model)
                .attributions(array(manager, x), Target.ofClass(0))
                .get(0)
                .get(0);
        for (int i = 0; i < SIZE; i++) {
          double off = found.values()[i] - kind.expected(a[i], x[i]);
          squares += Math.abs(off) / (SIZE * seeds);
        }
        stated += found.diagnostics().get(SampleMoments.STANDARD_ERROR) / seeds;
      }
    }
    // The mean magnitude of a normal distribution is sqrt(2 / pi) deviations.
    assertThat(squares / (stated * Math.sqrt(2 / Math.PI))).isBetween(0.9, 1.1);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 25})
  void linearModel_smoothGradIsTheGradientAndVarGradNothing(int samples) {
    float[] weights = random(SIZE, 8);
    try (ExplainableModel model =
            new LinearModel(new float[][] {weights}, ChannelLayout.CHANNELS_FIRST, "heap");
        NDManager manager = model.newManager()) {
      NDArray image = array(manager, image());
      Target target = Target.ofClass(0);
      String options = " samples=" + samples;
      Attribution smooth = only(create("smoothgrad" + options, model).attributions(image, target));
      Attribution square =
          only(create("smoothgradsquared" + options, model).attributions(image, target));
      Attribution spread = only(create("vargrad" + options, model).attributions(image, target));
      float[] squares = new float[SIZE];
      for (int i = 0; i < SIZE; i++) {
        squares[i] = weights[i] * weights[i];
      }
      Maps.assertClose("SmoothGrad", smooth.values(), weights, 1e-7);
      Maps.assertClose("squared", square.values(), squares, 1e-7);
      assertThat(spread.values()).containsOnly(0);
      assertThat(smooth.diagnostics()).containsEntry(SampleMoments.STANDARD_ERROR, 0.0);
      assertThat(create("vargrad" + options, model).explain(image, target).get(0).get(0).status())
          .isEqualTo(MapStatus.FLAT);
    }
  }

  /** The mean of squares is the square of the mean and the variance, but for N - 1. */
  @ParameterizedTest
  @ValueSource(
      strings = {"", " of=gradientxinput", " of=guidedbackprop", " of=integratedgradients"})
  void anyModel_squares_areMeansAndVariances(String of) {
    try (ExplainableModel model = net();
        NDManager manager = model.newManager()) {
      NDArray image = array(manager, image());
      String options = " samples=20 steps=5 score=logit noise=0.4" + of;
      Target target = Target.ofClass(2);
      float[] mean =
          only(create("smoothgrad" + options, model).attributions(image, target)).values();
      float[] squares =
          only(create("smoothgradsquared" + options, model).attributions(image, target)).values();
      float[] variance =
          only(create("vargrad" + options, model).attributions(image, target)).values();
      float[] expected = new float[SIZE];
      for (int i = 0; i < SIZE; i++) {
        expected[i] = mean[i] * mean[i] + variance[i] * 19 / 20;
      }
      Maps.assertClose(of, squares, expected, 1e-5 * Maps.maxAbs(squares));
      assertThat(Maps.maxAbs(variance)).isGreaterThan(1e-3f * Maps.maxAbs(squares));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"saliency", "gradientxinput", "guidedbackprop", "integratedgradients"})
  void noNoise_isTheOtherMethod(String of) {
    try (ExplainableModel model = net();
        NDManager manager = model.newManager()) {
      NDArray image = array(manager, image());
      String ofIntegral = of.startsWith("integrated") ? " steps=7 baseline=0.5" : "";
      float[] expected =
          only(create(of + ofIntegral, model).attributions(image, Target.ofClass(1))).values();
      float[] found =
          only(create("smoothgrad noise=0 samples=3 of=" + of + ofIntegral, model)
                  .attributions(image, Target.ofClass(1)))
              .values();
      Maps.assertClose(of, found, expected, 1e-6 * Maps.maxAbs(expected));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"smoothgrad", "smoothgradsquared", "vargrad of=integratedgradients"})
  void anyModel_batchSizeAndOtherImagesAndClasses_changeNothing(String method) {
    try (ExplainableModel model = net();
        NDManager manager = model.newManager()) {
      float[] two = new float[2 * SIZE];
      System.arraycopy(random(SIZE, 77), 0, two, 0, SIZE);
      System.arraycopy(image(), 0, two, SIZE, SIZE);
      String options = method + " samples=9 steps=3 batch-size=";
      Attribution alone =
          only(
              create(options + 32, model).attributions(array(manager, image()), Target.ofClass(1)));
      for (int batch : new int[] {1, 4, 9}) {
        Attribution among =
            create(options + batch, model)
                .attributions(
                    manager.create(FloatBuffer.wrap(two), new Shape(2, 2, 5, 6)), Target.all())
                .get(1)
                .get(1);
        assertThat(among.values()).isEqualTo(alone.values());
        assertThat(among.diagnostics()).isEqualTo(alone.diagnostics());
      }
      assertThat(
              only(create(options + "4 seed=1", model)
                      .attributions(array(manager, image()), Target.ofClass(1)))
                  .values())
          .isNotEqualTo(alone.values());
    }
  }

  @Test
  void smoothGrad_evensOutWhatSaliencyOwesToChance() {
    try (ExplainableModel model = net();
        NDManager manager = model.newManager()) {
      Target target = Target.ofClass(0);
      float[] other = image();
      for (int i = 0; i < SIZE; i++) {
        other[i] += 0.05f * (i % 2 == 0 ? 1 : -1);
      }
      double[] change = new double[2];
      for (int m = 0; m < 2; m++) {
        AttributionMethod method =
            create(m == 0 ? "saliency" : "smoothgrad samples=200 noise=0.3", model);
        float[] before = only(method.attributions(array(manager, image()), target)).values();
        float[] after = only(method.attributions(array(manager, other), target)).values();
        change[m] = Maps.meanDifference(before, after) / Maps.maxAbs(before);
      }
      assertThat(change[1]).isCloseTo(0, within(0.7 * change[0]));
    }
  }

  private static ExplainableModel net() {
    return new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, Weights.random(2, 21).withHeadTimes(3));
  }

  private static Attribution only(List<List<Attribution>> found) {
    assertThat(found).hasSize(1);
    assertThat(found.get(0)).hasSize(1);
    return found.get(0).get(0);
  }

  private static AttributionMethod create(String method, ExplainableModel model) {
    int end = method.indexOf(' ');
    String key = end < 0 ? method : method.substring(0, end);
    XAIMethodProvider<?> provider = new XAIMethodRegistry().get(key);
    Map<String, String> options =
        end < 0
            ? Map.of()
            : Splitter.on(' ').withKeyValueSeparator('=').split(method.substring(end + 1));
    return (AttributionMethod)
        provider.create(
            model,
            null,
            MethodOptions.parse(Profile.AUCMEDI, provider.description().options(), options));
  }

  private static NDArray array(NDManager manager, float[] values) {
    return manager.create(FloatBuffer.wrap(values), IMAGE);
  }

  /** From -1 to 1 exactly. */
  private static float[] image() {
    float[] image = random(SIZE, 3);
    image[7] = -1;
    image[11] = 1;
    return image;
  }

  private static float[] random(int size, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) (2 * random.nextDouble() - 1);
    }
    return values;
  }
}
