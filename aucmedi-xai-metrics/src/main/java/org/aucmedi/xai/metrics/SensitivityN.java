package org.aucmedi.xai.metrics;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.aucmedi.xai.array.BatchAxes;

/**
 * How well the map's sums over random sets of pixels go with what the score loses without them.
 *
 * <p>With sets of one size this is the faithfulness correlation (U. Bhatt et al., <a
 * href="https://arxiv.org/abs/2005.00631">Evaluating and Aggregating Feature-based Model
 * Explanations</a>, 2020):
 *
 * <pre>{@code correlation over sets S, |S| = n, of  sum over S of M[i]  and  f(x) - f(x without S)}
 * </pre>
 *
 * <p>Over sizes n from one pixel to most of the image it is sensitivity-n (M. Ancona et al., <a
 * href="https://arxiv.org/abs/1711.06104">Towards Better Understanding of Gradient-based
 * Attribution Methods</a>, 2018), whose mean is a score.
 *
 * <p>Pearson's correlation, from -1 to 1; higher is better. It is 0 for a flat map, for a random
 * one on average, and where no set changes the score. For a linear model and a map of {@code weight
 * (image - fill)} it is 1. Scattered pixels are noise more than missing parts, so values are low on
 * photographs.
 *
 * <p>Cost: one forward pass for each set, and one for the image.
 */
public final class SensitivityN {

  /** Sizes of sets, in shares of the image. */
  private static final List<Double> SHARES = List.of(0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8);

  private SensitivityN() {}

  /**
   * Computes the faithfulness correlation.
   *
   * @param image the image as the model takes it
   * @param fill what is behind it, arranged alike
   * @param axes how they are arranged: one image
   * @param map one value per position, row-major; not NaN
   * @param size the number of positions in a set
   * @param subsets how many sets, at least 1; with fewer than some 30 chance has its say
   * @param seed of the sets
   * @param scorer scores the variants
   * @return the correlation, from -1 to 1
   * @throws IllegalArgumentException if sizes differ, a value of the map is NaN, or a set has no
   *     position or more than there are
   */
  public static double correlation(
      float[] image,
      float[] fill,
      BatchAxes axes,
      float[] map,
      int size,
      int subsets,
      long seed,
      Scorer scorer) {
    return new SubsetRemoval(image, fill, axes, map, scorer)
        .without(SubsetRemoval.random(axes.positions(), size, subsets, new SplittableRandom(seed)))
        .correlation();
  }

  /**
   * Computes the correlation for sets of 1, 2, 5, 10, 20, 40, 60 and 80 % of the positions, at
   * least one; arguments as of {@link #correlation}, with as many sets of each size.
   *
   * @return the correlations against the sizes as shares of the image
   */
  public static Curve curve(
      float[] image,
      float[] fill,
      BatchAxes axes,
      float[] map,
      int subsets,
      long seed,
      Scorer scorer) {
    SubsetRemoval removal = new SubsetRemoval(image, fill, axes, map, scorer);
    SplittableRandom random = new SplittableRandom(seed);
    Double[] correlations = new Double[SHARES.size()];
    for (int n = 0; n < correlations.length; n++) {
      int size = (int) Math.max(1, Math.round(SHARES.get(n) * axes.positions()));
      correlations[n] =
          removal
              .without(SubsetRemoval.random(axes.positions(), size, subsets, random))
              .correlation();
    }
    return new Curve(SHARES, Arrays.asList(correlations));
  }
}
