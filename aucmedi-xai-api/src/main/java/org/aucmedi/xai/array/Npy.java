package org.aucmedi.xai.array;

import static com.google.common.base.Preconditions.checkArgument;

import ai.djl.util.Float16Utils;
import com.google.common.base.Ascii;
import com.google.common.base.Splitter;
import com.google.common.math.LongMath;
import com.google.common.primitives.Ints;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * NumPy's {@code .npy} files: reads numbers of any byte order and memory order as float32, and
 * writes float32. Pickled objects are refused, never unpickled.
 *
 * <p>Format: <a href="https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html">NEP
 * 1</a>.
 */
public final class Npy {

  /** The default limit on the number of values: 100 million pixels of three channels. */
  public static final int MAX_VALUES = 300_000_000;

  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int MAX_HEADER = 1 << 20;
  private static final int ALIGNMENT = 64;
  private static final int BUFFER = 1 << 16;
  private static final Pattern DESCR = Pattern.compile("'descr'\\s*:\\s*'([^']*)'");
  private static final Pattern ORDER = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)\\b");
  private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([\\d,\\sL]*)\\)");
  private static final Pattern AXIS = Pattern.compile("(\\d+)L?");

  /** NumPy's limit. */
  private static final int MAX_AXES = 64;

  private static final int MAX_DIGITS = 18;
  private static final int MAX_MESSAGE = 80;
  private static final Pattern TYPE = Pattern.compile("([<>|=])([a-zA-Z])(\\d+)");

  private Npy() {}

  /**
   * An array; its components are not copied, since volumes are large.
   *
   * @param shape its axes, none for a single number
   * @param data its values, row-major
   * @param sampleType the type in which they were stored
   */
  public record Array(int[] shape, float[] data, SampleType sampleType) {}

  /**
   * Reads an array of up to {@link #MAX_VALUES} values.
   *
   * @param file the file
   * @return its array, as float32
   * @throws IOException if the file cannot be read, is not an npy file, is truncated or too large,
   *     or does not hold numbers; the message gives the reason without the file's name
   */
  public static Array read(Path file) throws IOException {
    return read(file, MAX_VALUES);
  }

  /**
   * Reads an array.
   *
   * @param file the file
   * @param maxValues the largest number of values allowed
   * @return its array, as float32
   * @throws IOException as {@link #read(Path)}
   */
  public static Array read(Path file, int maxValues) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      Header header = Header.read(channel, maxValues);
      // Allocate nothing for values that are missing from the file.
      if (header.bytes() > channel.size() - channel.position()) {
        throw cutShort();
      }
      return header.readValues(channel);
    }
  }

  /**
   * Reads an array from a stream, up to its last value and not beyond. Memory is allocated for the
   * number of values that the header declares.
   *
   * @param in the stream, which stays open
   * @param maxValues the largest number of values allowed
   * @return the array, as float32
   * @throws IOException as {@link #read(Path)}
   */
  public static Array read(InputStream in, int maxValues) throws IOException {
    ReadableByteChannel channel = Channels.newChannel(in);
    return Header.read(channel, maxValues).readValues(channel);
  }

  /**
   * Reads an array from a stream of known length. Nothing is allocated for values that the stream
   * cannot have.
   *
   * @param in the stream, which stays open
   * @param length its length in bytes
   * @param maxValues the largest number of values allowed
   * @return the array, as float32
   * @throws IOException as {@link #read(Path)}
   */
  public static Array read(InputStream in, long length, int maxValues) throws IOException {
    ReadableByteChannel channel = Channels.newChannel(in);
    Header header = Header.read(channel, maxValues);
    if (header.bytes() > length) {
      throw cutShort();
    }
    return header.readValues(channel);
  }

  private static EOFException cutShort() {
    return new EOFException("the file ends early; copy or save it again");
  }

  private static ByteBuffer fill(ReadableByteChannel channel, int size) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(size);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw cutShort();
      }
    }
    return buffer.flip();
  }

  private static String find(Pattern pattern, String header, String field) throws IOException {
    Matcher matcher = pattern.matcher(header);
    if (!matcher.find()) {
      throw new IOException(
          field.equals("descr")
              ? "its type is not a plain number; save plain arrays, not records or objects"
              : "its header has no valid " + field + "; save it again with numpy.save");
    }
    return matcher.group(1);
  }

  private static int[] shape(String axes, int maxValues) throws IOException {
    List<Integer> shape = new ArrayList<>();
    long size = 1;
    for (String text : Splitter.on(',').trimResults().omitEmptyStrings().split(axes)) {
      Matcher axis = AXIS.matcher(text);
      if (!axis.matches() || shape.size() == MAX_AXES) {
        throw new IOException("its header has no valid shape; save it again with numpy.save");
      }
      String digits = axis.group(1);
      long length = digits.length() > MAX_DIGITS ? Long.MAX_VALUE : Long.parseLong(digits);
      size = LongMath.saturatedMultiply(size, length);
      // One empty axis makes the array empty, however long the others are.
      if (Math.max(size, length) > maxValues) {
        throw new IOException(
            "its shape ("
                + Ascii.truncate(axes.strip(), MAX_MESSAGE, "...")
                + ") has more values than the "
                + maxValues
                + " allowed; cut it into smaller arrays or allow more");
      }
      shape.add((int) length);
    }
    return Ints.toArray(shape);
  }

  private static int[] fortranStrides(int[] shape) {
    int[] strides = new int[shape.length];
    for (int axis = 0, stride = 1; axis < shape.length; stride *= shape[axis++]) {
      strides[axis] = stride;
    }
    return strides;
  }

  /**
   * Copies values into row-major order.
   *
   * @param data the values in another order
   * @param shape the axes of the result
   * @param strides the distance in the data between neighbours along each of these axes
   */
  static float[] gather(float[] data, int[] shape, int[] strides) {
    float[] moved = new float[data.length];
    int[] index = new int[shape.length];
    int source = 0;
    for (int i = 0; i < data.length; i++) {
      moved[i] = data[source];
      for (int axis = shape.length - 1; axis >= 0; axis--) {
        source += strides[axis];
        if (++index[axis] < shape[axis]) {
          break;
        }
        source -= strides[axis] * shape[axis];
        index[axis] = 0;
      }
    }
    return moved;
  }

  /**
   * Writes an array as little-endian float32, row-major, replacing an existing file.
   *
   * @param file the file
   * @param shape the axes
   * @param data the values, row-major
   * @throws IOException if the file cannot be written; part of it may have been written
   * @throws IllegalArgumentException if the values do not fill the shape
   */
  public static void write(Path file, int[] shape, float[] data) throws IOException {
    checkSize(shape, data);
    try (OutputStream out = Files.newOutputStream(file)) {
      write(out, shape, data, "");
    }
  }

  /**
   * Writes an array as little-endian float32, row-major, with given white space at the end of the
   * header, which can serve to recognise the writer.
   *
   * @param out the stream, written in chunks of 64 kB; it stays open
   * @param shape the axes
   * @param data the values, row-major
   * @param whiteSpace the blanks and tabs that end the header, at most 256
   * @throws IOException if it cannot be written
   * @throws IllegalArgumentException if the values do not fill the shape, or the white space is too
   *     long or has other characters
   */
  public static void write(OutputStream out, int[] shape, float[] data, String whiteSpace)
      throws IOException {
    checkSize(shape, data);
    checkArgument(
        whiteSpace.matches("[ \t]{0,256}"),
        "a header must end in at most 256 blanks and tabs, got '%s'",
        whiteSpace);
    out.write(header(shape, whiteSpace));
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER).order(ByteOrder.LITTLE_ENDIAN);
    for (int from = 0; from < data.length; from += BUFFER / Float.BYTES) {
      int count = Math.min(BUFFER / Float.BYTES, data.length - from);
      buffer.asFloatBuffer().put(data, from, count);
      out.write(buffer.array(), 0, count * Float.BYTES);
    }
  }

  private static void checkSize(int[] shape, float[] data) {
    long size = Arrays.stream(shape).asLongStream().reduce(1, (a, b) -> a * b);
    checkArgument(
        size == data.length, "%s values do not fill %s", data.length, Arrays.toString(shape));
  }

  private static byte[] header(int[] shape, String whiteSpace) {
    String axes = Arrays.stream(shape).mapToObj(axis -> axis + ",").collect(Collectors.joining());
    String dictionary = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + axes + "), }";
    int unpadded = MAGIC.length + 4 + dictionary.length() + whiteSpace.length() + 1;
    String padding = " ".repeat(Math.floorMod(-unpadded, ALIGNMENT));
    byte[] text = (dictionary + padding + whiteSpace + "\n").getBytes(StandardCharsets.ISO_8859_1);
    return ByteBuffer.allocate(MAGIC.length + 4 + text.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(MAGIC)
        .put((byte) 1)
        .put((byte) 0)
        .putShort((short) text.length)
        .put(text)
        .array();
  }

  /** What precedes the values of an array. */
  private record Header(int[] shape, boolean fortranOrder, Format format) {

    static Header read(ReadableByteChannel channel, int maxValues) throws IOException {
      ByteBuffer start = fill(channel, MAGIC.length + 2);
      byte[] magic = new byte[MAGIC.length];
      start.get(magic);
      if (!Arrays.equals(magic, MAGIC)) {
        throw new IOException("it is not an npy file; save it with numpy.save");
      }
      int version = start.get();
      if (version < 1 || version > 3) {
        throw new IOException(
            "its format version " + version + " is not 1, 2 or 3; save it with numpy.save");
      }
      boolean firstVersion = version == 1;
      ByteBuffer length = fill(channel, firstVersion ? 2 : 4).order(ByteOrder.LITTLE_ENDIAN);
      long headerLength =
          firstVersion
              ? Short.toUnsignedInt(length.getShort())
              : Integer.toUnsignedLong(length.getInt());
      if (headerLength > MAX_HEADER) {
        throw new IOException(
            "its header claims " + headerLength + " bytes; save it again with numpy.save");
      }
      String text = new String(fill(channel, (int) headerLength).array(), StandardCharsets.UTF_8);
      Format format = Format.of(find(DESCR, text, "descr"));
      int[] shape = Npy.shape(find(SHAPE, text, "shape"), maxValues);
      return new Header(shape, find(ORDER, text, "fortran_order").equals("True"), format);
    }

    int size() {
      return Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    }

    long bytes() {
      return (long) size() * format.bytes();
    }

    Array readValues(ReadableByteChannel channel) throws IOException {
      float[] data = format.decode(channel, size());
      return new Array(
          shape,
          fortranOrder ? gather(data, shape, fortranStrides(shape)) : data,
          format.sampleType());
    }
  }

  /** How the numbers are stored. */
  private record Format(ByteOrder order, char kind, int bytes) {

    static Format of(String descr) throws IOException {
      Matcher type = TYPE.matcher(descr);
      if (!type.matches() || !"biuf".contains(type.group(2))) {
        throw new IOException(
            "its type '" + descr + "' is not a plain number; save it as uint8, int16 or float32");
      }
      int bytes = type.group(3).length() > 1 ? 0 : Integer.parseInt(type.group(3));
      char kind = type.group(2).charAt(0);
      boolean known =
          kind == 'f'
              ? bytes == 2 || bytes == 4 || bytes == 8
              : bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8;
      if (!known) {
        throw new IOException("its type '" + descr + "' is not supported; save it as float32");
      }
      return new Format(
          type.group(1).equals(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN, kind, bytes);
    }

    SampleType sampleType() {
      if (kind == 'f') {
        return SampleType.FLOAT;
      }
      return kind == 'u' && bytes == 1 ? SampleType.UINT8 : SampleType.INTEGER;
    }

    float[] decode(ReadableByteChannel channel, int size) throws IOException {
      float[] data = new float[size];
      for (int i = 0; i < size; ) {
        int end = Math.min(size, i + BUFFER / bytes);
        ByteBuffer buffer = fill(channel, (end - i) * bytes).order(order);
        while (i < end) {
          data[i++] = kind == 'f' ? decodeFloat(buffer) : decodeInteger(buffer);
        }
      }
      return data;
    }

    private float decodeFloat(ByteBuffer buffer) {
      return switch (bytes) {
        case 2 -> Float16Utils.halfToFloat(buffer.getShort());
        case 4 -> buffer.getFloat();
        default -> (float) buffer.getDouble();
      };
    }

    private float decodeInteger(ByteBuffer buffer) {
      boolean signed = kind == 'i';
      return switch (bytes) {
        case 1 -> signed ? buffer.get() : Byte.toUnsignedInt(buffer.get());
        case 2 -> signed ? buffer.getShort() : Short.toUnsignedInt(buffer.getShort());
        case 4 -> signed ? buffer.getInt() : Integer.toUnsignedLong(buffer.getInt());
        default -> signed ? buffer.getLong() : unsigned(buffer.getLong());
      };
    }

    private static float unsigned(long bits) {
      return bits >= 0 ? bits : (float) (2.0 * (bits >>> 1));
    }
  }
}
