package org.aucmedi.xai.imaging;

/** Converts cyan, magenta, yellow and black to RGB, without a colour profile. */
final class Inks {

  private Inks() {}

  /**
   * Converts a pixel in place.
   *
   * @param cmyk the inks, 0 to 255; its first three become red, green and blue, 0 to 255
   * @param whole whether the values are whole numbers and stay so, rounded as Pillow rounds
   */
  static void toRgb(double[] cmyk, boolean whole) {
    double light = 255 - cmyk[3];
    for (int c = 0; c < 3; c++) {
      double dark = cmyk[c] * light / 255;
      cmyk[c] = light - (whole ? Math.rint(dark) : dark);
    }
  }
}
