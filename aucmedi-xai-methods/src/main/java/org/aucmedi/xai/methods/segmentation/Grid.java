package org.aucmedi.xai.methods.segmentation;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.array.Spacing;

/**
 * Boxes of about the same size, whatever the image shows. They are as near to cubes as the axes
 * allow, so that a thin volume is cut along its long axes only; where the spacing is known, in
 * millimetres.
 *
 * @param segments about how many boxes, at least 1
 */
public record Grid(int segments) implements Segmentation {

  /** Checks the number. */
  public Grid {
    checkArgument(segments >= 1, "the number of segments must be at least 1, got %s", segments);
  }

  @Override
  public Superpixels segment(float[] image, BatchAxes axes) {
    return Superpixels.of(cells(axes.spatialSizes(), counts(axes)));
  }

  /** Returns how many boxes there are along each axis. */
  int[] counts(BatchAxes axes) {
    int[] sizes = axes.spatialSizes();
    double[] spacing = spacing(axes);
    double step = step(axes);
    int[] counts = new int[sizes.length];
    Arrays.setAll(
        counts,
        a -> (int) Math.max(1, Math.min(sizes[a], Math.round(sizes[a] * spacing[a] / step))));
    return counts;
  }

  /** Returns the distances of neighbouring positions; 1 where the spacing is not known. */
  static double[] spacing(BatchAxes axes) {
    Spacing known = axes.spacing();
    if (known != null) {
      return known.millimetres();
    }
    double[] ones = new double[axes.spatialSizes().length];
    Arrays.fill(ones, 1);
    return ones;
  }

  /** Returns the side of a box; shorter axes are not divided. */
  double step(BatchAxes axes) {
    double[] spacing = spacing(axes);
    double[] ascending = new double[spacing.length];
    Arrays.setAll(ascending, a -> axes.spatialSizes()[a] * spacing[a]);
    Arrays.sort(ascending);
    double volume = Arrays.stream(ascending).reduce(1, (a, b) -> a * b);
    int axis = 0;
    double step = Math.pow(volume / segments, 1.0 / ascending.length);
    while (axis < ascending.length - 1 && ascending[axis] < step) {
      volume /= ascending[axis];
      axis++;
      step = Math.pow(volume / segments, 1.0 / (ascending.length - axis));
    }
    return Math.max(Arrays.stream(spacing).min().orElseThrow(), step);
  }

  /** Returns the box of every position. */
  static int[] cells(int[] sizes, int[] counts) {
    int[] cells = {0};
    for (int a = 0; a < sizes.length; a++) {
      int[] finer = new int[cells.length * sizes[a]];
      for (int i = 0; i < finer.length; i++) {
        int box = (int) ((long) (i % sizes[a]) * counts[a] / sizes[a]);
        finer[i] = cells[i / sizes[a]] * counts[a] + box;
      }
      cells = finer;
    }
    return cells;
  }
}
