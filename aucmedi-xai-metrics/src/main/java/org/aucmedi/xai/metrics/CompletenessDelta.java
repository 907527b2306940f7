package org.aucmedi.xai.metrics;

import java.util.List;
import org.aucmedi.xai.array.BatchAxes;

/**
 * How far a map's sum is from the score that it is to share out among the pixels, compared with a
 * baseline (M. Sundararajan et al., <a href="https://arxiv.org/abs/1703.01365">Axiomatic
 * Attribution for Deep Networks</a>, 2017: completeness).
 *
 * <pre>{@code delta = | sum of M[i] - (f(image) - f(baseline)) |}</pre>
 *
 * <p>At least 0, in units of the score; lower is better. It is for methods that promise to be
 * complete (integrated gradients, DeepLIFT, Shapley values), with channels summed, the method's own
 * baseline, and the map before it is resized or scaled; for others it means nothing. A flat or
 * random map has the delta that its sum makes. For a linear model and a map of {@code weight (image
 * - baseline)} it is 0.
 *
 * <p>Cost: 2 forward passes of an image.
 */
public final class CompletenessDelta {

  private CompletenessDelta() {}

  /**
   * Scores one map.
   *
   * @param image the image as the model takes it
   * @param baseline what the method compares with, arranged alike
   * @param axes how they are arranged: one image
   * @param map the values of the map, in any resolution; not NaN
   * @param scorer scores the variants
   * @return at least 0
   * @throws IllegalArgumentException if the sizes of image and baseline differ, or a value is NaN
   */
  public static double score(
      float[] image, float[] baseline, BatchAxes axes, float[] map, Scorer scorer) {
    Checks.requireMap(map);
    Checks.requireMapOf(new float[axes.positions()], axes, image, baseline);
    double[] scores = scorer.scores(List.of(image, baseline));
    double sum = 0;
    for (float value : map) {
      sum += value;
    }
    return Math.abs(sum - (scores[0] - scores[1]));
  }
}
