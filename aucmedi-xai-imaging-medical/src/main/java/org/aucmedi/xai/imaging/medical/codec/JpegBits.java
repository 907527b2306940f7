package org.aucmedi.xai.imaging.medical.codec;

import java.io.IOException;

/**
 * Reads the bits of entropy-coded data, the most significant bit of a byte first, up to the next
 * marker.
 *
 * <p>In JPEG a zero byte is stuffed after each byte 0xff (T.81 F.1.2.3), in JPEG-LS a zero bit
 * (T.87 A.1).
 */
final class JpegBits {

  private static final int STUFFED_BYTE = 0;
  private static final int STUFFED_BIT = 0x7f;

  private final byte[] data;

  /** The largest byte after 0xff that does not make it a marker. */
  private final int largestStuffed;

  private int position;
  private boolean afterFf;

  /** The lowest {@link #count} bits are yet to be read. */
  private long buffer;

  private int count;

  /** How many of the lowest bits are zeros put behind the end of the data. */
  private int padding;

  private JpegBits(byte[] data, int position, int largestStuffed) {
    this.data = data;
    this.position = position;
    this.largestStuffed = largestStuffed;
  }

  /** The bits of JPEG data from a position on. */
  static JpegBits ofJpeg(byte[] data, int position) {
    return new JpegBits(data, position, STUFFED_BYTE);
  }

  /** The bits of JPEG-LS data from a position on. */
  static JpegBits ofJpegLs(byte[] data, int position) {
    return new JpegBits(data, position, STUFFED_BIT);
  }

  /** The next bits, at most 32, zeros behind the end of the data, without passing them. */
  int peek(int bits) {
    if (count < bits) {
      fill();
    }
    return (int) ((buffer >>> (count - bits)) & ((1L << bits) - 1));
  }

  /** Passes bits that {@link #peek} has shown. */
  void skip(int bits) throws IOException {
    count -= bits;
    if (count < padding) {
      throw new IOException("its JPEG data end too early");
    }
  }

  /** Reads at most 32 bits as an unsigned number. */
  int read(int bits) throws IOException {
    int value = peek(bits);
    skip(bits);
    return value;
  }

  /**
   * Reads zeros up to and with the one that ends them.
   *
   * @param most the largest number of zeros accepted
   * @return the number of zeros
   */
  int zeros(int most) throws IOException {
    int zeros = 0;
    int ahead = peek(Integer.SIZE);
    while (ahead == 0 && zeros <= most) {
      skip(Integer.SIZE);
      zeros += Integer.SIZE;
      ahead = peek(Integer.SIZE);
    }
    int rest = Integer.numberOfLeadingZeros(ahead);
    zeros += rest;
    skip(Math.min(rest + 1, Integer.SIZE));
    if (zeros > most) {
      throw new IOException("its JPEG data hold a code that is too long");
    }
    return zeros;
  }

  /** Goes on behind the next marker, which must be RST with a number. */
  void restart(int number) throws IOException {
    buffer = 0;
    count = 0;
    padding = 0;
    afterFf = false;
    while (position + 1 < data.length && !(isFf(position) && isMarkerCode(position + 1))) {
      position++;
    }
    if (position + 1 >= data.length
        || (data[position + 1] & 0xff) != JpegMarkers.RST0 + number % 8) {
      throw new IOException("a restart marker is missing in its JPEG data");
    }
    position += 2;
  }

  /** Where to look for the marker that ends the data. */
  int position() {
    return position;
  }

  private void fill() {
    while (count <= Long.SIZE - 2 * Byte.SIZE) {
      if (position >= data.length || (isFf(position) && !isStuffed(position + 1))) {
        buffer <<= Byte.SIZE;
        count += Byte.SIZE;
        padding += Byte.SIZE;
        continue;
      }
      int bits = afterFf ? Byte.SIZE - 1 : Byte.SIZE;
      boolean ff = isFf(position);
      buffer = (buffer << bits) | (data[position] & 0xff);
      count += bits;
      position++;
      if (largestStuffed == STUFFED_BIT) {
        afterFf = ff;
      } else if (ff) {
        position++;
      }
    }
  }

  private boolean isFf(int index) {
    return data[index] == (byte) 0xff;
  }

  private boolean isStuffed(int index) {
    return index < data.length && (data[index] & 0xff) <= largestStuffed;
  }

  private boolean isMarkerCode(int index) {
    return !isStuffed(index) && !isFf(index);
  }
}
