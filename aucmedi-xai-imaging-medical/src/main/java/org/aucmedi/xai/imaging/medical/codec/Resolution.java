package org.aucmedi.xai.imaging.medical.codec;

import java.util.List;

/**
 * A resolution of a tile-component with its subbands and precincts (T.800, B.5 and B.6).
 *
 * @param area its coordinates
 * @param precinctWidthExponent the base 2 logarithm of a precinct's width
 * @param precinctHeightExponent the base 2 logarithm of a precinct's height
 * @param subbands LL of the lowest resolution, HL, LH and HH of another
 */
record Resolution(
    Area area, int precinctWidthExponent, int precinctHeightExponent, List<Subband> subbands) {

  /** {@return the number of precincts in a row, equation (B-16)} */
  int precinctsWide() {
    return cells(area.x0(), area.x1(), precinctWidthExponent);
  }

  /** {@return the number of precincts in a column} */
  int precinctsHigh() {
    return cells(area.y0(), area.y1(), precinctHeightExponent);
  }

  long precinctCount() {
    return area.isEmpty() ? 0 : (long) precinctsWide() * precinctsHigh();
  }

  /** {@return the number of cells of a grid of powers of two that an interval touches} */
  static int cells(int from, int to, int exponent) {
    return to <= from ? 0 : ((to - 1) >> exponent) - (from >> exponent) + 1;
  }
}
