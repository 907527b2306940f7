package org.aucmedi.xai.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

final class RankCorrelationTest {

  @Test
  void ofMagnitudes_anyMonotoneFunction_isOne() {
    assertThat(of(new float[] {1, -2, 3, -4}, 1, 4, 9, 1600)).isEqualTo(1);
    assertThat(of(new float[] {1, 2, 3, 4}, 8, 7, 6, 5)).isEqualTo(-1);
  }

  @Test
  void ofMagnitudes_distinctValues_followTheClosedForm() {
    // 1 - 6 sum d^2 / (n (n^2 - 1)), ranks differing by 1, 1, 2, 1, 1.
    assertThat(of(new float[] {1, 2, 3, 4, 5}, 2, 1, 5, 3, 4))
        .isCloseTo(1 - 6 * 8 / 120.0, within(1e-12));
  }

  @Test
  void ofMagnitudes_equalValues_shareTheirRank() {
    // Ranks 0.5 0.5 2 3 and 0 1 2 3, by hand.
    assertThat(of(new float[] {1, -1, 2, 3}, 1, 2, 3, 4))
        .isCloseTo(4.5 / Math.sqrt(4.5 * 5), within(1e-12));
  }

  @Test
  void ofMagnitudes_flatMap_isZero() {
    assertThat(of(new float[] {2, 2, -2, 2}, 1, 2, 3, 4)).isZero();
  }

  @Test
  void of_signedValues_areRankedWithTheirSign() {
    assertThat(RankCorrelation.of(new float[] {-4, -2, 1, 3}, new float[] {1, 2, 3, 4}))
        .isEqualTo(1);
    // Ranks 0.5 0.5 2 3: both zeros are alike.
    assertThat(RankCorrelation.of(new float[] {0, -0f, 2, 3}, new float[] {1, 2, 3, 4}))
        .isCloseTo(4.5 / Math.sqrt(4.5 * 5), within(1e-12));
  }

  @Test
  void of_otherSizeOrNaN_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RankCorrelation.of(new float[2], new float[3]))
        .withMessageContaining("2 and 3");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> of(new float[] {1, Float.NaN}, 1, 2))
        .withMessageContaining("value 1");
  }

  private static double of(float[] a, float... b) {
    return RankCorrelation.ofMagnitudes(a, b);
  }
}
