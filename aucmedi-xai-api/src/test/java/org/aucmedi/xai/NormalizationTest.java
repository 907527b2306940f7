package org.aucmedi.xai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import org.aucmedi.xai.error.XAIException;
import org.junit.jupiter.api.Test;

final class NormalizationTest {

  @Test
  void minMax_distinctValues_fillsZeroToOne() {
    assertThat(Normalization.minMax(new float[] {-1, 0, 3}, 0)).containsExactly(0, 0.25f, 1);
  }

  @Test
  void minMax_constantMap_givesZeros() {
    assertThat(Normalization.minMax(new float[] {2, 2}, 0)).containsExactly(0, 0);
    assertThat(Normalization.minMax(new float[] {-2, -2}, 1e-8f)).containsExactly(0, 0);
  }

  @Test
  void minMax_rangeNearEps_isDimmed() {
    assertThat(Normalization.minMax(new float[] {0, 1e-8f}, 1e-8f)[1])
        .isCloseTo(0.5f, within(1e-6f));
  }

  @Test
  void minMax_wideRange_doesNotFeelTheDefaultEps() {
    float[] raw = {-3, 7, 2, 4.5f};
    assertThat(Normalization.minMax(raw, XAIMethodBase.DEFAULT_EPS))
        .containsExactly(Normalization.minMax(raw, 0))
        .containsExactly(0, 1, 0.5f, 0.75f);
  }

  @Test
  void minMax_tinyRangeWithoutEps_fillsZeroToOne() {
    assertThat(Normalization.minMax(new float[] {1e-30f, 2e-30f, 3e-30f}, 0))
        .containsExactly(new float[] {0, 0.5f, 1}, within(1e-6f));
  }

  @Test
  void minMax_valuesOfOneSign_useTheirOwnExtremes() {
    assertThat(Normalization.minMax(new float[] {-4, -2, -3}, 0)).containsExactly(0, 1, 0.5f);
    assertThat(Normalization.minMax(new float[] {4, 2, 3}, 0)).containsExactly(1, 0, 0.5f);
  }

  @Test
  void minMax_leavesItsInputAlone() {
    float[] raw = {1, 2};
    Normalization.minMax(raw, 0);
    assertThat(raw).containsExactly(1, 2);
  }

  @Test
  void minMax_notFinite_fails() {
    for (float value : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      assertThatExceptionOfType(XAIException.class)
          .isThrownBy(() -> Normalization.minMax(new float[] {0, value}, 1e-8f))
          .withMessageContaining("not finite");
    }
  }

  @Test
  void byMaximum_map_keepsZero() {
    assertThat(Normalization.byMaximum(new float[] {0, 1, 4}, 0)).containsExactly(0, 0.25f, 1);
    assertThat(Normalization.byMaximum(new float[] {0, 3}, 1)).containsExactly(0, 0.75f);
    assertThat(Normalization.byMaximum(new float[] {0, 0}, 0)).containsExactly(0, 0);
  }

  @Test
  void clip_map_isCutToTheRange() {
    assertThat(Normalization.clip(new float[] {-1, 0.25f, 2})).containsExactly(0, 0.25f, 1);
  }
}
