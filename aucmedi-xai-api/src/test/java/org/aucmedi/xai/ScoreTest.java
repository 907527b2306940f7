package org.aucmedi.xai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

final class ScoreTest {

  private static final List<float[]> FIRST_CLASS = List.of(new float[] {1, 0, 1, 0});

  @Test
  void outputSeeds_output_areTheSeeds() {
    assertThat(Score.OUTPUT.outputSeeds(FIRST_CLASS, new float[] {0.2f, 0.8f, 0.5f, 0.5f}, 2))
        .isSameAs(FIRST_CLASS);
  }

  @Test
  void outputSeeds_logitOfASoftmax_gradientIsThatOfTheCentredLogit() {
    float[] p = {0.2f, 0.8f, 0.5f, 0.5f};
    float[] s = Score.LOGIT.outputSeeds(FIRST_CLASS, p, 2).get(0);
    for (int row = 0; row < 4; row += 2) {
      double mean = p[row] * s[row] + p[row + 1] * s[row + 1];
      assertThat(p[row] * (s[row] - mean)).isCloseTo(0.5, within(1e-6));
      assertThat(p[row + 1] * (s[row + 1] - mean)).isCloseTo(-0.5, within(1e-6));
    }
  }

  @Test
  void outputSeeds_logitOfABatch_doNotDependOnItsOtherImages() {
    float[] alone =
        Score.LOGIT.outputSeeds(List.of(new float[] {1, 0}), new float[] {0.2f, 0.8f}, 2).get(0);
    for (float[] beside : List.of(new float[] {Float.NaN, Float.NaN}, new float[] {3, -5})) {
      float[] both =
          Score.LOGIT
              .outputSeeds(FIRST_CLASS, new float[] {0.2f, 0.8f, beside[0], beside[1]}, 2)
              .get(0);
      assertThat(both).containsExactly(alone[0], alone[1], 1, 0);
    }
  }

  @Test
  void value_logit_isCentredForASoftmaxAndTheOutputElsewhere() {
    float[] seed = {1, 0};
    assertThat(Score.LOGIT.value(seed, new float[] {0.2f, 0.8f}))
        .isCloseTo(Math.log(0.2 / 0.8) / 2, within(1e-6));
    assertThat(Score.LOGIT.value(seed, new float[] {3, -5})).isEqualTo(3);
    assertThat(Score.OUTPUT.value(seed, new float[] {0.2f, 0.8f})).isCloseTo(0.2, within(1e-6));
  }
}
