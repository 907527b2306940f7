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
    checkShapes(data, from, from, to, channels);
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

  /**
   * Applies the transpose of {@link #resize} as a matrix: with the same shapes, the sum over i of
   * {@code resize(a)[i] * b[i]} is that over j of {@code a[j] * transposed(b)[j]}. So it takes the
   * gradient of something with respect to the resized array to that with respect to the array.
   *
   * @param data the values of the resized shape, row-major; not changed
   * @param from the spatial shape before resizing, that of the result
   * @param to the spatial shape of the values, of the same rank
   * @param channels the number of channels, 1 for a map
   * @param border how resizing extends the values at the border
   * @return the values that the matrix gives
   * @throws IllegalArgumentException if the values do not fill the shape, the rank differs or an
   *     axis is empty
   */
  public static float[] transposed(
      float[] data, int[] from, int[] to, int channels, BorderMode border) {
    checkShapes(data, to, from, to, channels);
    float[] current = data.clone();
    int[] shape = to.clone();
    for (int axis = shape.length - 1; axis >= 0; axis--) {
      if (shape[axis] != from[axis]) {
        current = backAlongAxis(current, shape, axis, from[axis], channels, border);
        shape[axis] = from[axis];
      }
    }
    return current;
  }

  private static void checkShapes(float[] data, int[] own, int[] from, int[] to, int channels) {
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
        data.length == Arrays.stream(own).asLongStream().reduce(channels, (a, b) -> a * b),
        "%s values do not fill %s with %s channels",
        data.length,
        Arrays.toString(own),
        channels);
  }

  private static float[] alongAxis(
      float[] data, int[] shape, int axis, int size, int channels, BorderMode border) {
    int in = shape[axis];
    int inner = inner(shape, axis, channels);
    int outer = data.length / inner / in;
    float[] result = new float[Math.multiplyExact(Math.multiplyExact(outer, size), inner)];
    for (int i = 0; i < size; i++) {
      Source source = Source.of(i, in, size, border);
      float weight = source.weight;
      for (int o = 0; o < outer; o++) {
        int target = (o * size + i) * inner;
        int first = (o * in + source.low) * inner;
        int second = (o * in + source.high) * inner;
        for (int k = 0; k < inner; k++) {
          result[target + k] = data[first + k] * (1 - weight) + data[second + k] * weight;
        }
      }
    }
    return result;
  }

  /** The transpose of {@link #alongAxis}, from the shape to an axis of size {@code in}. */
  private static float[] backAlongAxis(
      float[] data, int[] shape, int axis, int in, int channels, BorderMode border) {
    int size = shape[axis];
    int inner = inner(shape, axis, channels);
    int outer = data.length / inner / size;
    float[] result = new float[Math.multiplyExact(Math.multiplyExact(outer, in), inner)];
    for (int i = 0; i < size; i++) {
      Source source = Source.of(i, in, size, border);
      float weight = source.weight;
      for (int o = 0; o < outer; o++) {
        int target = (o * size + i) * inner;
        int first = (o * in + source.low) * inner;
        int second = (o * in + source.high) * inner;
        for (int k = 0; k < inner; k++) {
          result[first + k] += data[target + k] * (1 - weight);
          result[second + k] += data[target + k] * weight;
        }
      }
    }
    return result;
  }

  private static int inner(int[] shape, int axis, int channels) {
    int inner = channels;
    for (int a = axis + 1; a < shape.length; a++) {
      inner *= shape[a];
    }
    return inner;
  }

  /** The two values between which a target lies, and how far it is from the first. */
  private record Source(int low, int high, float weight) {

    static Source of(int i, int in, int size, BorderMode border) {
      double centre = border((i + 0.5) * in / size - 0.5, in, border);
      int low = Math.min((int) Math.floor(centre), in - 1);
      return new Source(low, Math.min(low + 1, in - 1), (float) (centre - low));
    }
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
