package org.aucmedi.xai.imaging.medical.dicom;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Decodes run lengths (PS3.5 annex G): a frame is one PackBits segment for each byte of each value
 * of a pixel, the most significant byte first.
 */
final class RleDecoder {

  private static final int HEADER = 64;
  private static final int MOST_SEGMENTS = 15;

  private RleDecoder() {}

  /**
   * Decodes a frame.
   *
   * @return the values, those of a pixel side by side
   * @throws IOException if the frame is damaged
   */
  static int[] decode(byte[] frame, PixelFormat format) throws IOException {
    int samples = format.samples();
    int size = format.bitsAllocated() / Byte.SIZE;
    ByteBuffer header = ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN);
    int segments = frame.length < HEADER ? 0 : header.getInt(0);
    if (size == 0 || segments != size * samples || segments > MOST_SEGMENTS) {
      throw new IOException("its RLE frame has " + segments + " segments, not " + size * samples);
    }
    int[] values = new int[format.pixels() * samples];
    for (int segment = 0; segment < segments; segment++) {
      int start = header.getInt(4 + 4 * segment);
      int end = segment + 1 < segments ? header.getInt(8 + 4 * segment) : frame.length;
      if (start < HEADER || end < start || end > frame.length) {
        throw new IOException("its RLE frame has a segment outside of it; the file is damaged");
      }
      int shift = Byte.SIZE * (size - 1 - segment % size);
      unpack(frame, start, end, values, segment / size, samples, shift);
    }
    return values;
  }

  private static void unpack(
      byte[] frame, int start, int end, int[] values, int first, int step, int shift)
      throws IOException {
    int at = start;
    int out = first;
    while (out < values.length) {
      if (at >= end) {
        throw new IOException("its RLE frame ends early; the file is damaged");
      }
      int control = frame[at++];
      if (control == Byte.MIN_VALUE) {
        continue;
      }
      int count = control < 0 ? 1 - control : 1 + control;
      for (int i = 0; i < count && out < values.length; i++, out += step) {
        int from = control < 0 ? at : at + i;
        if (from >= end) {
          throw new IOException("its RLE frame ends early; the file is damaged");
        }
        values[out] |= (frame[from] & 0xff) << shift;
      }
      at += control < 0 ? 1 : count;
    }
  }
}
