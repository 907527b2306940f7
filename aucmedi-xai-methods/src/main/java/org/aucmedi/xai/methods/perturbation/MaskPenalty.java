package org.aucmedi.xai.methods.perturbation;

import java.util.Arrays;

/**
 * What a mask of n cells g costs by itself: by how much it deletes, and how rough it is.
 *
 * <pre>{@code
 * R(g) = area / n * sum over cells of (1 - g)
 *      + smoothness / n * sum over neighbouring cells of |g - g'|^power
 * }</pre>
 *
 * Neighbours are next to each other along one axis, in two or three dimensions.
 *
 * @param cells the number of cells along each axis
 * @param area the weight of what is deleted
 * @param smoothness the weight of differences
 * @param power the power of a difference, at least 1
 */
record MaskPenalty(int[] cells, double area, double smoothness, double power) {

  /** Returns R. */
  double of(double[] grid) {
    double deleted = 0;
    for (double cell : grid) {
      deleted += 1 - cell;
    }
    double[] rough = {0};
    visitNeighbours((i, j) -> rough[0] += Math.pow(Math.abs(grid[i] - grid[j]), power));
    return (area * deleted + smoothness * rough[0]) / grid.length;
  }

  /** Returns the derivatives of R with respect to the cells. */
  double[] gradient(double[] grid) {
    double[] gradient = new double[grid.length];
    Arrays.fill(gradient, -area / grid.length);
    double scale = smoothness * power / grid.length;
    visitNeighbours(
        (i, j) -> {
          double difference = grid[i] - grid[j];
          double slope =
              scale * Math.signum(difference) * Math.pow(Math.abs(difference), power - 1);
          gradient[i] += slope;
          gradient[j] -= slope;
        });
    return gradient;
  }

  @FunctionalInterface
  private interface Pair {
    void accept(int i, int j);
  }

  private void visitNeighbours(Pair pair) {
    int positions = Arrays.stream(cells).reduce(1, (a, b) -> a * b);
    int stride = positions;
    for (int size : cells) {
      stride /= size;
      for (int i = 0; i < positions; i++) {
        if (i / stride % size < size - 1) {
          pair.accept(i, i + stride);
        }
      }
    }
  }
}
