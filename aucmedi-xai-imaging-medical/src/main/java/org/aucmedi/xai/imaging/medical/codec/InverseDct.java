package org.aucmedi.xai.imaging.medical.codec;

/** The inverse discrete cosine transform of 8 x 8 coefficients (T.81 A.3.3). */
final class InverseDct {

  private static final int SIZE = 8;
  private static final int HALF = SIZE / 2;

  /** Entry (x, u) is C(u) / 2 cos((2 x + 1) u pi / 16), of the first half of x. */
  private static final double[] BASIS = basis();

  private final double[] line = new double[SIZE];

  /** Transforms a block in place, columns and then rows. */
  void transform(double[] block) {
    for (int column = 0; column < SIZE; column++) {
      transform(block, column, SIZE);
    }
    for (int row = 0; row < SIZE; row++) {
      transform(block, row * SIZE, 1);
    }
  }

  /** One dimension: cosines of even frequencies are even about the middle, odd ones odd. */
  private void transform(double[] block, int start, int step) {
    for (int u = 0; u < SIZE; u++) {
      line[u] = block[start + u * step];
    }
    for (int x = 0; x < HALF; x++) {
      int at = x * SIZE;
      double even = 0;
      double odd = 0;
      for (int u = 0; u < SIZE; u += 2) {
        even += BASIS[at + u] * line[u];
        odd += BASIS[at + u + 1] * line[u + 1];
      }
      block[start + x * step] = even + odd;
      block[start + (SIZE - 1 - x) * step] = even - odd;
    }
  }

  private static double[] basis() {
    double[] basis = new double[HALF * SIZE];
    for (int x = 0; x < HALF; x++) {
      for (int u = 0; u < SIZE; u++) {
        double scale = u == 0 ? Math.sqrt(0.125) : 0.5;
        basis[x * SIZE + u] = scale * Math.cos((2 * x + 1) * u * Math.PI / 16);
      }
    }
    return basis;
  }
}
