package org.aucmedi.xai.metrics;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;

/**
 * Intersection over union (Jaccard index) of the bright part of a map and the object: {@code |B and
 * R| / |B or R|}.
 *
 * <p>What is bright is decided by a threshold: {@link #atOtsu} separates the map's values best into
 * two groups (N. Otsu, <a href="https://doi.org/10.1109/TSMC.1979.4310076">A Threshold Selection
 * Method from Gray-Level Histograms</a>, 1979); {@link #atArea} takes as many of the largest values
 * as the object has positions, so that only where they are counts.
 *
 * <p>Higher is better. A constant map has no bright part and scores 0, as an empty region does.
 */
public final class IntersectionOverUnion {

  /** The bins of Otsu's histogram. */
  private static final int BINS = 256;

  private IntersectionOverUnion() {}

  /**
   * Scores one map at Otsu's threshold, from a histogram of 256 bins over its range.
   *
   * @param map the values of the map, row-major, in any number of dimensions; finite
   * @param region for each value of the map whether the object is there
   * @return from 0 (they do not touch) to 1 (they are the same)
   * @throws IllegalArgumentException if the sizes differ or are 0, or a value is not finite
   */
  public static double atOtsu(float[] map, boolean[] region) {
    Checks.requireMapAndRegion(map, region);
    return score(map, region, otsu(map));
  }

  /**
   * Scores one map at the object's area. Where several values share the last rank, all of them are
   * bright or none, whichever is closer to the area; none if both are equally close.
   *
   * @param map the values of the map, row-major, in any number of dimensions; not NaN
   * @param region for each value of the map whether the object is there
   * @return from 0 (they do not touch) to 1 (they are the same)
   * @throws IllegalArgumentException if the sizes differ or are 0, or a value is NaN
   */
  public static double atArea(float[] map, boolean[] region) {
    Checks.requireMapAndRegion(map, region);
    int size = Checks.count(region);
    if (size == 0) {
      return 0;
    }
    float[] sorted = map.clone();
    Arrays.sort(sorted);
    float last = sorted[sorted.length - size];
    if (sorted[0] == sorted[sorted.length - 1]) {
      return 0;
    }
    int above = 0;
    int atLeast = 0;
    for (float value : map) {
      above += value > last ? 1 : 0;
      atLeast += value >= last ? 1 : 0;
    }
    boolean all = atLeast - size < size - above;
    return score(map, region, all ? Math.nextDown(last) : last);
  }

  /** Positions above the threshold are bright. */
  private static double score(float[] map, boolean[] region, float threshold) {
    int both = 0;
    int either = 0;
    for (int i = 0; i < map.length; i++) {
      boolean bright = map[i] > threshold;
      both += bright && region[i] ? 1 : 0;
      either += bright || region[i] ? 1 : 0;
    }
    return either == 0 ? 0 : (double) both / either;
  }

  /** The threshold with the largest variance between the two groups; a map's maximum if flat. */
  static float otsu(float[] map) {
    float min = Float.POSITIVE_INFINITY;
    float max = Float.NEGATIVE_INFINITY;
    for (float value : map) {
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
    checkArgument(
        Float.isFinite(min) && Float.isFinite(max), "the map has infinite values; leave it out");
    if (min == max) {
      return max;
    }
    double width = ((double) max - min) / BINS;
    long[] counts = new long[BINS];
    double[] sums = new double[BINS];
    double total = 0;
    for (float value : map) {
      int bin = (int) Math.min(BINS - 1, ((double) value - min) / width);
      counts[bin]++;
      sums[bin] += value;
      total += value;
    }
    double best = -1;
    int chosen = 0;
    long below = 0;
    double sumBelow = 0;
    for (int bin = 0; bin < BINS - 1; bin++) {
      below += counts[bin];
      sumBelow += sums[bin];
      long above = map.length - below;
      if (below == 0 || above == 0) {
        continue;
      }
      double distance = sumBelow / below - (total - sumBelow) / above;
      double between = (double) below * above * distance * distance;
      if (between > best) {
        best = between;
        chosen = bin;
      }
    }
    return (float) (min + width * (chosen + 1));
  }
}
