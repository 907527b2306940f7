package org.aucmedi.xai.methods;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.aucmedi.xai.Attribution;
import org.aucmedi.xai.AttributionMethod;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Objective;
import org.aucmedi.xai.OutputFunction;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.methods.gradient.IntegratedGradients;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.testkit.ClosedFormNet;
import org.aucmedi.xai.testkit.ClosedFormNet.Weights;
import org.aucmedi.xai.testkit.Maps;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Contrasts and functions of the outputs, compared with the maps of the classes. */
final class TargetsExplainedTest {

  private static final Shape BATCH = new Shape(2, 3, 2, 4, 2);

  /** Linear in the outputs. */
  private static final OutputFunction SUM = function(0, 2, -3, 0);

  /** The product of two outputs, which is not. */
  private static final OutputFunction PRODUCT = function(1, 0, 0, 0);

  private final ExplainableModel net =
      new ClosedFormNet(ChannelLayout.CHANNELS_LAST, Weights.random(2, 21).withHeadTimes(2));
  private final NDManager manager = net.newManager();
  private final NDArray batch = manager.create(FloatBuffer.wrap(values()), BATCH);

  /** {@code product * y1 * y2 + a * y1 + b * y2 + c}. */
  private static OutputFunction function(float product, float a, float b, float c) {
    return new OutputFunction() {
      @Override
      public double value(float[] y) {
        return product * y[1] * y[2] + a * y[1] + b * y[2] + c;
      }

      @Override
      public float[] gradient(float[] y) {
        return new float[] {0, product * y[2] + a, product * y[1] + b};
      }
    };
  }

