package org.aucmedi.xai.metrics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.aucmedi.xai.array.BatchAxes;

/**
 * ROAD, remove and debias (Y. Rong et al., <a href="https://arxiv.org/abs/2202.00449">A Consistent
 * and Efficient Evaluation Strategy for Attribution Methods</a>, 2022): how the score changes when
 * pixels are removed so that little tells where they were.
 *
 * <p>A tenth, two tenths, ... nine tenths of the pixels are removed, all channels of them. Each
 * becomes the weighted mean of its eight neighbours, removed ones included, plus noise of a
 * hundredth of the image's standard deviation. So, unlike with a constant fill, the shape of what
 * is removed gives nothing away. In three dimensions there are 26 neighbours; the paper has two
 * dimensions only, and the weights go on by its rule.
 *
 * <p>{@link #mostRelevantFirst} (MoRF) should fall fast, so that a low mean is better; {@link
 * #leastRelevantFirst} (LeRF) should stay high. The combined score is half their difference:
 *
 * <pre>{@code ROAD = (mean of LeRF - mean of MoRF) / 2}</pre>
 *
 * <p>It lies in half the range of the scores around 0; higher is better, and a flat map, like a
 * random one on average, scores 0. Pixels of equal value are removed in a random order, always the
 * same.
 *
 * <p>Cost: 9 forward passes of an image for each curve, so 18 for the combined score.
 */
public final class Road {

  private static final int TENTHS = 10;

  /** In standard deviations of the image. */
  private static final double NOISE = 0.01;

  private Road() {}

  /**
   * Removes the pixels with the largest values first.
   *
   * @param image the image as the model takes it
   * @param axes how it is arranged: one image of at least two positions
   * @param map one value per position, row-major; not NaN
   * @param seed of the noise
   * @param scorer scores the variants
   * @return the scores without 0.1, 0.2, ... 0.9 of the pixels
   * @throws IllegalArgumentException if sizes differ, or a value of the map is NaN
   */
  public static Curve mostRelevantFirst(
      float[] image, BatchAxes axes, float[] map, long seed, Scorer scorer) {
    Checks.requireMapOf(map, axes, image, image);
    return curve(image, axes, Ranking.descending(map), seed, scorer);
  }

  /** Removes the pixels with the smallest values first; as {@link #mostRelevantFirst}. */
  public static Curve leastRelevantFirst(
      float[] image, BatchAxes axes, float[] map, long seed, Scorer scorer) {
    Checks.requireMapOf(map, axes, image, image);
    float[] reversed = new float[map.length];
    for (int i = 0; i < map.length; i++) {
      reversed[i] = -map[i];
    }
    return curve(image, axes, Ranking.descending(reversed), seed, scorer);
  }

  /**
   * {@return half the mean by which the score is higher without the least relevant pixels than
   * without the most relevant ones}
   *
   * @param mostFirst a curve of {@link #mostRelevantFirst}
   * @param leastFirst a curve of {@link #leastRelevantFirst} of the same map
   */
  public static double combined(Curve mostFirst, Curve leastFirst) {
    return (leastFirst.mean() - mostFirst.mean()) / 2;
  }

  private static Curve curve(float[] image, BatchAxes axes, int[] order, long seed, Scorer scorer) {
    NoisyLinearImputation imputation = new NoisyLinearImputation(axes, NOISE);
    SplittableRandom random = new SplittableRandom(seed);
    List<Double> shares = new ArrayList<>();
    List<float[]> variants = new ArrayList<>();
    for (int tenth = 1; tenth < TENTHS; tenth++) {
      int count = Math.toIntExact((long) order.length * tenth / TENTHS);
      shares.add((double) tenth / TENTHS);
      variants.add(imputation.impute(image, Arrays.copyOf(order, count), random));
    }
    List<Double> scores = new ArrayList<>();
    for (double score : scorer.scores(variants)) {
      scores.add(score);
    }
    return new Curve(shares, scores);
  }
}
