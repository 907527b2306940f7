package org.aucmedi.xai.methods;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;
import org.aucmedi.xai.Attribution;
import org.aucmedi.xai.AttributionMethod;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.methods.cam.GuidedGradCam;
import org.aucmedi.xai.methods.gradient.GuidedBackpropagation;
import org.aucmedi.xai.methods.gradient.IntegratedGradients;
import org.aucmedi.xai.methods.perturbation.Lime;
import org.aucmedi.xai.methods.perturbation.MeaningfulPerturbation;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.testkit.ClosedFormNet;
import org.aucmedi.xai.testkit.ClosedFormNet.Weights;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The numbers that come with a map, computed a second time. */
final class DiagnosticsTest {

  private final ExplainableModel net =
      new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, Weights.random(2, 21).withHeadTimes(3));
  private final NDManager manager = net.newManager();

  @AfterEach
  void close() {
    manager.close();
    net.close();
  }

  @ParameterizedTest
  @EnumSource(Score.class)
  void completenessDelta_isTheSumOfTheAttributionsMinusTheDifferenceInScore(Score score) {
    NDArray batch = batch(2);
    NDArray blank = manager.create(FloatBuffer.wrap(new float[24]), new Shape(1, 2, 3, 4));
    IntegratedGradients method =
        IntegratedGradients.builder()
            .opt(IntegratedGradients.STEPS, 4)
            .opt(Score.OPTION, score)
            .build(net);
    float[][] outputs = net.outputs(batch);
    float[] start = net.outputs(blank)[0];
    List<List<Attribution>> attributions = method.attributions(batch, Target.all());
    List<List<Heatmap>> maps = method.explain(batch, Target.all());
    double largest = 0;
    for (int n = 0; n < 2; n++) {
      for (int c = 0; c < 3; c++) {
        double sum = 0;
        for (float value : attributions.get(n).get(c).values()) {
          sum += value;
        }
        double expected = sum - (score(score, outputs[n], c) - score(score, start, c));
        double delta = maps.get(n).get(c).diagnostics().get(IntegratedGradients.DELTA);
        assertThat(delta).isCloseTo(expected, within(1e-5));
        assertThat(attributions.get(n).get(c).diagnostics())
            .containsEntry(IntegratedGradients.DELTA, delta);
        largest = Math.max(largest, Math.abs(delta));
      }
    }
    assertThat(largest).as("four steps miss something").isGreaterThan(1e-3);
  }

  private static double score(Score score, float[] outputs, int c) {
    if (score == Score.OUTPUT) {
      return outputs[c];
    }
    double mean = 0;
    for (float output : outputs) {
      mean += Math.log(output) / outputs.length;
    }
    return Math.log(outputs[c]) - mean;
  }

  @ParameterizedTest
  @CsvSource({"true, 1", "false, 0"})
  void relus_areThoseOfTheNetwork(boolean rectified, double expected) {
    try (ExplainableModel other =
        new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, Weights.random(2, 21), rectified, true)) {
      assertThat(
              Explained.only(
                      GuidedBackpropagation.builder()
                          .build(other)
                          .explain(batch(1), Target.argmax()))
                  .diagnostics())
          .containsEntry(GuidedBackpropagation.RELUS, expected);
      assertThat(
              Explained.only(
                      GuidedGradCam.builder().build(other).explain(batch(1), Target.argmax()))
                  .diagnostics())
          .containsEntry(GuidedBackpropagation.RELUS, expected);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gc",
        "gc++",
        "layercam",
        "hirescam",
        "xgradcam",
        "gradcamelementwise",
        "cam",
        "eigencam",
        "eigengradcam",
        "ablationcam",
        "scorecam",
        "sm",
        "os",
        "gradientxinput"
      })
  void otherMethods_haveNone(String key) {
    assertThat(
            Explained.only(
                    new XAIMethodRegistry()
                        .create(key, net, null)
                        .explainRaw(batch(1), Target.argmax()))
                .diagnostics())
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"lp", "lc"})
  void rSquared_isAtMostOne(String key) {
    Heatmap map =
        Explained.only(
            new XAIMethodRegistry().create(key, net, null).explain(batch(1), Target.argmax()));
    assertThat(map.diagnostics())
        .containsOnlyKeys(
            Lime.R_SQUARED, SampleMoments.STANDARD_ERROR, AttributionMethod.RELIABILITY);
    assertThat(map.diagnostics().get(Lime.R_SQUARED)).isBetween(0.0, 1.0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"smoothgrad", "smoothgradsquared", "vargrad", "rise", "smoothgradcam++"})
  void standardError_ofAMethodThatSamples_isPositive(String key) {
    Heatmap map =
        Explained.only(
            new XAIMethodRegistry().create(key, net, null).explain(batch(1), Target.argmax()));
    assertThat(map.diagnostics())
        .containsOnlyKeys(SampleMoments.STANDARD_ERROR, AttributionMethod.RELIABILITY);
    assertThat(map.diagnostics().get(SampleMoments.STANDARD_ERROR)).isPositive();
  }

  @ParameterizedTest
  @EnumSource(Score.class)
  void scoreDropOfFill_isTheScoreMinusThatOfTheFill(Score score) {
    NDArray batch = batch(2);
    NDArray blank = manager.create(FloatBuffer.wrap(new float[24]), new Shape(1, 2, 3, 4));
    List<List<Heatmap>> maps =
        MeaningfulPerturbation.builder()
            .opt(MeaningfulPerturbation.STEPS, 3)
            .opt(MeaningfulPerturbation.FILL, new Baseline.Constant(0))
            .opt(Score.OPTION, score)
            .build(net)
            .explain(batch, Target.all());
    float[][] outputs = net.outputs(batch);
    float[] filled = net.outputs(blank)[0];
    for (int n = 0; n < 2; n++) {
      for (int c = 0; c < 3; c++) {
        Map<String, Double> found = maps.get(n).get(c).diagnostics();
        double expected = score(score, outputs[n], c) - score(score, filled, c);
        assertThat(found)
            .containsOnlyKeys(MeaningfulPerturbation.DROP, MeaningfulPerturbation.DROP_OF_FILL);
        assertThat(found.get(MeaningfulPerturbation.DROP_OF_FILL))
            .isCloseTo(expected, within(1e-5));
        assertThat(maps.get(n).get(c).status() == MapStatus.FILL_WITHOUT_EFFECT)
            .isEqualTo(expected <= 0);
      }
    }
  }

  private NDArray batch(int images) {
    float[] values = new float[images * 24];
    for (int i = 0; i < values.length; i++) {
      values[i] = i * 7 % 11 / 5f - 1;
    }
    return manager.create(FloatBuffer.wrap(values), new Shape(images, 2, 3, 4));
  }
}
