package org.aucmedi.xai.imaging.medical.codec;

import java.io.IOException;

/** The bytes of one marker segment after its length. */
final class JpegSegment {

  private final byte[] data;
  private final int end;
  private int position;

  JpegSegment(byte[] data, int start, int end) {
    this.data = data;
    this.position = start;
    this.end = end;
  }

  int remaining() {
    return end - position;
  }

  int u8() throws IOException {
    if (position >= end) {
      throw new IOException("a marker segment of its JPEG data is too short");
    }
    return data[position++] & 0xff;
  }

  int u16() throws IOException {
    int high = u8();
    return (high << 8) | u8();
  }

  boolean startsWith(String text) {
    if (remaining() < text.length()) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      if (data[position + i] != text.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  void skip(int bytes) {
    position = Math.min(end, position + bytes);
  }
}
