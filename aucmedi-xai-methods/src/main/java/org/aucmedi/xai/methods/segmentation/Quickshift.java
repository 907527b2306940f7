package org.aucmedi.xai.methods.segmentation;

import static com.google.common.base.Preconditions.checkArgument;

import org.aucmedi.xai.array.BatchAxes;

/**
 * Quick shift: every position is linked to the nearest one of higher density, and long links are
 * cut.
 *
 * <p>With the vector v of a position, its coordinates followed by {@code ratio} times its colour in
 * CIELAB, and W its neighbourhood of {@code ceil(3 * kernelSize)} positions to every side,
 *
 * <pre>{@code
 * density(i) = sum over j in W(i) of exp(-|v(i) - v(j)|^2 / (2 * kernelSize^2))
 * parent(i)  = the j in W(i) nearest to i by |v(i) - v(j)| with density(j) > density(i),
 *              or i itself if there is none or it is further than maxDistance
 * }</pre>
 *
 * and the trees are the superpixels. Their number depends on the image. Of two equal densities, the
 * one first in the image counts as higher; so nothing is random, and a uniform area is one
 * superpixel. Superpixels are usually, but not always, connected.
 *
 * <p>Where the spacing is known, coordinates are in millimetres, and so are the kernel size, the
 * longest link and the neighbourhood.
 *
 * <p>Volumes, and images without three channels, use the same formula; without three channels the
 * values times 100 replace CIELAB. The cost is the number of positions times the size of a
 * neighbourhood, 25^3 for volumes by default.
 *
 * <p>Paper: A. Vedaldi, S. Soatto, <a
 * href="https://www.robots.ox.ac.uk/~vedaldi/assets/pubs/vedaldi08quick.pdf">Quick Shift and Kernel
 * Methods for Mode Seeking</a>, 2008.
 *
 * @param kernelSize the width of the Gaussian in positions, above 0; larger values give fewer
 *     superpixels
 * @param maxDistance the longest link, at least 0; larger values give fewer superpixels
 * @param ratio the weight of colour relative to spatial proximity, at least 0; larger values give
 *     more superpixels
 * @param stretch whether to rescale the image to [0, 1] by its extremes first
 */
public record Quickshift(double kernelSize, double maxDistance, double ratio, boolean stretch)
    implements Segmentation {

  /** Checks the parameters. */
  public Quickshift {
    checkArgument(
        kernelSize > 0 && kernelSize <= 1000,
        "the kernel size must be above 0 and at most 1000, got %s",
        kernelSize);
    checkArgument(maxDistance >= 0, "the longest link must be at least 0, got %s", maxDistance);
    checkArgument(
        ratio >= 0 && ratio < Double.POSITIVE_INFINITY,
        "the ratio must be finite and at least 0, got %s",
        ratio);
  }

  @Override
  public Superpixels segment(float[] image, BatchAxes axes) {
    LabFeatures features = LabFeatures.of(image, axes, stretch);
    return Superpixels.of(roots(parents(features, densities(features))));
  }

  private double[] densities(LabFeatures features) {
    double[] densities = new double[features.positions()];
    double scale = -0.5 / (kernelSize * kernelSize);
    for (int i = 0; i < densities.length; i++) {
      int middle = i;
      visitNeighbourhood(
          features,
          i,
          (j, squaredDistance) ->
              densities[middle] +=
                  Math.exp(scale * squaredDistance(features, middle, j, squaredDistance)));
    }
    return densities;
  }

  private int[] parents(LabFeatures features, double[] densities) {
    int[] parents = new int[densities.length];
    double[] nearest = new double[1];
    for (int i = 0; i < parents.length; i++) {
      int middle = i;
      parents[i] = i;
      nearest[0] = Double.POSITIVE_INFINITY;
      visitNeighbourhood(
          features,
          i,
          (j, squaredDistance) -> {
            if (densities[j] > densities[middle]
                || (densities[j] == densities[middle] && j < middle)) {
              double distance = squaredDistance(features, middle, j, squaredDistance);
              if (distance < nearest[0]) {
                nearest[0] = distance;
                parents[middle] = j;
              }
            }
          });
      if (nearest[0] > maxDistance * maxDistance) {
        parents[i] = i;
      }
    }
    return parents;
  }

  private void visitNeighbourhood(LabFeatures features, int middle, Neighbourhood.Visitor visitor) {
    Neighbourhood.visit(
        features,
        Neighbourhood.coordinates(features.sizes(), middle),
        Math.ceil(3 * kernelSize),
        visitor);
  }

  private double squaredDistance(LabFeatures features, int i, int j, double spatial) {
    return spatial + ratio * ratio * features.squaredDistance(i, j);
  }

  /** Replaces every parent by the root of its tree. */
  private static int[] roots(int[] parents) {
    for (int i = 0; i < parents.length; i++) {
      int root = i;
      while (parents[root] != root) {
        root = parents[root];
      }
      // Path compression: no path is walked twice.
      for (int j = i; parents[j] != j; ) {
        int up = parents[j];
        parents[j] = root;
        j = up;
      }
    }
    return parents;
  }
}
