package org.aucmedi.xai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.aucmedi.xai.model.OutputActivation;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.junit.jupiter.api.Test;

final class ScoreTest {

  private static final List<float[]> FIRST_CLASS = List.of(new float[] {1, 0, 1, 0});
  private static final float[][] OUTPUTS = {{0.2f, 0.8f}, {0.5f, 0.5f}};

  private static double sigmoid(double z) {
    return 1 / (1 + Math.exp(-z));
  }

  @Test
  void outputGradients_output_areTheWeights() {
    assertThat(Score.OUTPUT.outputGradients(FIRST_CLASS, OUTPUTS, OutputActivation.UNKNOWN))
        .isSameAs(FIRST_CLASS);
  }

  @Test
  void outputGradients_logitOfASoftmax_gradientIsThatOfTheCentredLogit() {
    float[] s = Score.LOGIT.outputGradients(FIRST_CLASS, OUTPUTS, OutputActivation.SOFTMAX).get(0);
    for (int n = 0; n < 2; n++) {
      float[] p = OUTPUTS[n];
      double mean = p[0] * s[2 * n] + p[1] * s[2 * n + 1];
      assertThat(p[0] * (s[2 * n] - mean)).isCloseTo(0.5, within(1e-6));
      assertThat(p[1] * (s[2 * n + 1] - mean)).isCloseTo(-0.5, within(1e-6));
    }
  }

  @Test
  void outputGradients_logitOfSigmoids_gradientIsThatOfEachLogit() {
    // Sure of yes and sure of no: the outputs add up to one as a softmax's do.
    double[] z = {9, -9};
    float[] p = {(float) sigmoid(z[0]), (float) sigmoid(z[1])};
    float[] s =
        Score.LOGIT
            .outputGradients(
                List.of(new float[] {1, -1}), new float[][] {p}, OutputActivation.SIGMOID)
            .get(0);
    double h = 1e-3;
    for (int c = 0; c < 2; c++) {
      double slope = (sigmoid(z[c] + h) - sigmoid(z[c] - h)) / (2 * h);
      assertThat(s[c] * slope).isCloseTo(c == 0 ? 1 : -1, within(1e-3));
    }
  }

  @Test
  void outputGradients_logitOfALogSoftmax_areCentred() {
    assertThat(
            Score.LOGIT.outputGradients(FIRST_CLASS, OUTPUTS, OutputActivation.LOG_SOFTMAX).get(0))
        .containsExactly(0.5f, -0.5f, 0.5f, -0.5f);
  }

  @Test
  void outputGradients_logitOfLogits_areTheWeights() {
    // These outputs could be a softmax's; what the model is decides, not how they look.
    assertThat(Score.LOGIT.outputGradients(FIRST_CLASS, OUTPUTS, OutputActivation.NONE).get(0))
        .containsExactly(1, 0, 1, 0);
  }

  @Test
  void outputGradients_unreachableClass_getsNoPart() {
    assertThat(
            Score.LOGIT
                .outputGradients(
                    List.of(new float[] {1, 0}), new float[][] {{0, 1}}, OutputActivation.SOFTMAX)
                .get(0))
        .containsExactly(0, -0.5f);
  }

  @Test
  void logit_unknownActivation_isRefusedWithTheRemedy() {
    assertThatExceptionOfType(UnsupportedModelException.class)
        .isThrownBy(
            () -> Score.LOGIT.outputGradients(FIRST_CLASS, OUTPUTS, OutputActivation.UNKNOWN))
        .withMessageContaining("--activation")
        .withMessageContaining("score=output");
    assertThatExceptionOfType(UnsupportedModelException.class)
        .isThrownBy(
            () -> Score.LOGIT.value(new float[] {1, 0}, OUTPUTS[0], OutputActivation.UNKNOWN));
  }

  @Test
  void value_isTheLogitOfEachActivation() {
    float[] first = {1, 0};
    float[] p = OUTPUTS[0];
    assertThat(Score.LOGIT.value(first, p, OutputActivation.SOFTMAX))
        .isCloseTo(Math.log(0.2 / 0.8) / 2, within(1e-6));
    assertThat(Score.LOGIT.value(first, p, OutputActivation.SIGMOID))
        .isCloseTo(Math.log(0.2 / 0.8), within(1e-6));
    assertThat(
            Score.LOGIT.value(
                first,
                new float[] {(float) Math.log(0.2), (float) Math.log(0.8)},
                OutputActivation.LOG_SOFTMAX))
        .isCloseTo(Math.log(0.2 / 0.8) / 2, within(1e-6));
    assertThat(Score.LOGIT.value(first, new float[] {3, -5}, OutputActivation.NONE)).isEqualTo(3);
    assertThat(Score.OUTPUT.value(first, p, OutputActivation.UNKNOWN)).isCloseTo(0.2, within(1e-6));
  }
}
