package org.aucmedi.xai.imaging.medical.codec;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The step sizes of a component's subbands: the marker segments QCD and QCC (T.800, A.6.4 and
 * A.6.5, Annex E.1).
 *
 * @param kind 0 none (reversible), 1 derived from the step of the lowest subband, 2 one per subband
 * @param guardBits the number of guard bits
 * @param steps an exponent in the upper bits and eleven bits of mantissa, per subband
 */
record BandQuantization(int kind, int guardBits, List<Integer> steps) {

  private static final int NONE = 0;
  private static final int DERIVED = 1;
  private static final int MANTISSA_BITS = 11;

  static BandQuantization read(CodestreamBytes segment) throws IOException {
    int style = segment.u8();
    int kind = style & 31;
    if (kind > 2) {
      throw new IOException("its JPEG 2000 data is damaged: its quantisation is unknown");
    }
    List<Integer> steps = new ArrayList<>();
    while (segment.remaining() > 0) {
      steps.add(kind == NONE ? segment.u8() >> 3 << MANTISSA_BITS : segment.u16());
    }
    return new BandQuantization(kind, style >> 5, List.copyOf(steps));
  }

  /** Checks that there are step sizes for each subband of a coding style. */
  void check(CodingStyle style) throws IOException {
    if (steps.size() < (kind == DERIVED ? 1 : 3 * style.levels() + 1)) {
      throw new IOException("its JPEG 2000 data is damaged: a quantisation step is missing");
    }
    if (style.reversible() && kind != NONE) {
      throw new IOException(
          "its JPEG 2000 data is damaged: the coefficients of its reversible wavelet are"
              + " quantised");
    }
  }

  /**
   * {@return the number of magnitude bit-planes of a subband, equation (E-2)}
   *
   * @param resolution the resolution that the subband belongs to
   * @param band the index of the subband in its resolution
   */
  int bitPlanes(int resolution, int band) {
    return guardBits + exponent(resolution, band) - 1;
  }

  /**
   * {@return the step size of a subband, equation (E-3)}
   *
   * @param dynamicRange the number of bits of the subband's samples before quantisation
   */
  float step(int resolution, int band, int dynamicRange) {
    int mantissa = steps.get(index(resolution, band)) & (1 << MANTISSA_BITS) - 1;
    return Math.scalb(
        1f + (float) mantissa / (1 << MANTISSA_BITS), dynamicRange - exponent(resolution, band));
  }

  private int exponent(int resolution, int band) {
    int exponent = steps.get(index(resolution, band)) >> MANTISSA_BITS;
    return kind == DERIVED ? exponent - Math.max(0, resolution - 1) : exponent;
  }

  private int index(int resolution, int band) {
    return kind == DERIVED || resolution == 0 ? 0 : 3 * (resolution - 1) + 1 + band;
  }
}
