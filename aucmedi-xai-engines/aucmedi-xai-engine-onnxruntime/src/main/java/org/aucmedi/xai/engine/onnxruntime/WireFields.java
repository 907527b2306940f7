package org.aucmedi.xai.engine.onnxruntime;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.aucmedi.xai.error.XAIException;

/** Finds where the fields of a message lie in the wire format of protocol buffers. */
final class WireFields {

  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED32 = 5;

  /**
   * The content of a field of bytes, text or messages.
   *
   * @param number the number of the field
   * @param from the index of its first byte
   * @param to the index behind its last byte
   */
  record Field(int number, int from, int to) {}

  private final ByteBuffer bytes;
  private int at;

  private WireFields(ByteBuffer bytes, int from) {
    this.bytes = bytes;
    this.at = from;
  }

  /**
   * Lists the fields of a number.
   *
   * @param bytes holds the message; not changed
   * @param from the index of the message's first byte
   * @param to the index behind its last byte
   * @param number the number of the fields
   * @return those with a content of bytes, in their order
   */
  static List<Field> of(ByteBuffer bytes, int from, int to, int number) {
    WireFields fields = new WireFields(bytes, from);
    List<Field> found = new ArrayList<>();
    while (fields.at < to) {
      long tag = fields.varint();
      switch ((int) (tag & 7)) {
        case VARINT -> fields.varint();
        case FIXED64 -> fields.at += Long.BYTES;
        case FIXED32 -> fields.at += Integer.BYTES;
        case BYTES -> {
          int length = (int) fields.varint();
          if (tag >>> 3 == number) {
            found.add(new Field(number, fields.at, fields.at + length));
          }
          fields.at += length;
        }
        default -> throw new XAIException("a field has no wire type " + (tag & 7));
      }
    }
    return found;
  }

  private long varint() {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      byte next = bytes.get(at++);
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        break;
      }
    }
    return value;
  }
}
