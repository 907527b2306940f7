package org.aucmedi.xai.imaging;

/**
 * Resizes 8-bit pictures with exactly the rounding of OpenCV's {@code INTER_LINEAR}, which is what
 * AUCMEDI's models are trained on: weights are multiples of 1/2048, and the sum of two rows is cut
 * off to quarters before it is rounded.
 */
final class FixedPointResize {

  private static final int ONE = 1 << 11;

  private FixedPointResize() {}

  /** The two pixels between which each target lies, and their weights. */
  private record Axis(int[] low, int[] high, int[] lowWeight, int[] highWeight) {

    /**
     * OpenCV divides twice and goes on in single precision, so do we.
     *
     * @param snap whether a target outside the outermost centres has all of the outermost pixel;
     *     else it has that pixel twice, cut off separately
     */
    static Axis of(int from, int to, boolean snap) {
      double scale = 1 / ((double) to / from);
      Axis axis = new Axis(new int[to], new int[to], new int[to], new int[to]);
      for (int i = 0; i < to; i++) {
        float centre = (float) ((i + 0.5) * scale - 0.5);
        int low = (int) Math.floor(centre);
        float weight = snap && (low < 0 || low >= from - 1) ? 0 : centre - low;
        axis.low[i] = Math.max(0, Math.min(low, from - 1));
        axis.high[i] = Math.max(0, Math.min(low + 1, from - 1));
        axis.lowWeight[i] = (int) Math.rint((1 - weight) * ONE);
        axis.highWeight[i] = (int) Math.rint(weight * ONE);
      }
      return axis;
    }
  }

  /**
   * Resizes a picture.
   *
   * @param pixels whole numbers from 0 to 255, row-major, channels last
   * @param from height and width
   * @param to the new height and width
   * @param channels the number of channels
   * @return whole numbers from 0 to 255
   */
  static float[] resize(float[] pixels, int[] from, int[] to, int channels) {
    Axis rows = Axis.of(from[0], to[0], false);
    Axis columns = Axis.of(from[1], to[1], true);
    int stride = from[1] * channels;
    int width = Math.multiplyExact(to[1], channels);
    float[] result = new float[Math.multiplyExact(to[0], width)];
    int[] low = new int[width];
    int[] high = new int[width];
    for (int y = 0; y < to[0]; y++) {
      interpolate(pixels, rows.low[y] * stride, columns, channels, low);
      interpolate(pixels, rows.high[y] * stride, columns, channels, high);
      for (int x = 0; x < width; x++) {
        int sum =
            ((rows.lowWeight[y] * (low[x] >> 4)) >> 16)
                + ((rows.highWeight[y] * (high[x] >> 4)) >> 16);
        result[y * width + x] = (sum + 2) >> 2;
      }
    }
    return result;
  }

  /** A row, 2048 times as large. */
  private static void interpolate(
      float[] pixels, int row, Axis columns, int channels, int[] result) {
    for (int x = 0; x < columns.low.length; x++) {
      for (int c = 0; c < channels; c++) {
        result[x * channels + c] =
            columns.lowWeight[x] * (int) pixels[row + columns.low[x] * channels + c]
                + columns.highWeight[x] * (int) pixels[row + columns.high[x] * channels + c];
      }
    }
  }
}
