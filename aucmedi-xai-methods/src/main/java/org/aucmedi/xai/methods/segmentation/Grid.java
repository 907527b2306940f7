package org.aucmedi.xai.methods.segmentation;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import org.aucmedi.xai.array.BatchAxes;

/**
 * Boxes of about the same size, whatever the image shows. They are as near to cubes as the axes
 * allow, so that a thin volume is cut along its long axes only.
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
    return Superpixels.of(cells(axes.spatialSizes(), counts(axes.spatialSizes())));
  }

  /** Returns how many boxes there are along each axis. */
  int[] counts(int[] sizes) {
    double step = step(sizes);
    return Arrays.stream(sizes)
        .map(size -> (int) Math.max(1, Math.min(size, Math.round(size / step))))
        .toArray();
  }

  /** Returns the side of a box in positions; shorter axes are not divided. */
  double step(int[] sizes) {
    int[] ascending = sizes.clone();
    Arrays.sort(ascending);
    double volume = Arrays.stream(ascending).asDoubleStream().reduce(1, (a, b) -> a * b);
    int axis = 0;
    double step = Math.pow(volume / segments, 1.0 / ascending.length);
    while (axis < ascending.length - 1 && ascending[axis] < step) {
      volume /= ascending[axis];
      axis++;
      step = Math.pow(volume / segments, 1.0 / (ascending.length - axis));
    }
    return Math.max(1, step);
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
