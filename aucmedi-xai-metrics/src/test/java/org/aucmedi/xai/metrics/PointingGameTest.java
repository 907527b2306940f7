package org.aucmedi.xai.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.aucmedi.xai.metrics.RegionSize.Bounds;
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
  void score_tolerance_countsPeaksBesideTheObject() {
    boolean[] region = new boolean[16];
    region[0] = true;
    int[] sizes = {4, 4};
    // One step down and right of the corner is sqrt(2) away, two steps right are 2.
    float[] diagonal = peak(5);
    assertThat(PointingGame.score(diagonal, region, sizes, 0)).isZero();
    assertThat(PointingGame.score(diagonal, region, sizes, 1.4)).isZero();
    assertThat(PointingGame.score(diagonal, region, sizes, 1.42)).isEqualTo(1);
    assertThat(PointingGame.score(peak(2), region, sizes, 1.9)).isZero();
    assertThat(PointingGame.score(peak(2), region, sizes, 2)).isEqualTo(1);
    // The end of one row is not beside the start of the next.
    assertThat(PointingGame.score(peak(3), region, sizes, 2.9)).isZero();
    assertThat(PointingGame.score(peak(0), new boolean[16], sizes, 9)).isZero();
    // 0, 1, 2, 4, 5 and 8 are near.
    assertThat(PointingGame.score(new float[16], region, sizes, 2)).isEqualTo(6.0 / 16);
  }

  @Test
  void dilated_anyRegion_isThatOfAllPairsTriedOut() {
    SplittableRandom random = new SplittableRandom(1);
    int[] sizes = {3, 5, 4};
    for (int run = 0; run < 20; run++) {
      boolean[] region = new boolean[60];
      for (int i = 0; i < 60; i++) {
        region[i] = random.nextInt(20) == 0;
      }
      double radius = 3 * random.nextDouble();
      boolean[] found = PointingGame.dilated(region, sizes, radius);
      for (int i = 0; i < 60; i++) {
        boolean near = false;
        for (int j = 0; j < 60; j++) {
          double square =
              Math.pow(i / 20 - j / 20, 2)
                  + Math.pow(i / 4 % 5 - j / 4 % 5, 2)
                  + Math.pow(i % 4 - j % 4, 2);
          near |= region[j] && Math.sqrt(square) <= radius;
        }
        assertThat(found[i]).isEqualTo(near);
      }
    }
  }

  private static float[] peak(int position) {
    float[] map = new float[16];
    map[position] = 1;
    return map;
  }

  @Test
  void dilated_otherSizesOrNegative_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PointingGame.dilated(REGION, new int[] {3, 2}, 1))
        .withMessageContaining("4 positions does not fill [3, 2]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PointingGame.dilated(REGION, new int[] {2, 2}, -1))
        .withMessageContaining("got -1.0");
  }

  @Test
  void regionSize_shares_areBetweenTheBounds() {
    Bounds bounds = new Bounds(0.25, 0.75);
    boolean[] region = new boolean[8];
    assertThat(RegionSize.of(region, bounds)).isEqualTo(RegionSize.NONE);
    List<RegionSize> sizes = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      region[i] = true;
      sizes.add(RegionSize.of(region, bounds));
    }
    assertThat(sizes)
        .containsExactly(
            RegionSize.SMALL,
            RegionSize.MEDIUM,
            RegionSize.MEDIUM,
            RegionSize.MEDIUM,
            RegionSize.MEDIUM,
            RegionSize.LARGE,
            RegionSize.LARGE,
            RegionSize.LARGE);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Bounds(0.5, 0.5))
        .withMessageContaining("0.5 and 0.5");
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
