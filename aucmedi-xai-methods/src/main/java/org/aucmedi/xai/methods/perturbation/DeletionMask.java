package org.aucmedi.xai.methods.perturbation;

import java.nio.FloatBuffer;
import java.util.Arrays;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.array.LinearInterpolation;
import org.aucmedi.xai.array.LinearInterpolation.BorderMode;

/**
 * A mask of an image: a coarse grid of cells from 0, filled in, to 1, seen; enlarged linearly to
 * the size of the image.
 */
final class DeletionMask {

  private final float[] image;
  private final float[] fill;
  private final BatchAxes axes;
  private final MaskPenalty penalty;
  private final Adam adam;
  private final double[] grid;

  /**
   * Begins with the same value in each cell.
   *
   * @param image the image, row-major
   * @param fill what is seen instead
   * @param axes their axes, of a batch of one
   * @param penalty what the mask costs by itself; it has the numbers of cells
   * @param start the value
   * @param rate the size of a step
   */
  DeletionMask(
      float[] image, float[] fill, BatchAxes axes, MaskPenalty penalty, double start, double rate) {
    this(image, fill, axes, penalty, filled(penalty.cells(), start), rate);
  }

  /** Begins with a value for each cell. */
  DeletionMask(
      float[] image,
      float[] fill,
      BatchAxes axes,
      MaskPenalty penalty,
      double[] start,
      double rate) {
    this.image = image;
    this.fill = fill;
    this.axes = axes;
    this.penalty = penalty;
    grid = start.clone();
    adam = new Adam(grid.length, rate);
  }

  private static double[] filled(int[] cells, double value) {
    double[] grid = new double[Arrays.stream(cells).reduce(1, Math::multiplyExact)];
    Arrays.fill(grid, value);
    return grid;
  }

  /** Returns a copy of the cells. */
  double[] grid() {
    return grid.clone();
  }

  /** Writes the image as it is seen through the mask. */
  void write(FloatBuffer pixels) {
    float[] mask = enlarged();
    for (int i = 0; i < mask.length; i++) {
      for (int c = 0; c < axes.channels(); c++) {
        int at = axes.index(0, c, i);
        pixels.put(at, fill[at] + mask[i] * (image[at] - fill[at]));
      }
    }
  }

  /** Returns the penalty of the mask as it is. */
  double penalty() {
    return penalty.of(grid);
  }

  /**
   * Goes one step against the gradient of the score and the penalty.
   *
   * @param gradient the derivatives of the score with respect to the image that was written last
   */
  void step(FloatBuffer gradient) {
    adam.step(grid, gradient(gradient));
    for (int i = 0; i < grid.length; i++) {
      grid[i] = Math.max(0, Math.min(1, grid[i]));
    }
  }

  /** Returns the derivatives of the score and the penalty with respect to the cells. */
  double[] gradient(FloatBuffer gradient) {
    float[] ofMask = new float[axes.positions()];
    for (int i = 0; i < ofMask.length; i++) {
      double sum = 0;
      for (int c = 0; c < axes.channels(); c++) {
        int at = axes.index(0, c, i);
        sum += gradient.get(at) * ((double) image[at] - fill[at]);
      }
      ofMask[i] = (float) sum;
    }
    float[] ofCells =
        LinearInterpolation.transposed(
            ofMask, penalty.cells(), axes.spatialSizes(), 1, BorderMode.CLAMP);
    double[] all = penalty.gradient(grid);
    for (int g = 0; g < all.length; g++) {
      all[g] += ofCells[g];
    }
    return all;
  }

  /** Returns the share of each position that is filled in. */
  float[] deleted() {
    float[] mask = enlarged();
    for (int i = 0; i < mask.length; i++) {
      mask[i] = 1 - mask[i];
    }
    return mask;
  }

  private float[] enlarged() {
    float[] cells = new float[grid.length];
    for (int g = 0; g < cells.length; g++) {
      cells[g] = (float) grid[g];
    }
    return LinearInterpolation.resize(
        cells, penalty.cells(), axes.spatialSizes(), 1, BorderMode.CLAMP);
  }
}
