package org.aucmedi.xai.metrics;

import java.util.Arrays;

/**
 * How few positions carry a map: the Gini index of its magnitudes (P. Chalasani et al., <a
 * href="https://arxiv.org/abs/1810.06583">Concise Explanations of Neural Networks using Adversarial
 * Training</a>, 2020).
 *
 * <p>With the magnitudes {@code a = |M|} in ascending order, {@code i = 1..n},
 *
 * <pre>{@code G = sum over i of (2i - n - 1) a[i] / (n sum over i of a[i])}</pre>
 *
 * <p>From 0 (all alike) to {@code 1 - 1/n} (one position alone). Higher means more concise, not
 * more faithful: a map of one wrong pixel is sparse. A map of zeros scores 0.
 */
public final class Sparseness {

  private Sparseness() {}

  /**
   * Scores one map.
   *
   * @param map the values of the map, row-major, in any number of dimensions; not NaN
   * @return from 0 to 1
   * @throws IllegalArgumentException if the map is empty, or a value is NaN
   */
  public static double score(float[] map) {
    Checks.requireMap(map);
    float[] sorted = map.clone();
    for (int i = 0; i < sorted.length; i++) {
      sorted[i] = Math.abs(sorted[i]);
    }
    Arrays.sort(sorted);
    int n = sorted.length;
    double weighted = 0;
    double sum = 0;
    for (int i = 0; i < n; i++) {
      weighted += (2.0 * (i + 1) - n - 1) * sorted[i];
      sum += sorted[i];
    }
    return sum == 0 ? 0 : weighted / (n * sum);
  }
}