  @AfterEach
  void close() {
    manager.close();
    net.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sm",
        "sm score=logit",
        "ig steps=10",
        "ig steps=10 score=logit baseline=mean",
        "blurig sigma=1 steps=10",
        "gc",
        "gc score=logit layer-choice=last-convolution",
        "hirescam",
        "xgradcam",
        "layerig steps=10 baseline=mean",
        "os patch=2 value=drop",
        "os patch=2 stride=1 value=drop score=logit fill=mean",
        "lp segmentation=grid segments=6 samples=40",
        "lc segmentation=grid segments=6 samples=40 score=logit",
        "gradientxinput",
        "deeplift baseline=mean",
        "lrp composite=epsilon-gamma",
        "smoothgrad samples=3 score=logit of=gradientxinput",
        "gradientshap samples=5 baselines=mean",
        "kernelshap segmentation=grid boxes=2x4x2 samples=60 score=logit",
        "shapleysampling segmentation=grid boxes=2x2x1 samples=20",
        "featureablation segmentation=grid boxes=2x2x1",
        "rise samples=20 cells=2 score=logit"
      })
  void contrast_isTheDifferenceOfTheClasses(String method) {
    compare(method, Target.contrast(2, 1), new float[] {0, -1, 1});
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sm",
        "ig steps=10",
        "gc",
        "hirescam layer-choice=last-convolution",
        "xgradcam",
        "os patch=2 value=drop",
        "lp segmentation=grid segments=6 samples=40",
        "gradientxinput",
        "smoothgrad samples=3",
        "kernelshap segmentation=grid boxes=2x4x2 samples=60",
        "rise samples=20 cells=2"
      })
  void linearFunction_isTheSumOfTheClasses(String method) {
    compare(method, Target.of("sum", SUM), new float[] {0, 2, -3});
  }

  /** Before channels are reduced, since the largest of differences is no difference. */
  private void compare(String method, Target target, float[] weights) {
    List<List<Attribution>> found = create(method).attributions(batch, target);
    List<List<Attribution>> classes = create(method).attributions(batch, Target.all());
    assertThat(found).hasSize(2);
    for (int n = 0; n < 2; n++) {
      assertThat(found.get(n)).hasSize(1);
      float[] expected = new float[found.get(n).get(0).values().length];
      float scale = 0;
      for (int c = 0; c < 3; c++) {
        float[] ofClass = classes.get(n).get(c).values();
        scale = Math.max(scale, Maps.maxAbs(ofClass));
        for (int i = 0; i < expected.length; i++) {
          expected[i] += weights[c] * ofClass[i];
        }
      }
      assertThat(Maps.maxAbs(expected)).isGreaterThan(0.01f * scale);
      Maps.assertClose(
          method + ", image " + n, found.get(n).get(0).values(), expected, 1e-5 * scale);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"sm", "gc", "hirescam", "xgradcam"})
  void product_anyGradientMethod_followsTheProductRule(String method) {
    List<List<Attribution>> found = create(method).attributions(batch, Target.of("both", PRODUCT));
    List<List<Attribution>> classes = create(method).attributions(batch, Target.all());
    float[][] y = net.outputs(batch);
    for (int n = 0; n < 2; n++) {
      float[] first = classes.get(n).get(1).values();
      float[] second = classes.get(n).get(2).values();
      float[] expected = new float[first.length];
      for (int i = 0; i < expected.length; i++) {
        expected[i] = y[n][2] * first[i] + y[n][1] * second[i];
      }
      Maps.assertClose(
          method, found.get(n).get(0).values(), expected, 1e-5 * Maps.maxAbs(expected));
    }
  }

  @Test
  void product_occlusion_isWhatTheProductLoses() {
    AttributionMethod method = create("os patch=2 value=drop");
    List<List<Attribution>> found = method.attributions(batch, Target.of("both", PRODUCT));
    List<List<Attribution>> classes = method.attributions(batch, Target.all());
    float[][] y = net.outputs(batch);
    for (int n = 0; n < 2; n++) {
      float[] first = classes.get(n).get(1).values();
      float[] second = classes.get(n).get(2).values();
      float[] expected = new float[first.length];
      for (int i = 0; i < expected.length; i++) {
        // The patches do not overlap, so that each position has the drop of one.
        expected[i] = y[n][1] * y[n][2] - (y[n][1] - first[i]) * (y[n][2] - second[i]);
      }
      Maps.assertClose(
          "drop", found.get(n).get(0).values(), expected, 1e-5 * Maps.maxAbs(expected));
    }
  }

  @Test
  void product_integratedGradients_addUpToWhatItGains() {
    float[] start;
    try (NDArray blank = manager.create(new Shape(1).addAll(BATCH.slice(1)))) {
      start = net.outputs(blank)[0];
    }
    float[][] y = net.outputs(batch);
    List<List<Attribution>> found =
        create("ig steps=2000").attributions(batch, Target.of("both", PRODUCT));
    for (int n = 0; n < 2; n++) {
      double sum = 0;
      for (float value : found.get(n).get(0).values()) {
        sum += value;
      }
      double gain = PRODUCT.value(y[n]) - PRODUCT.value(start);
      assertThat(sum).isCloseTo(gain, within(1e-4));
      assertThat(found.get(n).get(0).diagnostics().get(IntegratedGradients.DELTA))
          .isCloseTo(sum - gain, within(1e-6));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sm",
        "gb",
        "ig steps=2",
        "blurig sigma=1 steps=2",
        "guidedig steps=2",
        "xrai segments=4 steps=2",
        "gc",
        "ggc",
        "os patch=2 value=drop",
        "lp samples=20",
        "gradientxinput",
        "vargrad samples=3",
        "kernelshap samples=20",
        "shapleysampling samples=20",
        "featureablation",
        "rise samples=20",
        "meaningfulperturbation steps=2"
      })
  void function_anyMethod_isNamedAndScoredAndHasNoLogit(String method) {
    Target target = Target.of("both", PRODUCT);
    List<List<Heatmap>> maps = create(method).explain(batch, target);
    float[][] y = net.outputs(batch);
    for (int n = 0; n < 2; n++) {
      Heatmap map = maps.get(n).get(0);
      assertThat(map.objective().label()).isEqualTo("both");
      assertThat(map.classIndex()).isEqualTo(Objective.NO_CLASS);
      assertThat(map.score()).isCloseTo((float) PRODUCT.value(y[n]), within(1e-6f));
    }
    AttributionMethod logit = create(method + " score=logit");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> logit.explain(batch, target))
        .withMessageContainingAll("'both'", "no logit", "score=output");
  }

  private AttributionMethod create(String method) {
    String[] words = method.split(" ", -1);
    Map<String, String> options = new HashMap<>();
    for (int i = 1; i < words.length; i++) {
      String[] option = words[i].split("=", 2);
      options.put(option[0], option[1]);
    }
    XAIMethodProvider<?> provider = new XAIMethodRegistry().get(words[0]);
    return (AttributionMethod)
        provider.create(
            net,
            null,
            MethodOptions.parse(Profile.AUCMEDI, provider.description().options(), options));
  }

  private static float[] values() {
    float[] values = new float[Math.toIntExact(BATCH.size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = i * 7 % 11 / 5f - 1;
    }
    return values;
  }
}
