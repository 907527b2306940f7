package org.aucmedi.xai.metrics;

/**
 * The pointing game: whether the peak of a map lies on the object (J. Zhang et al., <a
 * href="https://arxiv.org/abs/1608.00507">Top-down Neural Attention by Excitation Backprop</a>,
 * 2016). Higher is better; the mean over many images is the method's accuracy.
 *
 * <p>If several positions share the largest value, the score is the fraction of them that lie on
 * the object: the expected score of choosing one of them at random. So a constant map scores {@link
 * #chance chance}. The paper's tolerance of 15 pixels around the object is not applied; enlarge the
 * region for that.
 *
 * <pre>{@code
 * double score = PointingGame.score(map, region); // 1 if the only peak is in the region
 * boolean better = score > PointingGame.chance(region);
 * }</pre>
 */
public final class PointingGame {

  private PointingGame() {}

  /**
   * Scores one map.
   *
   * @param map the values of the map, row-major, in any number of dimensions; not NaN
   * @param region for each value of the map whether the object is there
   * @return from 0 (no peak is in the region) to 1 (all are)
   * @throws IllegalArgumentException if the sizes differ or are 0, or a value is NaN
   */
  public static double score(float[] map, boolean[] region) {
    Checks.requireMapAndRegion(map, region);
    float max = Float.NEGATIVE_INFINITY;
    int peaks = 0;
    int hits = 0;
    for (int i = 0; i < map.length; i++) {
      if (map[i] > max) {
        max = map[i];
        peaks = 0;
        hits = 0;
      }
      if (map[i] == max) {
        peaks++;
        hits += region[i] ? 1 : 0;
      }
    }
    return (double) hits / peaks;
  }

  /**
   * {@return the score of a constant map, and the mean score of a map whose one peak is at a random
   * position: the share of positions in the region, from 0 to 1}
   *
   * @param region for each position whether the object is there
   * @throws IllegalArgumentException if there are no positions
   */
  public static double chance(boolean[] region) {
    return score(new float[region.length], region);
  }
}
