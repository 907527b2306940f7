package org.aucmedi.xai.metrics;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Average precision, the area under the curve of precision over recall (AUPRC) of a map that is to
 * tell the object's positions from all others: {@code sum over thresholds of (R_n - R_(n-1)) P_n}.
 *
 * <p>Higher is better. No threshold has to be chosen, and small objects are not drowned by the
 * background. A random map scores the region's share of all positions on average, as a constant map
 * does; an empty region scores 0.
 */
public final class AveragePrecision {

  private AveragePrecision() {}

  /**
   * Scores one map.
   *
   * @param map the values of the map, row-major, in any number of dimensions; not NaN
   * @param region for each value of the map whether the object is there
   * @return from 0 to 1 (all positions of the object come before all others)
   * @throws IllegalArgumentException if the sizes differ or are 0, or a value is NaN
   */
  public static double score(float[] map, boolean[] region) {
    Checks.requireMapAndRegion(map, region);
    int size = Checks.count(region);
    Integer[] order = IntStream.range(0, map.length).boxed().toArray(Integer[]::new);
    Arrays.sort(order, Comparator.comparing((Integer i) -> map[i]).reversed());
    double area = 0;
    int hits = 0;
    int start = 0;
    while (start < order.length) {
      int before = hits;
      int end = start;
      // Equal values pass the threshold together.
      while (end < order.length && map[order[end]] == map[order[start]]) {
        hits += region[order[end]] ? 1 : 0;
        end++;
      }
      area += (double) (hits - before) * hits / end;
      start = end;
    }
    return size == 0 ? 0 : area / size;
  }
}
