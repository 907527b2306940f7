package org.aucmedi.xai.metrics;

/**
 * How spread out a map is: the entropy of its magnitudes (U. Bhatt et al., <a
 * href="https://arxiv.org/abs/2005.00631">Evaluating and Aggregating Feature-based Model
 * Explanations</a>, 2020).
 *
 * <pre>{@code H = - sum over i of p[i] ln p[i],  p[i] = |M[i]| / sum over j of |M[j]|}</pre>
 *
 * <p>From 0 (one position alone) to {@code ln n} (all alike), in nats. Lower means simpler to look
 * at, not more faithful. A map of zeros scores {@code ln n}, as any other constant map.
 */
public final class Complexity {

  private Complexity() {}

  /**
   * Scores one map.
   *
   * @param map the values of the map, row-major, in any number of dimensions; not NaN
   * @return from 0 to ln n, for n values
   * @throws IllegalArgumentException if the map is empty, or a value is NaN
   */
  public static double score(float[] map) {
    Checks.requireMap(map);
    double sum = 0;
    for (float value : map) {
      sum += Math.abs(value);
    }
    if (sum == 0) {
      return Math.log(map.length);
    }
    double entropy = 0;
    for (float value : map) {
      double share = Math.abs(value) / sum;
      entropy -= share == 0 ? 0 : share * Math.log(share);
    }
    return entropy;
  }
}
