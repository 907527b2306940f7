package org.aucmedi.xai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import org.aucmedi.xai.model.OutputActivation;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.junit.jupiter.api.Test;

final class ScoreTest {

  private static final float[] FIRST = {1, 0};
  private static final float[][] OUTPUTS = {{0.2f, 0.8f}, {0.5f, 0.5f}};

  private static double sigmoid(double z) {
    return 1 / (1 + Math.exp(-z));
  }

  @Test
  void outputGradient_output_isTheWeights() {
    assertThat(Score.OUTPUT.outputGradient(FIRST, OUTPUTS[0], OutputActivation.UNKNOWN))
        .containsExactly(1, 0);
  }

  @Test
  void outputGradient_logitOfASoftmax_gradientIsThatOfTheCentredLogit() {
    for (float[] p : OUTPUTS) {
      float[] s = Score.LOGIT.outputGradient(FIRST, p, OutputActivation.SOFTMAX);
      double mean = p[0] * s[0] + p[1] * s[1];
      assertThat(p[0] * (s[0] - mean)).isCloseTo(0.5, within(1e-6));
      assertThat(p[1] * (s[1] - mean)).isCloseTo(-0.5, within(1e-6));
    }
  }

  @Test
  void outputGradient_logitOfSigmoids_gradientIsThatOfEachLogit() {
    // Sure of yes and sure of no: the outputs add up to one as a softmax's do.
    double[] z = {9, -9};
    float[] p = {(float) sigmoid(z[0]), (float) sigmoid(z[1])};
    float[] s = Score.LOGIT.outputGradient(new float[] {1, -1}, p, OutputActivation.SIGMOID);
    double h = 1e-3;
    for (int c = 0; c < 2; c++) {
      double slope = (sigmoid(z[c] + h) - sigmoid(z[c] - h)) / (2 * h);
      assertThat(s[c] * slope).isCloseTo(c == 0 ? 1 : -1, within(1e-3));
    }
  }

  @Test
  void outputGradient_logitOfALogSoftmax_isCentred() {
    assertThat(Score.LOGIT.outputGradient(FIRST, OUTPUTS[0], OutputActivation.LOG_SOFTMAX))
        .containsExactly(0.5f, -0.5f);
  }

  @Test
  void outputGradient_logitOfLogits_isTheWeights() {
    // These outputs could be a softmax's; what the model is decides, not how they look.
    assertThat(Score.LOGIT.outputGradient(FIRST, OUTPUTS[0], OutputActivation.NONE))
        .containsExactly(1, 0);
  }

  @Test
  void outputGradient_unreachableClass_getsNoPart() {
    assertThat(Score.LOGIT.outputGradient(FIRST, new float[] {0, 1}, OutputActivation.SOFTMAX))
        .containsExactly(0, -0.5f);
  }

  @Test
  void logit_unknownActivation_isRefusedWithTheRemedy() {
    assertThatExceptionOfType(UnsupportedModelException.class)
        .isThrownBy(() -> Score.LOGIT.outputGradient(FIRST, OUTPUTS[0], OutputActivation.UNKNOWN))
        .withMessageContaining("--activation")
        .withMessageContaining("score=output");
    assertThatExceptionOfType(UnsupportedModelException.class)
        .isThrownBy(() -> Score.LOGIT.value(FIRST, OUTPUTS[0], OutputActivation.UNKNOWN));
  }

  @Test
  void value_isTheLogitOfEachActivation() {
    float[] p = OUTPUTS[0];
    assertThat(Score.LOGIT.value(FIRST, p, OutputActivation.SOFTMAX))
        .isCloseTo(Math.log(0.2 / 0.8) / 2, within(1e-6));
    assertThat(Score.LOGIT.value(FIRST, p, OutputActivation.SIGMOID))
        .isCloseTo(Math.log(0.2 / 0.8), within(1e-6));
    assertThat(
            Score.LOGIT.value(
                FIRST,
                new float[] {(float) Math.log(0.2), (float) Math.log(0.8)},
                OutputActivation.LOG_SOFTMAX))
        .isCloseTo(Math.log(0.2 / 0.8) / 2, within(1e-6));
    assertThat(Score.LOGIT.value(FIRST, new float[] {3, -5}, OutputActivation.NONE)).isEqualTo(3);
    assertThat(Score.OUTPUT.value(FIRST, p, OutputActivation.UNKNOWN)).isCloseTo(0.2, within(1e-6));
  }
}
