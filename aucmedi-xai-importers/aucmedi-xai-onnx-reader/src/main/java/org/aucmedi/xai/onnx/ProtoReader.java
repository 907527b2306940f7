package org.aucmedi.xai.onnx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.function.LongConsumer;

/**
 * Reads the wire format of protocol buffers, field by field. Bytes are handed out as slices, so
 * that weights are not copied.
 */
final class ProtoReader {

  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED32 = 5;
  private static final int MAX_DEPTH = 100;
  private static final ByteBuffer NO_BYTES = ByteBuffer.allocate(0);

  private final ByteBuffer in;
  private final int depth;
  private int field;
  private int wireType;
  private long number;
  private ByteBuffer bytes = NO_BYTES;

  /**
   * Starts reading.
   *
   * @param message the bytes of a message
   */
  ProtoReader(ByteBuffer message) {
    this(message, 0);
  }

  private ProtoReader(ByteBuffer message, int depth) {
    this.in = message.slice().order(ByteOrder.LITTLE_ENDIAN);
    this.depth = depth;
  }

  /** Moves to the next field, and returns whether there is one. */
  boolean next() throws IOException {
    if (!in.hasRemaining()) {
      return false;
    }
    long tag = varint();
    field = (int) (tag >>> 3);
    wireType = (int) (tag & 7);
    bytes = NO_BYTES;
    switch (wireType) {
      case VARINT -> number = varint();
      case FIXED64 -> number = slice(8).getLong();
      case FIXED32 -> number = slice(4).getInt();
      case BYTES -> bytes = slice(varint());
      default -> throw new IOException("there is no wire type " + wireType);
    }
    return true;
  }

  /** The number of the current field. */
  int field() {
    return field;
  }

  /** The value of the current field, a number. */
  long number() throws IOException {
    expect(VARINT);
    return number;
  }

  /** The value of the current field, a 32-bit floating-point number. */
  float float32() throws IOException {
    expect(FIXED32);
    return Float.intBitsToFloat((int) number);
  }

  /** The value of the current field, bytes. */
  ByteBuffer bytes() throws IOException {
    expect(BYTES);
    return bytes;
  }

  /** The value of the current field, text. */
  String string() throws IOException {
    return StandardCharsets.UTF_8.decode(bytes().duplicate()).toString();
  }

  /** A reader of the current field, a message. */
  ProtoReader message() throws IOException {
    if (depth == MAX_DEPTH) {
      throw new IOException("more than " + MAX_DEPTH + " messages are nested");
    }
    return new ProtoReader(bytes(), depth + 1);
  }

  /** Reads the current field, one number or a packed list of them. */
  void numbers(LongConsumer each) throws IOException {
    if (wireType == VARINT) {
      each.accept(number);
      return;
    }
    ProtoReader packed = new ProtoReader(bytes(), depth);
    while (packed.in.hasRemaining()) {
      each.accept(packed.varint());
    }
  }

  /**
   * Reads the current field, one floating-point number or a packed list of them.
   *
   * @param size the bytes of a number, 4 or 8
   * @return the little-endian numbers
   */
  ByteBuffer floats(int size) throws IOException {
    if (wireType == BYTES) {
      if (bytes.remaining() % size != 0) {
        throw new IOException("a list of numbers ends within one");
      }
      return bytes;
    }
    expect(size == 4 ? FIXED32 : FIXED64);
    ByteBuffer one = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    return (size == 4 ? one.putInt((int) number) : one.putLong(number)).flip();
  }

  private void expect(int type) throws IOException {
    if (wireType != type) {
      throw new IOException("wire type " + wireType + " where " + type + " is expected");
    }
  }

  private ByteBuffer slice(long length) throws IOException {
    if (length < 0 || length > in.remaining()) {
      throw new IOException("a field is longer than what it is part of");
    }
    ByteBuffer slice = in.slice().limit((int) length).slice().order(ByteOrder.LITTLE_ENDIAN);
    in.position(in.position() + (int) length);
    return slice;
  }

  private long varint() throws IOException {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (!in.hasRemaining()) {
        throw new IOException("the file ends early");
      }
      int next = in.get();
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new IOException("a number has more than 64 bits");
  }
}
