package org.aucmedi.xai.metrics;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;

/**
 * Spearman's rank correlation of two maps: Pearson's correlation of their ranks, where equal values
 * share their mean rank. It is 1 if both maps order the positions alike, -1 if in reverse order;
 * O(n log n) for n values.
 */
public final class RankCorrelation {

  private RankCorrelation() {}

  /**
   * Correlates the values of two maps.
   *
   * @param a a map, row-major, in any number of dimensions; not NaN
   * @param b another map of the same shape
   * @return from -1 to 1; 0 if one of them is constant
   * @throws IllegalArgumentException if the sizes differ, or a value is NaN
   */
  public static double of(float[] a, float[] b) {
    checkArgument(
        a.length == b.length,
        "the maps differ in size: %s and %s values; resize one of them",
        a.length,
        b.length);
    double[] first = ranks(a);
    double[] second = ranks(b);
    double mean = (a.length - 1) / 2.0;
    double both = 0;
    double variance1 = 0;
    double variance2 = 0;
    for (int i = 0; i < a.length; i++) {
      both += (first[i] - mean) * (second[i] - mean);
      variance1 += (first[i] - mean) * (first[i] - mean);
      variance2 += (second[i] - mean) * (second[i] - mean);
    }
    return variance1 == 0 || variance2 == 0 ? 0 : both / Math.sqrt(variance1 * variance2);
  }

  /**
   * Correlates the magnitudes of two maps, so that evidence for and against a class counts equally.
   *
   * @param a a map, row-major, in any number of dimensions; not NaN
   * @param b another map of the same shape
   * @return from -1 to 1; 0 if the magnitudes of one of them are constant
   * @throws IllegalArgumentException if the sizes differ, or a value is NaN
   */
  public static double ofMagnitudes(float[] a, float[] b) {
    return of(magnitudes(a), magnitudes(b));
  }

  private static float[] magnitudes(float[] values) {
    float[] magnitudes = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      magnitudes[i] = Math.abs(values[i]);
    }
    return magnitudes;
  }

  private static double[] ranks(float[] values) {
    float[] sorted = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      checkArgument(!Float.isNaN(values[i]), "value %s of a map is NaN; leave such maps out", i);
      sorted[i] = unsignedZero(values[i]);
    }
    Arrays.sort(sorted);
    double[] shared = new double[sorted.length];
    int start = 0;
    while (start < sorted.length) {
      int end = start + 1;
      while (end < sorted.length && sorted[end] == sorted[start]) {
        end++;
      }
      Arrays.fill(shared, start, end, (start + end - 1) / 2.0);
      start = end;
    }
    double[] ranks = new double[values.length];
    Arrays.setAll(ranks, i -> shared[Arrays.binarySearch(sorted, unsignedZero(values[i]))]);
    return ranks;
  }

  /** Sorting and searching distinguish -0 from 0. */
  private static float unsignedZero(float value) {
    return value + 0f;
  }
}
