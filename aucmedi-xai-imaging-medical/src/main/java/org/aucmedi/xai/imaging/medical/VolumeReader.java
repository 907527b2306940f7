package org.aucmedi.xai.imaging.medical;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Ascii;
import com.google.common.base.CharMatcher;
import com.google.common.math.LongMath;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.imaging.FileErrors;
import org.aucmedi.xai.imaging.ImageLoader;
import org.aucmedi.xai.imaging.ImageReader;
import org.aucmedi.xai.imaging.UnreadableImageException;
import org.jspecify.annotations.Nullable;

/** What the readers of volumes have in common: limits, streams, and what damaged files say. */
abstract class VolumeReader implements ImageReader {

  /** The most lines of a header. */
  static final int MOST_LINES = 1000;

  private static final int BUFFER = 1 << 16;
  private static final int LONGEST_LINE = 1 << 16;

  @Override
  public final ImageArray read(Path file, ImageLoader.Options options) {
    try (InputStream in = open(file)) {
      return read(file, in, Request.of(options));
    } catch (ZipException e) {
      throw new UnreadableImageException(file, "its compressed data is damaged", e);
    } catch (IOException e) {
      throw new UnreadableImageException(file, FileErrors.reason(e), e);
    } catch (IllegalArgumentException e) {
      throw new UnreadableImageException(file, e.getMessage(), e);
    }
  }

  /**
   * What is asked of a reader.
   *
   * @param limit how many values an image may have
   * @param volume which volume of a series, from 0; null if none is chosen
   */
  record Request(long limit, @Nullable Integer volume) {

    static Request of(ImageLoader.Options options) {
      return new Request(options.maxValues(), options.volume());
    }

    /**
     * Chooses a volume of a file.
     *
     * @param volumes how many it holds
     * @param axis along which of its axes
     * @return the position of the volume
     * @throws IllegalArgumentException if there are several and none is chosen, or there is no such
     */
    int choose(long volumes, String axis) {
      checkArgument(
          volumes == 1 || volume != null,
          "it is a series of %s volumes along its %s axis; choose one, from 0 to %s (--volume)",
          volumes,
          axis,
          volumes - 1);
      int chosen = volume == null ? 0 : volume;
      checkArgument(
          chosen < volumes,
          "it has no volume %s along its %s axis, only %s (--volume)",
          chosen,
          axis,
          volumes == 1 ? "0" : "0 to " + (volumes - 1));
      return chosen;
    }
  }

  /**
   * Reads a file.
   *
   * @param file its path, beside which others may lie
   * @param in its content
   * @param request what is asked for
   * @throws IllegalArgumentException if it is no such file; the message says why
   */
  abstract ImageArray read(Path file, InputStream in, Request request) throws IOException;

  /** Opens a file, and unpacks it if it is packed, whatever its name says. */
  static InputStream open(Path file) throws IOException {
    InputStream in = new BufferedInputStream(Files.newInputStream(file), BUFFER);
    try {
      in.mark(2);
      boolean packed = in.read() == 0x1f && in.read() == 0x8b;
      in.reset();
      return packed ? new BufferedInputStream(new GZIPInputStream(in, BUFFER), BUFFER) : in;
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  /** Opens the file of the values, which a header names; it must lie beside the header. */
  static InputStream openBeside(Path header, String name) throws IOException {
    try {
      Path folder = header.toAbsolutePath().getParent();
      Path file = folder.resolve(name).normalize();
      checkArgument(
          file.startsWith(folder) && !name.isBlank(),
          "its values are in '%s', outside of its folder; move them beside it",
          name);
      checkArgument(
          Files.isRegularFile(file), "its values are in %s, which is missing beside it", name);
      return new BufferedInputStream(Files.newInputStream(file), BUFFER);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("its values are in '" + name + "', which is no file", e);
    }
  }

  /** Reads a line of a header, without its end. */
  static String line(InputStream in) throws IOException {
    byte[] line = new byte[LONGEST_LINE];
    int length = 0;
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException();
      }
      checkArgument(length < LONGEST_LINE, "its header is not text");
      line[length++] = (byte) c;
    }
    if (length > 0 && line[length - 1] == '\r') {
      length--;
    }
    return new String(line, 0, length, StandardCharsets.UTF_8);
  }

  /** A part of a header for a message. */
  static String printable(String text) {
    return CharMatcher.javaIsoControl().replaceFrom(Ascii.truncate(text, 60, "..."), '?');
  }

  /** The number of values, if it is not above the limit. */
  static int count(long limit, long... sizes) {
    long count = 1;
    for (long size : sizes) {
      checkArgument(size >= 1, "its header claims a dimension of %s", size);
      count = LongMath.saturatedMultiply(count, size);
    }
    checkArgument(
        count <= Math.min(limit, Integer.MAX_VALUE),
        "its header claims %s values, more than the limit of %s",
        count,
        limit);
    return (int) count;
  }

  /** The shape (slices, rows, columns) or (rows, columns) of sizes along x, y and z. */
  static int[] spatialShape(long... sizes) {
    int[] shape = new int[sizes.length];
    for (int axis = 0; axis < shape.length; axis++) {
      shape[shape.length - 1 - axis] = (int) sizes[axis];
    }
    return shape;
  }
}
