package org.aucmedi.xai.methods.segmentation;

import static com.google.common.base.Preconditions.checkArgument;

import org.aucmedi.xai.array.BatchAxes;

/**
 * Quick shift: every place is linked to the nearest one of higher density, and long links are cut.
 *
 * <p>With the vector v of a place, its position followed by {@code ratio} times its colour in
 * CIELAB, and W the window of {@code ceil(3 * kernelSize)} places to every side,
 *
 * <pre>{@code
 * density(i) = sum over j in W(i) of exp(-|v(i) - v(j)|^2 / (2 * kernelSize^2))
 * parent(i)  = the j in W(i) nearest to i by |v(i) - v(j)| with density(j) > density(i),
 *              or i itself if there is none or it is further than maxDistance
 * }</pre>
 *
 * and the trees are the superpixels. How many there are depends on the image. Of two equal
 * densities the one that comes first in the image counts as higher, so that nothing is random and
 * an even area is one superpixel. Parts need not be connected, though they mostly are.
 *
 * <p>Images of other than three channels and volumes are divided by the same formula, with the
 * values times 100 in the place of CIELAB. The cost is the number of places times that of a window,
 * which for volumes is 25 to the power of three.
 *
 * <p>Paper: A. Vedaldi, S. Soatto, <a
 * href="https://www.robots.ox.ac.uk/~vedaldi/assets/pubs/vedaldi08quick.pdf">Quick Shift and Kernel
 * Methods for Mode Seeking</a>, 2008.
 *
 * @param kernelSize the width of the Gaussian in places, above 0; larger means fewer superpixels
 * @param maxDistance the longest link, at least 0; larger means fewer superpixels
 * @param ratio what colour counts against closeness, at least 0; larger means more superpixels
 * @param stretch whether the image is brought to [0, 1] first, by its extremes
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
    int[] sizes = features.sizes();
    Neighbourhood.visit(sizes, Neighbourhood.coordinates(sizes, middle), Math.ceil(3 * kernelSize), visitor);
  }

  private double squaredDistance(LabFeatures features, int i, int j, double ofPlaces) {
    return ofPlaces + ratio * ratio * features.squaredDistance(i, j);
  }

  /** Replaces every parent by the root of its tree. */
  private static int[] roots(int[] parents) {
    for (int i = 0; i < parents.length; i++) {
      int root = i;
      while (parents[root] != root) {
        root = parents[root];
      }
      // Every place on the way knows its root from now on, so that no way is walked twice.
      for (int j = i; parents[j] != j; ) {
        int up = parents[j];
        parents[j] = root;
        j = up;
      }
    }
    return parents;
  }
}
