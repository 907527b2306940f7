package org.aucmedi.xai.metrics;

import java.util.SplittableRandom;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.metrics.SubsetRemoval.Effects;

/**
 * Infidelity: how wrong the map's forecast of the score is when boxes of the image are removed
 * (C.-K. Yeh et al., <a href="https://arxiv.org/abs/1901.09392">On the (In)fidelity and Sensitivity
 * of Explanations</a>, 2019).
 *
 * <p>A perturbation I of the image x changes the score f by what a map phi says it should:
 *
 * <pre>{@code infidelity = E over I of (sum of I phi - (f(x) - f(x - I)))^2}</pre>
 *
 * <p>The perturbations are the paper's square removal: a random box, each side from one pixel to
 * half of the image, takes the values of a fill. A map gives for each pixel the part that it has in
 * the score compared with the fill, as gradient x input does for a fill of 0; so {@code I phi} is
 * the sum of the map over the box.
 *
 * <p>{@link #raw} is in squared units of the score, at least 0, lower is better, and only for maps
 * in units of the score. {@link #normalised} first scales the map by the factor at least 0 that
 * suits it best, and divides by the error of a map of zeros:
 *
 * <pre>{@code
 * beta = max(0, E[(I phi) D] / E[(I phi)^2]),  D = f(x) - f(x - I)
 * normalised = E[(beta I phi - D)^2] / E[D^2]
 * }</pre>
 *
 * <p>It lies from 0 (right up to the scale) to 1 (no better than zeros, or the wrong way round) for
 * maps of any scale. A map of zeros scores 1; so does any other where no box changes the score. For
 * a linear model and a map of {@code weight (image - fill)} both are 0.
 *
 * <p>Cost: one forward pass for each box, and one for the image.
 */
public final class Infidelity {

  private Infidelity() {}

  /**
   * Computes the mean squared error of a map in units of the score.
   *
   * @param image the image as the model takes it
   * @param fill what is behind it, arranged alike
   * @param axes how they are arranged: one image
   * @param map one value per position, row-major; finite
   * @param boxes how many, at least 1
   * @param seed of the boxes
   * @param scorer scores the variants
   * @return at least 0, in squared units of the score
   * @throws IllegalArgumentException if sizes differ, a value of the map is NaN, or there is no box
   */
  public static double raw(
      float[] image,
      float[] fill,
      BatchAxes axes,
      float[] map,
      int boxes,
      long seed,
      Scorer scorer) {
    return error(effects(image, fill, axes, map, boxes, seed, scorer), 1);
  }

  /** Computes the normalised error, from 0 to 1; arguments as of {@link #raw}. */
  public static double normalised(
      float[] image,
      float[] fill,
      BatchAxes axes,
      float[] map,
      int boxes,
      long seed,
      Scorer scorer) {
    Effects effects = effects(image, fill, axes, map, boxes, seed, scorer);
    double both = 0;
    double ofSums = 0;
    for (int k = 0; k < boxes; k++) {
      both += effects.sums()[k] * effects.drops()[k];
      ofSums += effects.sums()[k] * effects.sums()[k];
    }
    double beta = ofSums == 0 ? 0 : Math.max(0, both / ofSums);
    double zeros = error(effects, 0);
    return zeros == 0 ? 1 : Math.min(1, error(effects, beta) / zeros);
  }

  private static Effects effects(
      float[] image,
      float[] fill,
      BatchAxes axes,
      float[] map,
      int boxes,
      long seed,
      Scorer scorer) {
    return new SubsetRemoval(image, fill, axes, map, scorer)
        .without(SubsetRemoval.boxes(axes.spatialSizes(), boxes, new SplittableRandom(seed)));
  }

  private static double error(Effects effects, double scale) {
    double sum = 0;
    for (int k = 0; k < effects.sums().length; k++) {
      double wrong = scale * effects.sums()[k] - effects.drops()[k];
      sum += wrong * wrong;
    }
    return sum / effects.sums().length;
  }
}
