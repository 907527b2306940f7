package org.aucmedi.xai.decoder.image;

/** The extremes of some values. */
record Range(float min, float max) {

  /** AUCMEDI's smoothing; it keeps a constant image finite. */
  private static final double SMOOTH = 1e-6;

  static Range of(float[] values) {
    float min = Float.POSITIVE_INFINITY;
    float max = Float.NEGATIVE_INFINITY;
    for (float value : values) {
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
    return new Range(min, max);
  }

  /** Whether 8-bit pictures have such values. */
  boolean isIn255() {
    return min >= 0 && max <= 255;
  }

  /** Maps the range to (0, 1]. */
  double scale(double value) {
    return (value - min + SMOOTH) / ((double) max - min + SMOOTH);
  }
}
