package org.aucmedi.xai.imaging.medical.codec;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * How the samples of a component are coded: the SPcod or SPcoc part of the marker segments COD and
 * COC (T.800, A.6.1 and A.6.2).
 *
 * @param levels the number of wavelet decompositions
 * @param blockWidthExponent the base 2 logarithm of a code-block's width
 * @param blockHeightExponent the base 2 logarithm of a code-block's height
 * @param blockStyle the flags of Table A.19
 * @param reversible whether the wavelet is the reversible 5/3, not the irreversible 9/7
 * @param precincts the base 2 logarithms of the precincts' sizes per resolution, height in the
 *     upper four bits and width in the lower; empty for the largest
 */
record CodingStyle(
    int levels,
    int blockWidthExponent,
    int blockHeightExponent,
    int blockStyle,
    boolean reversible,
    List<Integer> precincts) {

  private static final int BYPASS = 1;
  private static final int RESET = 2;
  private static final int TERMINATE_EACH_PASS = 4;
  private static final int VERTICALLY_CAUSAL = 8;
  private static final int SEGMENTATION_SYMBOLS = 32;
  private static final int HIGH_THROUGHPUT = 64;

  private static final int MOST_LEVELS = 32;
  private static final int LARGEST_PRECINCT = 15;

  static CodingStyle read(CodestreamBytes segment, boolean withPrecincts) throws IOException {
    int levels = segment.u8();
    int blockWidth = segment.u8() + 2;
    int blockHeight = segment.u8() + 2;
    int style = segment.u8();
    int wavelet = segment.u8();
    if ((style & HIGH_THROUGHPUT) != 0) {
      throw new IOException(
          "its code-blocks are coded with HTJ2K (high-throughput JPEG 2000), which is not"
              + " supported");
    }
    if (levels > MOST_LEVELS
        || blockWidth > 10
        || blockHeight > 10
        || blockWidth + blockHeight > 12
        || style > 63
        || wavelet > 1) {
      throw new IOException("its JPEG 2000 data is damaged: its coding style is unknown");
    }
    List<Integer> precincts = new ArrayList<>();
    for (int r = 0; withPrecincts && r <= levels; r++) {
      int size = segment.u8();
      if (r > 0 && ((size & 15) == 0 || size < 16)) {
        throw new IOException("its JPEG 2000 data is damaged: a precinct is too small");
      }
      precincts.add(size);
    }
    return new CodingStyle(
        levels, blockWidth, blockHeight, style, wavelet == 1, List.copyOf(precincts));
  }

  int precinctWidthExponent(int resolution) {
    return precincts.isEmpty() ? LARGEST_PRECINCT : precincts.get(resolution) & 15;
  }

  int precinctHeightExponent(int resolution) {
    return precincts.isEmpty() ? LARGEST_PRECINCT : precincts.get(resolution) >> 4;
  }

  /** {@return whether late passes bypass the arithmetic coder} */
  boolean bypass() {
    return (blockStyle & BYPASS) != 0;
  }

  /** {@return whether contexts start anew with each pass} */
  boolean resetsContexts() {
    return (blockStyle & RESET) != 0;
  }

  /** {@return whether each pass ends its codeword segment} */
  boolean terminatesEachPass() {
    return (blockStyle & TERMINATE_EACH_PASS) != 0;
  }

  /** {@return whether contexts do not look into the next stripe} */
  boolean verticallyCausal() {
    return (blockStyle & VERTICALLY_CAUSAL) != 0;
  }

  /** {@return whether each cleanup pass ends in four known symbols} */
  boolean segmentationSymbols() {
    return (blockStyle & SEGMENTATION_SYMBOLS) != 0;
  }
}
