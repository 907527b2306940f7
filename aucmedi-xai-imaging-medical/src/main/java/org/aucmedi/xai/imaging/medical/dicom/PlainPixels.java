package org.aucmedi.xai.imaging.medical.dicom;

import static com.google.common.base.Preconditions.checkArgument;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Unpacks plain pixel data (PS3.5 section 8). */
final class PlainPixels {

  private PlainPixels() {}

  /**
   * {@return the values of a frame, those of a pixel side by side, with all bits that are
   * allocated}
   *
   * @param bytes all frames in little endian
   * @param frame the index of one
   */
  static int[] unpack(byte[] bytes, PixelFormat format, int frame) {
    int count = format.pixels() * format.samples();
    if (format.bitsAllocated() == 1) {
      return bits(bytes, (long) frame * count, count);
    }
    int size = format.bitsAllocated() / Byte.SIZE;
    int start = Math.toIntExact(frame * format.plainFrameBits() / Byte.SIZE);
    if (format.isSubsampled()) {
      return subsampled(bytes, start, size, format);
    }
    int[] values = numbers(bytes, start, size, count);
    return format.planar() && format.samples() > 1 ? interleaved(values, format.samples()) : values;
  }

  /** Bits from the lowest of a byte up; a frame may start inside a byte. */
  private static int[] bits(byte[] bytes, long first, int count) {
    int[] values = new int[count];
    for (int i = 0; i < count; i++) {
      long at = first + i;
      values[i] = bytes[(int) (at / Byte.SIZE)] >> (at % Byte.SIZE) & 1;
    }
    return values;
  }

  private static int[] numbers(byte[] bytes, int start, int size, int count) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int[] values = new int[count];
    for (int i = 0; i < count; i++) {
      int at = start + i * size;
      values[i] =
          switch (size) {
            case 1 -> buffer.get(at) & 0xff;
            case 2 -> buffer.getShort(at) & 0xffff;
            default -> buffer.getInt(at);
          };
    }
    return values;
  }

  /** Moves planes of colours to the values of a pixel. */
  static int[] interleaved(int[] planes, int samples) {
    int pixels = planes.length / samples;
    int[] values = new int[planes.length];
    for (int sample = 0; sample < samples; sample++) {
      for (int i = 0; i < pixels; i++) {
        values[i * samples + sample] = planes[sample * pixels + i];
      }
    }
    return values;
  }

  /** Two pixels are stored as Y, Y, Cb, Cr. */
  private static int[] subsampled(byte[] bytes, int start, int size, PixelFormat format) {
    checkArgument(
        format.columns() % 2 == 0,
        "its photometric interpretation is YBR_FULL_422, but it has an odd number of columns, %s",
        format.columns());
    int pixels = format.pixels();
    int[] stored = numbers(bytes, start, size, 2 * pixels);
    int[] values = new int[3 * pixels];
    for (int i = 0; i < pixels; i++) {
      int pair = i / 2 * 4;
      values[3 * i] = stored[pair + i % 2];
      values[3 * i + 1] = stored[pair + 2];
      values[3 * i + 2] = stored[pair + 3];
    }
    return values;
  }
}
