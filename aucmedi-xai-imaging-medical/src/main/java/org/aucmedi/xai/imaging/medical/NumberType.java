package org.aucmedi.xai.imaging.medical;

import com.google.common.primitives.UnsignedInts;
import com.google.common.primitives.UnsignedLong;
import java.nio.ByteBuffer;
import org.aucmedi.xai.array.SampleType;

/** How a number is stored. */
enum NumberType {
  UINT8(1),
  INT8(1),
  UINT16(2),
  INT16(2),
  UINT32(4),
  INT32(4),
  UINT64(8),
  INT64(8),
  FLOAT32(4),
  FLOAT64(8);

  private final int bytes;

  NumberType(int bytes) {
    this.bytes = bytes;
  }

  int bytes() {
    return bytes;
  }

  SampleType sampleType() {
    return switch (this) {
      case UINT8 -> SampleType.UINT8;
      case FLOAT32, FLOAT64 -> SampleType.FLOAT;
      default -> SampleType.INTEGER;
    };
  }

  /** Reads the number at a position, in the buffer's byte order. */
  double get(ByteBuffer buffer, int position) {
    return switch (this) {
      case UINT8 -> buffer.get(position) & 0xff;
      case INT8 -> buffer.get(position);
      case UINT16 -> buffer.getShort(position) & 0xffff;
      case INT16 -> buffer.getShort(position);
      case UINT32 -> UnsignedInts.toLong(buffer.getInt(position));
      case INT32 -> buffer.getInt(position);
      case UINT64 -> UnsignedLong.fromLongBits(buffer.getLong(position)).doubleValue();
      case INT64 -> buffer.getLong(position);
      case FLOAT32 -> buffer.getFloat(position);
      case FLOAT64 -> buffer.getDouble(position);
    };
  }
}
