package org.aucmedi.xai.imaging.medical;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.Ints;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.zip.ZipException;
import org.aucmedi.xai.array.Geometry;
import org.aucmedi.xai.array.ImageArray;

/** Reads and writes the values of images. */
final class Samples {

  /** By this a later run knows the files of an earlier one. */
  static final String MARK = "Software: AUCMEDI-XAI";

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

  /** Writes numbers as float32. */
  static void write(float[] values, ByteOrder order, OutputStream out) throws IOException {
    byte[] chunk = new byte[CHUNK];
    ByteBuffer buffer = ByteBuffer.wrap(chunk).order(order);
    int perChunk = CHUNK / Float.BYTES;
    for (int done = 0; done < values.length; ) {
      int now = Math.min(perChunk, values.length - done);
      buffer.asFloatBuffer().put(values, done, now);
      out.write(chunk, 0, now * Float.BYTES);
      done += now;
    }
  }

  /** Whether the start of a file, unpacked if it is packed, holds a text. */
  static boolean startHas(Path file, int bytes, String text) throws IOException {
    try (InputStream in = VolumeReader.open(file)) {
      return new String(in.readNBytes(bytes), StandardCharsets.ISO_8859_1).contains(text);
    } catch (ZipException | EOFException e) {
      return false;
    }
  }

  /** The sizes along x, y and z. */
  static String sizes(ImageArray image) {
    int[] shape = image.spatialShape();
    Ints.reverse(shape);
    return Ints.join(" ", shape);
  }

  /** The geometry to write, which is made up where there is none. */
  static Geometry geometry(ImageArray image) {
    checkArgument(image.channels() == 1, "it has %s channels, not 1", image.channels());
    Geometry known = image.geometry();
    return known == null
        ? Geometry.of(
            new double[] {1, 1, 1}, new double[3], new double[][] {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}})
        : known;
  }
}
