package org.aucmedi.xai.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToDoubleBiFunction;
import org.junit.jupiter.api.Test;

/** Hand-computed cases of 4x4 positions, of which the upper left 2x2 are the object. */
final class RegionMetricsTest {

  private static final boolean[] REGION = {
    true, true, false, false,
    true, true, false, false,
    false, false, false, false,
    false, false, false, false
  };

  private static final float[] MAP = {
    9, 8, 7, 0,
    6, 1, 0, 0,
    0, 0, 5, 0,
    0, 0, 0, -4
  };

  private static final List<ToDoubleBiFunction<float[], boolean[]>> ALL =
      List.of(
          RelevanceMassAccuracy::score,
          RelevanceRankAccuracy::score,
          AveragePrecision::score,
          IntersectionOverUnion::atOtsu,
          IntersectionOverUnion::atArea,
          PointingGame::score);

  @Test
  void massAccuracy_ofAMap_isItsPositiveMassInside() {
    assertThat(RelevanceMassAccuracy.score(MAP, REGION)).isEqualTo(24.0 / 36);
  }

  @Test
  void rankAccuracy_ofAMap_isTheShareOfTheFourLargest() {
    assertThat(RelevanceRankAccuracy.score(MAP, REGION)).isEqualTo(3.0 / 4);
  }

  @Test
  void rankAccuracy_tiesAtTheLastRank_countByTheirShareInside() {
    float[] map = new float[16];
    map[0] = 3;
    map[1] = 2;
    map[2] = 2;
    map[3] = 2;
    map[4] = 2;
    // Rank 1 is inside; of the four that share ranks 2 to 4, two are.
    assertThat(RelevanceRankAccuracy.score(map, REGION)).isEqualTo((1 + 3 * 2 / 4.0) / 4);
  }

  @Test
  void averagePrecision_ofAMap_sumsPrecisionAtEachHit() {
    // Hits at ranks 1, 2, 4 and 6; 7 and 5 are misses at ranks 3 and 5.
    assertThat(AveragePrecision.score(MAP, REGION))
        .isCloseTo((1 + 1 + 3.0 / 4 + 4.0 / 6) / 4, within(1e-12));
  }

  @Test
  void iouAtArea_ofAMap_comparesTheFourLargest() {
    // 9, 8, 7 and 6 are bright: three of them inside, five positions in either.
    assertThat(IntersectionOverUnion.atArea(MAP, REGION)).isEqualTo(3.0 / 5);
  }

  @Test
  void iouAtOtsu_ofAMap_separatesTheFiveLargest() {
    // Between 1 and 5: {9, 8, 7, 6, 5} against the rest has the largest variance between groups.
    assertThat(IntersectionOverUnion.otsu(MAP)).isBetween(1f, 5f);
    assertThat(IntersectionOverUnion.atOtsu(MAP, REGION)).isEqualTo(3.0 / 6);
  }

  @Test
  void otsu_anyMap_separatesAsAllThresholdsTriedOut() {
    SplittableRandom random = new SplittableRandom(5);
    for (int run = 0; run < 50; run++) {
      float[] map = new float[40];
      for (int i = 0; i < map.length; i++) {
        map[i] =
            random.nextInt(0, 257); // One bin for each of these values, and the last two share.
      }
      map[0] = 0;
      map[1] = 256;
      double found = between(map, IntersectionOverUnion.otsu(map) - 0.5f);
      double best = 0;
      for (float threshold : map) {
        best = Math.max(best, threshold >= 255 ? 0 : between(map, threshold));
      }
      assertThat(found).isCloseTo(best, within(1e-9));
    }
  }

  private static double between(float[] map, float threshold) {
    double below = 0;
    double above = 0;
    int count = 0;
    for (float value : map) {
      below += value <= threshold ? value : 0;
      above += value <= threshold ? 0 : value;
      count += value <= threshold ? 1 : 0;
    }
    int other = map.length - count;
    double distance = count == 0 || other == 0 ? 0 : below / count - above / other;
    return count * (double) other * distance * distance;
  }

  @Test
  void scores_perfectMap_areOne() {
    float[] map = new float[16];
    for (int i = 0; i < map.length; i++) {
      map[i] = REGION[i] ? 1 : 0;
    }
    ALL.forEach(metric -> assertThat(metric.applyAsDouble(map, REGION)).isEqualTo(1));
  }

  @Test
  void scores_flatMap_areChanceOrNothing() {
    float[] flat = new float[16];
    assertThat(ALL.stream().mapToDouble(metric -> metric.applyAsDouble(flat, REGION)))
        .containsExactly(0.25, 0.25, 0.25, 0.0, 0.0, 0.25);
  }

  @Test
  void scores_emptyRegion_areZero() {
    boolean[] none = new boolean[16];
    ALL.forEach(metric -> assertThat(metric.applyAsDouble(MAP, none)).isZero());
  }

  @Test
  void scores_wholeImage_areOneWhereAllCounts() {
    boolean[] everything = new boolean[16];
    Arrays.fill(everything, true);
    assertThat(RelevanceMassAccuracy.score(MAP, everything)).isEqualTo(1);
    assertThat(RelevanceRankAccuracy.score(MAP, everything)).isEqualTo(1);
    assertThat(AveragePrecision.score(MAP, everything)).isEqualTo(1);
  }

  @Test
  void scores_wrongSizeOrNaN_areRefused() {
    float[] broken = MAP.clone();
    broken[7] = Float.NaN;
    for (var metric : ALL) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> metric.applyAsDouble(new float[3], REGION))
          .withMessageContaining("3 and 16");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> metric.applyAsDouble(broken, REGION))
          .withMessageContaining("value 7");
    }
  }
}
