package org.aucmedi.xai.imaging.medical.codec;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A code-block: its place in a subband, and its coding passes as packets bring them. */
final class CodeBlock {

  /** The coding passes before the arithmetic coder may be bypassed (T.800, Table D.9). */
  private static final int PASSES_BEFORE_BYPASS = 10;

  /** The most bit-planes whose coefficients, with half a bit more, fit an int. */
  private static final int MOST_BIT_PLANES = 30;

  private final Area area;
  private final int bitPlanes;
  private final List<Segment> segments = new ArrayList<>();
  private byte[] data = {};
  private int passes;

  /** The base of the number of bits of a length in packet headers (B.10.7.1). */
  private int lengthBits = 3;

  /** Coding passes that share one codeword. */
  static final class Segment {

    private final int firstPass;
    private final int mostPasses;
    private int passes;
    private int length;

    private Segment(int firstPass, int mostPasses) {
      this.firstPass = firstPass;
      this.mostPasses = mostPasses;
    }

    int passes() {
      return passes;
    }

    int length() {
      return length;
    }

    /** {@return whether its bits bypass the arithmetic coder} */
    boolean isRaw(CodingStyle style) {
      return style.bypass() && firstPass >= PASSES_BEFORE_BYPASS && firstPass % 3 != 0;
    }
  }

  /**
   * Constructs a code-block without passes.
   *
   * @param area its coordinates in the subband
   * @param bitPlanes the number of bit-planes that are not all zero
   */
  CodeBlock(Area area, int bitPlanes) throws IOException {
    if (bitPlanes < 1) {
      throw new IOException("its JPEG 2000 data is damaged: a code-block has no bit-planes");
    }
    if (bitPlanes > MOST_BIT_PLANES) {
      throw new IOException(
          "its JPEG 2000 coefficients have "
              + bitPlanes
              + " bits; up to "
              + MOST_BIT_PLANES
              + " are supported");
    }
    this.area = area;
    this.bitPlanes = bitPlanes;
  }

  Area area() {
    return area;
  }

  int bitPlanes() {
    return bitPlanes;
  }

  List<Segment> segments() {
    return segments;
  }

  /** {@return the codewords of the segments, one after the other} */
  byte[] data() {
    return data;
  }

  /**
   * Reads how many bytes of codewords a packet has for this block (B.10.7).
   *
   * @param added the number of passes in the packet
   */
  long readLength(int added, CodingStyle style, PacketBits bits) throws IOException {
    if (passes + added > 3 * bitPlanes - 2) {
      throw new IOException("its JPEG 2000 data is damaged: a code-block has too many passes");
    }
    while (bits.bit() == 1) {
      lengthBits++;
    }
    long total = 0;
    int left = added;
    while (left > 0) {
      Segment segment = openSegment(style);
      int here = Math.min(left, segment.mostPasses - segment.passes);
      int width = lengthBits + 31 - Integer.numberOfLeadingZeros(here);
      if (width > 31) {
        throw new IOException("its JPEG 2000 data is damaged: a code-block is too long");
      }
      int length = bits.bits(width);
      segment.passes += here;
      segment.length += length;
      total += length;
      passes += here;
      left -= here;
    }
    return total;
  }

  private Segment openSegment(CodingStyle style) {
    Segment last = segments.isEmpty() ? null : segments.get(segments.size() - 1);
    if (last == null || last.passes == last.mostPasses) {
      last = new Segment(passes, mostPasses(style));
      segments.add(last);
    }
    return last;
  }

  /** {@return the passes of the segment that starts at the next pass} */
  private int mostPasses(CodingStyle style) {
    if (style.terminatesEachPass()) {
      return 1;
    }
    if (!style.bypass()) {
      return Integer.MAX_VALUE;
    }
    if (passes < PASSES_BEFORE_BYPASS) {
      return PASSES_BEFORE_BYPASS - passes;
    }
    return passes % 3 == 0 ? 1 : 2;
  }

  void append(byte[] from, int start, int length) {
    int size = data.length;
    data = Arrays.copyOf(data, size + length);
    System.arraycopy(from, start, data, size, length);
  }
}
