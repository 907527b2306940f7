package org.aucmedi.xai.imaging.medical.codec;

/**
 * A rectangle of samples: x0 to x1 and y0 to y1, the ends excluded.
 *
 * @param x0 the first column
 * @param y0 the first row
 * @param x1 the column after the last
 * @param y1 the row after the last
 */
record Area(int x0, int y0, int x1, int y1) {

  int width() {
    return Math.max(0, x1 - x0);
  }

  int height() {
    return Math.max(0, y1 - y0);
  }

  boolean isEmpty() {
    return x1 <= x0 || y1 <= y0;
  }

  Area intersection(Area other) {
    return new Area(
        Math.max(x0, other.x0),
        Math.max(y0, other.y0),
        Math.min(x1, other.x1),
        Math.min(y1, other.y1));
  }

  /** {@return the area of every dx-th column and dy-th row} */
  Area subsampled(int dx, int dy) {
    return new Area(ceilDivide(x0, dx), ceilDivide(y0, dy), ceilDivide(x1, dx), ceilDivide(y1, dy));
  }

  /**
   * {@return the area of a subband, equation (B-15)}
   *
   * @param level the number of halvings
   * @param highX whether it has the horizontal high frequencies
   * @param highY whether it has the vertical high frequencies
   */
  Area subband(int level, boolean highX, boolean highY) {
    return new Area(
        halved(x0, level, highX),
        halved(y0, level, highY),
        halved(x1, level, highX),
        halved(y1, level, highY));
  }

  private static int halved(int value, int level, boolean high) {
    long shifted = high ? value - (1L << (level - 1)) : value;
    return (int) ((shifted + (1L << level) - 1) >> level);
  }

  static int ceilDivide(long value, long divisor) {
    return (int) ((value + divisor - 1) / divisor);
  }
}
