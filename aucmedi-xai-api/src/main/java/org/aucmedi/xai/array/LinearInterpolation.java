package org.aucmedi.xai.array;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;

/**
 * Linear interpolation along each axis, with pixel centres at half-integers: target i is at source
 * {@code (i + 0.5) * in / out - 0.5}. No anti-aliasing filter is applied.
 */
public final class LinearInterpolation {

  /** How to extend the values beyond the outermost pixel centres. */
  public enum BorderMode {
    /** Repeats the outermost value. Used by AUCMEDI in 2-D. */
    CLAMP,
    /** Mirrors the inner values. Used by AUCMEDI in 3-D. */
    MIRROR;

    /**
     * {@return the border that AUCMEDI uses}
     *
     * @param spatialRank 2 or 3
     */
    public static BorderMode ofRank(int spatialRank) {
      return spatialRank == 2 ? CLAMP : MIRROR;
    }
  }

  private LinearInterpolation() {}

  /**
   * Resizes an array with channels last.
   *
   * @param data the values, row-major; not changed
   * @param from the spatial shape of the values
   * @param to the new spatial shape, of the same rank
   * @param channels the number of channels, 1 for a map
   * @param border how to extend the values at the border
   * @return the resized values
   * @throws IllegalArgumentException if the values do not fill the shape, the rank differs or an
   *     axis is empty
   */
  public static float[] resize(
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
        data.length == Arrays.stream(from).asLongStream().reduce(channels, (a, b) -> a * b),
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
