package org.aucmedi.xai.imaging.medical.codec;

/** The bits of coding passes that bypass the arithmetic coder (T.800, D.6). */
final class RawBits {

  private final byte[] data;
  private final int end;
  private int position;
  private int current;
  private int left;

  RawBits(byte[] data, int start, int length) {
    this.data = data;
    position = start;
    end = start + length;
  }

  /** {@return the next bit; ones behind the end} */
  int bit() {
    if (left == 0) {
      // After a byte of ones, a zero bit is stuffed.
      left = current == 0xff ? 7 : 8;
      current = position < end ? data[position++] & 0xff : 0xff;
    }
    left--;
    return current >> left & 1;
  }
}
