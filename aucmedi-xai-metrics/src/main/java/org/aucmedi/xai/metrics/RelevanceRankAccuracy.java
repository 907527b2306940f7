package org.aucmedi.xai.metrics;

import java.util.Arrays;

/**
 * Relevance rank accuracy: of the K largest values of a map, how many lie on the object, whose size
 * is K (L. Arras et al., <a href="https://arxiv.org/abs/2003.07258">CLEVR-XAI</a>, 2020).
 *
 * <p>Higher is better. Values that share the last rank count by the fraction of them that lie on
 * the object, so a constant map scores the region's share of all positions. An empty region scores
 * 0.
 */
public final class RelevanceRankAccuracy {

  private RelevanceRankAccuracy() {}

  /**
   * Scores one map.
   *
   * @param map the values of the map, row-major, in any number of dimensions; not NaN
   * @param region for each value of the map whether the object is there
   * @return from 0 (none of the largest values is on the object) to 1 (all are)
   * @throws IllegalArgumentException if the sizes differ or are 0, or a value is NaN
   */
  public static double score(float[] map, boolean[] region) {
    Checks.requireMapAndRegion(map, region);
    int size = Checks.count(region);
    if (size == 0) {
      return 0;
    }
    float[] sorted = map.clone();
    Arrays.sort(sorted);
    float least = sorted[sorted.length - size];
    int above = 0;
    int aboveInside = 0;
    int equal = 0;
    int equalInside = 0;
    for (int i = 0; i < map.length; i++) {
      if (map[i] > least) {
        above++;
        aboveInside += region[i] ? 1 : 0;
      } else if (map[i] == least) {
        equal++;
        equalInside += region[i] ? 1 : 0;
      }
    }
    return (aboveInside + (double) (size - above) * equalInside / equal) / size;
  }
}
