package org.aucmedi.xai.imaging.medical.codec;

import java.io.EOFException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A range of bytes, read from its start; numbers are big-endian. */
final class CodestreamBytes {

  private final byte[] data;
  private final int end;
  private final @Nullable String segment;
  private int position;

  CodestreamBytes(byte[] data, int start, int end) {
    this(data, start, end, null);
  }

  private CodestreamBytes(byte[] data, int start, int end, @Nullable String segment) {
    this.data = data;
    this.position = start;
    this.end = end;
    this.segment = segment;
  }

  int position() {
    return position;
  }

  int remaining() {
    return end - position;
  }

  int u8() throws IOException {
    return data[advance(1)] & 0xff;
  }

  int u16() throws IOException {
    return u8() << 8 | u8();
  }

  long u32() throws IOException {
    return (long) u16() << 16 | u16();
  }

  /** {@return the two bytes that come next, which are not consumed; -1 where there are none} */
  int peek16() {
    return remaining() < 2 ? -1 : (data[position] & 0xff) << 8 | (data[position + 1] & 0xff);
  }

  /**
   * Moves on.
   *
   * @return the index of the first byte skipped
   */
  int advance(long bytes) throws IOException {
    if (bytes > remaining()) {
      if (segment == null) {
        throw new EOFException("the file ends early");
      }
      throw new IOException("its JPEG 2000 data is damaged: " + segment + " is too short");
    }
    int start = position;
    position += (int) bytes;
    return start;
  }

  /**
   * Moves on over a part.
   *
   * @param name what a message calls the part where it is too short
   * @return the part
   */
  CodestreamBytes part(long bytes, String name) throws IOException {
    int start = advance(bytes);
    return new CodestreamBytes(data, start, position, name);
  }

  /** {@return the bytes that are left, which are consumed} */
  byte[] rest() {
    byte[] rest = new byte[remaining()];
    System.arraycopy(data, position, rest, 0, rest.length);
    position = end;
    return rest;
  }
}
