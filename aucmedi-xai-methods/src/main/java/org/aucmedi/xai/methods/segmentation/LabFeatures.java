package org.aucmedi.xai.methods.segmentation;

import java.util.Arrays;
import org.aucmedi.xai.array.BatchAxes;

/**
 * The colour features of every position of an image, by which superpixels compare positions.
 *
 * <p>Three channels are read as sRGB and converted to CIELAB (illuminant D65, 2 degree observer).
 * Otherwise the values are multiplied by 100, the range of L for values in [0, 1].
 */
final class LabFeatures {

  private static final double[][] XYZ_OF_RGB = {
    {0.412453, 0.357580, 0.180423},
    {0.212671, 0.715160, 0.072169},
    {0.019334, 0.119193, 0.950227}
  };

  private static final double[] WHITE = {0.95047, 1, 1.08883};

  private final int[] sizes;
  private final double[] spacing;
  private final int channels;
  private final double[] values;

  private LabFeatures(int[] sizes, double[] spacing, int channels, double[] values) {
    this.sizes = sizes;
    this.spacing = spacing;
    this.channels = channels;
    this.values = values;
  }

  /**
   * Computes the features of an image.
   *
   * @param image its values; non-finite values count as zero
   * @param axes the axes of a batch of one, with one to three spatial axes
   * @param stretch whether to rescale the values to [0, 1] by their extremes first
   */
  static LabFeatures of(float[] image, BatchAxes axes, boolean stretch) {
    double[] finite = new double[image.length];
    for (int i = 0; i < image.length; i++) {
      finite[i] = Float.isFinite(image[i]) ? image[i] : 0;
    }
    if (stretch) {
      double min = Arrays.stream(finite).min().orElse(0);
      double max = Arrays.stream(finite).max().orElse(0);
      double range = max > min ? max - min : 1;
      Arrays.setAll(finite, i -> (finite[i] - min) / range);
    }
    int channels = axes.channels();
    double[] values = new double[image.length];
    double[] color = new double[channels];
    for (int position = 0; position < axes.positions(); position++) {
      for (int c = 0; c < channels; c++) {
        color[c] = finite[axes.index(0, c, position)];
      }
      double[] features = channels == 3 ? lab(color) : color;
      for (int c = 0; c < channels; c++) {
        values[position * channels + c] = channels == 3 ? features[c] : 100 * features[c];
      }
    }
    // A 2D image is a volume of one slice.
    int[] given = axes.spatialSizes();
    int[] sizes = {1, 1, 1};
    System.arraycopy(given, 0, sizes, 3 - given.length, given.length);
    double[] spacing = {1, 1, 1};
    System.arraycopy(Grid.spacing(axes), 0, spacing, 3 - given.length, given.length);
    return new LabFeatures(sizes, spacing, channels, values);
  }

  /** Values outside [0, 1] are extrapolated by the same formulas. */
  static double[] lab(double[] rgb) {
    double[] f = new double[3];
    for (int i = 0; i < 3; i++) {
      double sum = 0;
      for (int c = 0; c < 3; c++) {
        double linear = rgb[c] > 0.04045 ? Math.pow((rgb[c] + 0.055) / 1.055, 2.4) : rgb[c] / 12.92;
        sum += XYZ_OF_RGB[i][c] * linear;
      }
      double part = sum / WHITE[i];
      f[i] = part > 0.008856 ? Math.cbrt(part) : 7.787 * part + 16 / 116.0;
    }
    return new double[] {116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])};
  }

  /** Returns the sizes of three axes; missing leading axes have size 1. */
  int[] sizes() {
    return sizes;
  }

  /** Returns the distances of neighbouring positions along three axes; 1 where it is not known. */
  double[] spacing() {
    return spacing;
  }

  int channels() {
    return channels;
  }

  int positions() {
    return values.length / channels;
  }

  double value(int position, int channel) {
    return values[position * channels + channel];
  }

  /** Returns the squared Euclidean distance between the features of two positions. */
  double squaredDistance(int a, int b) {
    double sum = 0;
    for (int c = 0; c < channels; c++) {
      double difference = values[a * channels + c] - values[b * channels + c];
      sum += difference * difference;
    }
    return sum;
  }
}
