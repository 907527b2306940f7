package org.aucmedi.xai.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

final class PointingGameTest {

  private static final boolean[] REGION = {true, false, false, false};

  @Test
  void score_onePeak_isAllOrNothing() {
    assertThat(score(3, 1, 2, 0)).isEqualTo(1);
    assertThat(score(2, 1, 3, 0)).isZero();
    assertThat(score(-1, -2, -3, -4)).isEqualTo(1);
  }

  @Test
  void score_plateau_countsTheShareInside() {
    assertThat(score(3, 1, 3, 0)).isEqualTo(0.5);
  }

  @Test
  void score_constantMap_isChance() {
    assertThat(score(0, 0, 0, 0)).isEqualTo(0.25);
    assertThat(score(-7, -7, -7, -7)).isEqualTo(0.25);
    assertThat(PointingGame.chance(REGION)).isEqualTo(0.25);
  }

  @Test
  void score_otherSizeNothingOrNaN_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> score(1, 2))
        .withMessageContaining("2 and 4");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PointingGame.chance(new boolean[0]))
        .withMessageContaining("empty");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> score(1, 2, Float.NaN, 0))
        .withMessageContaining("value 2");
  }

  private static double score(float... map) {
    return PointingGame.score(map, REGION);
  }
}
