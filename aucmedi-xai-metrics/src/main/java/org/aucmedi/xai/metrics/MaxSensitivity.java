package org.aucmedi.xai.metrics;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;

/**
 * Max-sensitivity: how much a map changes when the image hardly does (C.-K. Yeh et al., <a
 * href="https://arxiv.org/abs/1901.09392">On the (In)fidelity and Sensitivity of Explanations</a>,
 * 2019).
 *
 * <pre>{@code max over x', |x' - x| <= r at each value, of  ||phi(x') - phi(x)|| / ||phi(x)||}
 * </pre>
 *
 * <p>The maximum is taken over images with uniform noise. At least 0; lower is more stable, not
 * more faithful: a map that does not depend on the image scores 0. A map of zeros scores 0 if it
 * stays so, else infinity.
 *
 * <p>Cost: all passes of the method again, for each image with noise.
 */
public final class MaxSensitivity {

  private MaxSensitivity() {}

  /**
   * Scores the map of one image.
   *
   * @param image the image as the model takes it
   * @param map its map; not NaN
   * @param radius the largest change of a value, in units of the image; above 0
   * @param samples how many images with noise, at least 1
   * @param seed of the noise
   * @param explain computes the maps of images in the same way, for the same class
   * @return at least 0, possibly infinite
   * @throws IllegalArgumentException if radius or samples are not such, maps differ in size, or a
   *     value is NaN
   */
  public static double score(
      float[] image,
      float[] map,
      float radius,
      int samples,
      long seed,
      UnaryOperator<List<float[]>> explain) {
    Checks.requireMap(map);
    checkArgument(radius > 0 && Float.isFinite(radius), "a radius is above 0, got %s", radius);
    checkArgument(samples >= 1, "there must be at least one image with noise, got %s", samples);
    SplittableRandom random = new SplittableRandom(seed);
    List<float[]> neighbours = new ArrayList<>();
    for (int k = 0; k < samples; k++) {
      float[] neighbour = image.clone();
      for (int i = 0; i < neighbour.length; i++) {
        neighbour[i] += (float) (radius * (2 * random.nextDouble() - 1));
      }
      neighbours.add(neighbour);
    }
    double norm = distance(map, new float[map.length]);
    double largest = 0;
    for (float[] other : explain.apply(neighbours)) {
      Checks.requireMap(other);
      checkArgument(
          other.length == map.length,
          "the maps differ in size: %s and %s values",
          map.length,
          other.length);
      double distance = distance(map, other);
      largest = Math.max(largest, distance == 0 ? 0 : distance / norm);
    }
    return largest;
  }

  private static double distance(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += ((double) a[i] - b[i]) * ((double) a[i] - b[i]);
    }
    return Math.sqrt(sum);
  }
}
