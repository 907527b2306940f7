package org.aucmedi.xai.imaging.medical.codec;

import java.io.IOException;

/** The bits of a packet header; after a byte of ones, a zero bit is stuffed (T.800, B.10.1). */
final class PacketBits {

  private final CodestreamBytes in;
  private int current;
  private int left;

  PacketBits(CodestreamBytes in) {
    this.in = in;
  }

  int bit() throws IOException {
    if (left == 0) {
      left = current == 0xff ? 7 : 8;
      current = in.u8();
    }
    left--;
    return current >> left & 1;
  }

  int bits(int count) throws IOException {
    int value = 0;
    for (int i = 0; i < count; i++) {
      value = value << 1 | bit();
    }
    return value;
  }

  /** Ends the header at the next whole byte. */
  void end() throws IOException {
    if (current == 0xff) {
      in.u8();
    }
    left = 0;
    current = 0;
  }
}
