package org.aucmedi.xai.metrics;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;

/**
 * The pointing game: whether the peak of a map lies on the object (J. Zhang et al., <a
 * href="https://arxiv.org/abs/1608.00507">Top-down Neural Attention by Excitation Backprop</a>,
 * 2016). Higher is better; the mean over many images is the method's accuracy.
 *
 * <p>If several positions share the largest value, the score is the fraction of them that lie on
 * the object: the expected score of choosing one of them at random. So a constant map scores {@link
 * #chance chance}.
 *
 * <p>The paper counts a peak that is up to 15 pixels off the object, too: {@link #score(float[],
 * boolean[], int[], double)}. On small images that is most of them, so there is none by default.
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
   * Scores one map with a tolerance.
   *
   * @param map the values of the map, row-major; not NaN
   * @param region for each value of the map whether the object is there
   * @param sizes of the axes
   * @param tolerance how far from the object a peak may be, in positions, at least 0
   * @return from 0 to 1; 0 for an empty region
   * @throws IllegalArgumentException if the sizes differ or are 0, a value is NaN, or the tolerance
   *     is negative
   */
  public static double score(float[] map, boolean[] region, int[] sizes, double tolerance) {
    return score(map, dilated(region, sizes, tolerance));
  }

  /**
   * {@return the region and all positions whose centre is not farther from one of its own than a
   * radius}
   *
   * @param region for each position whether the object is there, row-major
   * @param sizes of the axes
   * @param radius in positions, at least 0
   * @throws IllegalArgumentException if the sizes do not fit the region, or the radius is negative
   */
  public static boolean[] dilated(boolean[] region, int[] sizes, double radius) {
    int positions = Arrays.stream(sizes).reduce(1, Math::multiplyExact);
    checkArgument(
        positions == region.length,
        "a region of %s positions does not fill %s",
        region.length,
        Arrays.toString(sizes));
    checkArgument(
        radius >= 0 && radius <= 1000, "a tolerance is from 0 to 1000 positions, got %s", radius);
    int reach = (int) radius;
    // Squared distances to the region, axis after axis.
    double[] squares = new double[positions];
    for (int i = 0; i < positions; i++) {
      squares[i] = region[i] ? 0 : Double.POSITIVE_INFINITY;
    }
    int stride = positions;
    for (int size : sizes) {
      stride /= size;
      double[] next = new double[positions];
      for (int i = 0; i < positions; i++) {
        int at = i / stride % size;
        next[i] = Double.POSITIVE_INFINITY;
        for (int to = Math.max(0, at - reach); to <= Math.min(size - 1, at + reach); to++) {
          int apart = to - at;
          next[i] = Math.min(next[i], squares[i + apart * stride] + (double) apart * apart);
        }
      }
      squares = next;
    }
    boolean[] near = new boolean[positions];
    for (int i = 0; i < positions; i++) {
      near[i] = squares[i] <= radius * radius;
    }
    return near;
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
