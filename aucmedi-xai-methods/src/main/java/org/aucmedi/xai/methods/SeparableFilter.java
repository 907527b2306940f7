package org.aucmedi.xai.methods;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import org.aucmedi.xai.array.BatchAxes;

/** A filter along each axis of an image, one after the other; edges are repeated. */
public final class SeparableFilter {

  /** Where a Gaussian is cut off, in standard deviations. */
  private static final double CUT = 4;

  private final double[] kernel;
  private final int radius;

  private SeparableFilter(double[] kernel) {
    this.kernel = kernel;
    this.radius = kernel.length / 2;
  }

  /**
   * {@return the mean of neighbouring positions}
   *
   * @param radius how many on each side, at least 0
   */
  public static SeparableFilter box(int radius) {
    double[] kernel = new double[2 * radius + 1];
    Arrays.fill(kernel, 1.0 / kernel.length);
    return new SeparableFilter(kernel);
  }

  /**
   * {@return a Gaussian, cut off at four standard deviations}
   *
   * @param sigma its standard deviation in positions, at least 0
   */
  public static SeparableFilter gaussian(double sigma) {
    checkArgument(sigma >= 0 && sigma < 1e6, "a standard deviation is 0 or more, got %s", sigma);
    int radius = (int) Math.ceil(CUT * sigma);
    double[] kernel = new double[2 * radius + 1];
    double sum = 0;
    for (int k = 0; k < kernel.length; k++) {
      double distance = sigma == 0 ? 0 : (k - radius) / sigma;
      kernel[k] = Math.exp(-distance * distance / 2);
      sum += kernel[k];
    }
    for (int k = 0; k < kernel.length; k++) {
      kernel[k] /= sum;
    }
    return new SeparableFilter(kernel);
  }

  /**
   * Filters each channel of an image.
   *
   * @param image its values, row-major; not changed
   * @param axes the axes of a batch of one
   * @return the filtered image
   */
  public float[] apply(float[] image, BatchAxes axes) {
    float[] filtered = image.clone();
    for (int c = 0; c < axes.channels(); c++) {
      int stride = axes.positions();
      for (int size : axes.spatialSizes()) {
        stride /= size;
        along(filtered, axes, c, size, stride);
      }
    }
    return filtered;
  }

  private void along(float[] image, BatchAxes axes, int channel, int size, int stride) {
    float[] line = new float[size + 2 * radius];
    for (int start = 0; start < axes.positions(); start++) {
      if (start / stride % size != 0) {
        continue;
      }
      for (int i = 0; i < line.length; i++) {
        int at = Math.max(0, Math.min(size - 1, i - radius));
        line[i] = image[axes.index(0, channel, start + at * stride)];
      }
      for (int i = 0; i < size; i++) {
        double sum = 0;
        for (int k = 0; k < kernel.length; k++) {
          sum += kernel[k] * line[i + k];
        }
        image[axes.index(0, channel, start + i * stride)] = (float) sum;
      }
    }
  }
}
