package org.aucmedi.xai.array;

/**
 * The range of some values.
 *
 * @param min the smallest
 * @param max the largest
 */
public record Range(float min, float max) {

  /** AUCMEDI's smoothing term, which keeps a constant image finite. */
  private static final double SMOOTH = 1e-6;

  /**
   * {@return the smallest and the largest value}
   *
   * @param values the values, at least one
   */
  public static Range of(float[] values) {
    float min = Float.POSITIVE_INFINITY;
    float max = Float.NEGATIVE_INFINITY;
    for (float value : values) {
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
    return new Range(min, max);
  }

  /** {@return whether the values lie in [0, 255], as those of 8-bit images do} */
  public boolean isIn255() {
    return min >= 0 && max <= 255;
  }

  /**
   * Maps the range to (0, 1]: {@code (x - min + e) / (max - min + e)} with AUCMEDI's e = 1e-6.
   *
   * @param value x
   * @return the scaled value
   */
  public double scale(double value) {
    return (value - min + SMOOTH) / ((double) max - min + SMOOTH);
  }
}
