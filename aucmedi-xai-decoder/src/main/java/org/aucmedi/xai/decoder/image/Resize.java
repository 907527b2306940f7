package org.aucmedi.xai.decoder.image;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;

/**
 * Linear interpolation along each axis, with pixel centres at half-integers: target i lies at
 * source {@code (i + 0.5) * in / out - 0.5}. There is no filter against aliasing.
 *
 * <p>Two and three dimensions differ at the border, as they do in AUCMEDI: in two, places outside
 * the outermost pixel centres repeat them; in three, they are mirrored about them.
 */
public final class Resize {

  /** What lies outside the outermost pixel centres. */
  public enum BorderMode {
    /** The outermost value. AUCMEDI's in two dimensions. */
    CLAMP,
    /** The values inside, mirrored. AUCMEDI's in three dimensions. */
    MIRROR
  }

  private Resize() {}

  /**
   * Resizes an image. In two dimensions integers are rounded and stay integers; in three everything
   * becomes floating-point.
   *
   * @param image the image
   * @param shape the new spatial shape, of the image's rank
   * @return the resized image
   * @throws IllegalArgumentException if the rank differs or an axis is empty
   */
  public static ImageArray image(ImageArray image, int... shape) {
    return image(image, defaultBorder(shape), shape);
  }

  /**
   * Resizes an image as {@link #image(ImageArray, int...)}, with another border.
   *
   * @param image the image
   * @param border what lies outside
   * @param shape the new spatial shape, of the image's rank
   * @return the resized image
   * @throws IllegalArgumentException if the rank differs or an axis is empty
   */
  public static ImageArray image(ImageArray image, BorderMode border, int... shape) {
    boolean plane = image.spatialRank() == 2;
    float[] data =
        interpolate(image.values(), image.spatialShape(), shape, image.channels(), border);
    if (plane && image.sampleType().isInteger()) {
      for (int i = 0; i < data.length; i++) {
        data[i] = (float) Math.floor(data[i] + 0.5);
      }
    }
    return ImageArray.wrap(
        shape.clone(), image.channels(), data, plane ? image.sampleType() : SampleType.FLOAT);
  }

  /**
   * Resizes a map.
   *
   * @param map the values, row-major
   * @param from their shape, two or three axes
   * @param to the new shape, of the same rank
   * @return the resized values
   * @throws IllegalArgumentException if the values do not fill the shape, the rank differs or an
   *     axis is empty
   */
  public static float[] map(float[] map, int[] from, int[] to) {
    return map(map, from, to, defaultBorder(to));
  }

  /**
   * Resizes a map.
   *
   * @param map the values, row-major
   * @param from their shape, two or three axes
   * @param to the new shape, of the same rank
   * @param border what lies outside
   * @return the resized values
   * @throws IllegalArgumentException if the values do not fill the shape, the rank differs or an
   *     axis is empty
   */
  public static float[] map(float[] map, int[] from, int[] to, BorderMode border) {
    return interpolate(map, from, to, 1, border);
  }

  private static BorderMode defaultBorder(int[] shape) {
    return shape.length == 2 ? BorderMode.CLAMP : BorderMode.MIRROR;
  }

  private static float[] interpolate(
      float[] data, int[] from, int[] to, int channels, BorderMode border) {
    checkArgument(
        from.length == to.length,
        "cannot resize %s to %s: the number of axes differs",
        Arrays.toString(from),
        Arrays.toString(to));
    checkArgument(
        Arrays.stream(from).allMatch(size -> size > 0)
            && Arrays.stream(to).allMatch(size -> size > 0),
        "cannot resize %s to %s: an axis is empty",
        Arrays.toString(from),
        Arrays.toString(to));
    checkArgument(
        data.length == (long) ImageArray.positions(from) * channels,
        "%s values do not fill %s with %s channels",
        data.length,
        Arrays.toString(from),
        channels);
    float[] current = data.clone();
    int[] shape = from.clone();
    for (int axis = 0; axis < shape.length; axis++) {
      if (shape[axis] != to[axis]) {
        current = alongAxis(current, shape, axis, to[axis], channels, border);
        shape[axis] = to[axis];
      }
    }
    return current;
  }

  private static float[] alongAxis(
      float[] data, int[] shape, int axis, int size, int channels, BorderMode border) {
    int in = shape[axis];
    int inner = channels;
    for (int a = axis + 1; a < shape.length; a++) {
      inner *= shape[a];
    }
    int outer = data.length / inner / in;
    float[] result = new float[Math.multiplyExact(Math.multiplyExact(outer, size), inner)];
    for (int i = 0; i < size; i++) {
      double centre = border((i + 0.5) * in / size - 0.5, in, border);
      int low = Math.min((int) Math.floor(centre), in - 1);
      int high = Math.min(low + 1, in - 1);
      float weight = (float) (centre - low);
      for (int o = 0; o < outer; o++) {
        int target = (o * size + i) * inner;
        int first = (o * in + low) * inner;
        int second = (o * in + high) * inner;
        for (int k = 0; k < inner; k++) {
          result[target + k] = data[first + k] * (1 - weight) + data[second + k] * weight;
        }
      }
    }
    return result;
  }

  /** Maps a coordinate into [0, n - 1]. */
  private static double border(double centre, int n, BorderMode border) {
    double last = n - 1;
    if (border == BorderMode.MIRROR && n > 1) {
      double mirrored = Math.abs(centre);
      return mirrored > last ? 2 * last - mirrored : mirrored;
    }
    return Math.max(0, Math.min(last, centre));
  }
}
