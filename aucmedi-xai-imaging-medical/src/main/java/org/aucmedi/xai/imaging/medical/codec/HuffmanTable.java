package org.aucmedi.xai.imaging.medical.codec;

import java.io.IOException;

/** A Huffman table of JPEG (T.81 annex C and F.2.2.3). */
final class HuffmanTable {

  private static final int LONGEST = 16;

  /** Codes of at most so many bits are looked up at once. */
  private static final int SHORT = 9;

  private final int[] symbols;

  /** The smallest code of each length. */
  private final int[] first = new int[LONGEST + 1];

  /** The number of codes of each length. */
  private final int[] counts = new int[LONGEST + 1];

  /** The index of the first symbol of each length. */
  private final int[] offsets = new int[LONGEST + 1];

  /**
   * For each {@link #SHORT} bits the code's length times 256 plus its symbol; 0 if it is longer.
   */
  private final int[] lookup = new int[1 << SHORT];

  /**
   * Reads a table from a segment DHT, behind the byte of its class and place.
   *
   * @throws IOException if the lengths make no code
   */
  HuffmanTable(JpegSegment segment) throws IOException {
    int total = 0;
    int code = 0;
    for (int length = 1; length <= LONGEST; length++) {
      counts[length] = segment.u8();
      offsets[length] = total;
      first[length] = code;
      total += counts[length];
      code += counts[length];
      if (code > 1 << length) {
        throw new IOException("a Huffman table of its JPEG data is wrong");
      }
      code <<= 1;
    }
    symbols = new int[total];
    for (int i = 0; i < total; i++) {
      symbols[i] = segment.u8();
    }
    for (int length = 1; length <= SHORT; length++) {
      int span = 1 << (SHORT - length);
      for (int i = 0; i < counts[length]; i++) {
        int from = (first[length] + i) * span;
        for (int j = from; j < from + span; j++) {
          lookup[j] = (length << 8) | symbols[offsets[length] + i];
        }
      }
    }
  }

  /** Reads one symbol, 0 to 255. */
  int symbol(JpegBits bits) throws IOException {
    int ahead = bits.peek(LONGEST);
    int found = lookup[ahead >>> (LONGEST - SHORT)];
    if (found != 0) {
      bits.skip(found >>> 8);
      return found & 0xff;
    }
    for (int length = SHORT + 1; length <= LONGEST; length++) {
      int index = (ahead >>> (LONGEST - length)) - first[length];
      if (index < counts[length]) {
        bits.skip(length);
        return symbols[offsets[length] + index];
      }
    }
    throw new IOException("its JPEG data hold a code that is not in their Huffman table");
  }

  /** Reads a signed number whose magnitude has so many bits, at most 16 (T.81 F.2.2.1, EXTEND). */
  static int signed(JpegBits bits, int size) throws IOException {
    if (size == 0) {
      return 0;
    }
    int value = bits.read(size);
    return value < 1 << (size - 1) ? value - (1 << size) + 1 : value;
  }
}
