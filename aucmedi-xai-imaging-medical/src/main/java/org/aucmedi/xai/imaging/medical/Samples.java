package org.aucmedi.xai.imaging.medical;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Reads the values of an image from a stream. */
final class Samples {

  private static final int CHUNK = 1 << 16;

  private Samples() {}

  /**
   * Reads numbers, each times a slope plus an intercept.
   *
   * @throws EOFException if there are fewer
   */
  static float[] read(
      InputStream in, int count, NumberType type, ByteOrder order, double slope, double intercept)
      throws IOException {
    float[] values = new float[count];
    byte[] chunk = new byte[CHUNK];
    ByteBuffer buffer = ByteBuffer.wrap(chunk).order(order);
    int perChunk = CHUNK / type.bytes();
    for (int done = 0; done < count; ) {
      int now = Math.min(perChunk, count - done);
      if (in.readNBytes(chunk, 0, now * type.bytes()) < now * type.bytes()) {
        throw new EOFException();
      }
      for (int i = 0; i < now; i++) {
        values[done + i] = (float) (slope * type.get(buffer, i * type.bytes()) + intercept);
      }
      done += now;
    }
    return values;
  }

  /** Moves channels that are stored one after the other to the last axis. */
  static float[] channelsLast(float[] values, int channels) {
    if (channels == 1) {
      return values;
    }
    int positions = values.length / channels;
    float[] moved = new float[values.length];
    for (int c = 0; c < channels; c++) {
      for (int i = 0; i < positions; i++) {
        moved[i * channels + c] = values[c * positions + i];
      }
    }
    return moved;
  }
}
