package org.aucmedi.xai.examples;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** Spearman's rank correlation: the Pearson correlation of ranks, equal values sharing theirs. */
final class RankCorrelation {

  private RankCorrelation() {}

  /**
   * Correlates the magnitudes of two maps.
   *
   * @param a one map
   * @param b the other, of the same size
   * @return from -1 to 1; 0 if one of them is flat and so ranks nothing
   */
  static double ofMagnitudes(float[] a, float[] b) {
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

  private static double[] ranks(float[] values) {
    int[] order =
        IntStream.range(0, values.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> Math.abs(values[i])))
            .mapToInt(Integer::intValue)
            .toArray();
    double[] ranks = new double[values.length];
    int start = 0;
    while (start < order.length) {
      int end = start + 1;
      while (end < order.length && Math.abs(values[order[end]]) == Math.abs(values[order[start]])) {
        end++;
      }
      double shared = (start + end - 1) / 2.0;
      Arrays.stream(order, start, end).forEach(i -> ranks[i] = shared);
      start = end;
    }
    return ranks;
  }
}
