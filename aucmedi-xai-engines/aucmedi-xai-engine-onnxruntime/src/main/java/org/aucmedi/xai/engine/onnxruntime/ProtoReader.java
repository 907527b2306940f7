package org.aucmedi.xai.engine.onnxruntime;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.LongConsumer;

/**
 * Reads the wire format of protocol buffers from a stream, field by field.
 *
 * <p>A model file is mostly weights, but only the names around them are needed. Unused fields are
 * skipped without holding them in memory, which a generated parser cannot do.
 */
final class ProtoReader {

  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED32 = 5;
  private static final int MAX_STRING = 1 << 20;
  private static final int MAX_DEPTH = 100;

  /** Handles one field of a message; a field that it does not read is skipped. */
  @FunctionalInterface
  interface FieldVisitor {
    void field(int number) throws IOException;
  }

  private final InputStream in;
  private long position;
  private long limit;
  private int wireType;
  private boolean read;
  private int depth;

  /**
   * Starts reading.
   *
   * @param in a buffered stream, which the caller closes
   * @param length the number of bytes it holds
   */
  ProtoReader(InputStream in, long length) {
    this.in = in;
    this.limit = length;
  }

  /** Visits every field up to the end of the message. */
  void fields(FieldVisitor visitor) throws IOException {
    while (position < limit) {
      long tag = varint();
      wireType = (int) (tag & 7);
      read = false;
      visitor.field((int) (tag >>> 3));
      if (!read) {
        skip();
      }
    }
  }

  /** Visits the fields of the current field, a message. */
  void message(FieldVisitor visitor) throws IOException {
    long length = length();
    if (depth == MAX_DEPTH) {
      throw new IOException("more than " + MAX_DEPTH + " messages are nested");
    }
    long outer = limit;
    limit = position + length;
    depth++;
    fields(visitor);
    depth--;
    limit = outer;
    read = true;
  }

  /** Reads the current field, a number. */
  long number() throws IOException {
    expect(VARINT);
    read = true;
    return varint();
  }

  /** Reads the current field, one number or a packed list of them. */
  void numbers(LongConsumer each) throws IOException {
    if (wireType == VARINT) {
      each.accept(number());
      return;
    }
    long end = position + length();
    while (position < end) {
      each.accept(varint());
    }
    read = true;
  }

  /** Reads the current field, text. */
  String string() throws IOException {
    long length = length();
    if (length > MAX_STRING) {
      throw new IOException("there is a name of " + length + " bytes");
    }
    byte[] bytes = in.readNBytes((int) length);
    if (bytes.length < length) {
      throw new EOFException("the file ends early");
    }
    position += length;
    read = true;
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private void skip() throws IOException {
    switch (wireType) {
      case VARINT -> varint();
      case FIXED64 -> skip(8);
      case BYTES -> skip(length());
      case FIXED32 -> skip(4);
      default -> throw new IOException("there is no wire type " + wireType);
    }
  }

  private void skip(long bytes) throws IOException {
    in.skipNBytes(bytes);
    position += bytes;
  }

  /** The number of bytes in the current field, which must end where its message does or before. */
  private long length() throws IOException {
    expect(BYTES);
    long length = varint();
    // position + length might overflow.
    if (length < 0 || length > limit - position) {
      throw new IOException("a field is longer than what it is part of");
    }
    return length;
  }

  private void expect(int type) throws IOException {
    if (wireType != type) {
      throw new IOException("wire type " + wireType + " where " + type + " is expected");
    }
  }

  private long varint() throws IOException {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      int next = in.read();
      if (next < 0) {
        throw new EOFException("the file ends early");
      }
      position++;
      value |= (long) (next & 0x7f) << shift;
      if (next < 0x80) {
        return value;
      }
    }
    throw new IOException("a number has more than 64 bits");
  }
}
