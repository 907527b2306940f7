package org.aucmedi.xai.decoder.image;

import static com.google.common.base.Preconditions.checkArgument;

import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * NumPy's {@code .npy} files: reads numbers of any byte order and memory order as float32, writes
 * float32. Pickled objects are refused, never unpickled.
 *
 * <p>Format: <a href="https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html">NEP
 * 1</a>.
 */
public final class Npy {

  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int MAX_HEADER = 1 << 20;
  private static final int ALIGNMENT = 64;
  private static final Pattern DESCR = Pattern.compile("'descr'\\s*:\\s*'([^']*)'");
  private static final Pattern ORDER = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)\\b");
  private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([\\d,\\sL]*)\\)");
  private static final Pattern TYPE = Pattern.compile("([<>|=])([a-zA-Z])(\\d+)");

  private Npy() {}

  /**
   * An array; its parts are not copied, since volumes are large.
   *
   * @param shape its axes, none for a single number
   * @param data its values, row-major
   * @param sampleType what they were stored as
   */
  public record Array(int[] shape, float[] data, SampleType sampleType) {}

  /**
   * Reads an array.
   *
   * @param file the file
   * @return its array, as float32
   * @throws UnreadableImageException if it is no such file, is cut short, or does not hold numbers
   */
  public static Array read(Path file) {
    try (FileChannel channel = FileChannel.open(file)) {
      return read(channel);
    } catch (IOException | RuntimeException e) {
      throw new UnreadableImageException(file, reason(e), e);
    }
  }

  private static String reason(Exception e) {
    if (e instanceof NoSuchFileException) {
      return "there is no such file";
    }
    return e instanceof EOFException
        ? "the file ends early; it was cut short when it was copied or written"
        : e.getMessage() == null ? e.toString() : e.getMessage();
  }

  private static Array read(FileChannel channel) throws IOException {
    ByteBuffer start = fill(channel, MAGIC.length + 2);
    byte[] magic = new byte[MAGIC.length];
    start.get(magic);
    if (!Arrays.equals(magic, MAGIC)) {
      throw new IOException("it is no npy file");
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
      throw new IOException("its header claims " + headerLength + " bytes");
    }
    String header = new String(fill(channel, (int) headerLength).array(), StandardCharsets.UTF_8);
    Format format = Format.of(find(DESCR, header, "descr"));
    int[] shape = shape(find(SHAPE, header, "shape"));
    int size = Arrays.stream(shape).reduce(1, Math::multiplyExact);
    long bytes = (long) size * format.bytes();
    if (bytes > channel.size() - channel.position()) {
      throw new EOFException();
    }
    float[] data = format.decode(fill(channel, Math.toIntExact(bytes)), size);
    boolean fortran = find(ORDER, header, "fortran_order").equals("True");
    return new Array(shape, fortran ? toRowMajor(data, shape) : data, format.sampleType());
  }

  private static ByteBuffer fill(FileChannel channel, int size) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(size);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new EOFException();
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
              : "its header has no valid " + field);
    }
    return matcher.group(1);
  }

  private static int[] shape(String axes) {
    return Arrays.stream(axes.split(","))
        .map(axis -> axis.replace("L", "").strip())
        .filter(axis -> !axis.isEmpty())
        .mapToInt(Integer::parseInt)
        .toArray();
  }

  private static float[] toRowMajor(float[] data, int[] shape) {
    float[] moved = new float[data.length];
    int[] index = new int[shape.length];
    for (int i = 0; i < data.length; i++) {
      int source = 0;
      for (int axis = shape.length - 1; axis >= 0; axis--) {
        source = source * shape[axis] + index[axis];
      }
      moved[i] = data[source];
      for (int axis = shape.length - 1; axis >= 0 && ++index[axis] == shape[axis]; axis--) {
        index[axis] = 0;
      }
    }
    return moved;
  }

  /**
   * Writes an array as little-endian float32, row-major. The file appears whole or not at all.
   *
   * @param file the file
   * @param shape the axes
   * @param data the values, row-major
   * @throws IOException if the file cannot be written
   */
  public static void write(Path file, int[] shape, float[] data) throws IOException {
    int size = Arrays.stream(shape).reduce(1, Math::multiplyExact);
    checkArgument(
        size == data.length, "%s values do not fill %s", data.length, Arrays.toString(shape));
    String axes = Arrays.stream(shape).mapToObj(axis -> axis + ",").collect(Collectors.joining());
    String dictionary = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + axes + "), }";
    int unpadded = MAGIC.length + 4 + dictionary.length() + 1;
    int padding = Math.floorMod(-unpadded, ALIGNMENT);
    byte[] header = (dictionary + " ".repeat(padding) + "\n").getBytes(StandardCharsets.ISO_8859_1);
    ByteBuffer buffer =
        ByteBuffer.allocate(MAGIC.length + 4 + header.length + Math.multiplyExact(4, size))
            .order(ByteOrder.LITTLE_ENDIAN);
    buffer.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) header.length).put(header);
    for (float value : data) {
      buffer.putFloat(value);
    }
    AtomicFiles.write(
        file,
        out -> {
          OutputStream buffered = new BufferedOutputStream(out);
          buffered.write(buffer.array());
          buffered.flush();
        });
  }

  /** How numbers are stored. */
  private record Format(ByteOrder order, char kind, int bytes) {

    static Format of(String descr) throws IOException {
      Matcher type = TYPE.matcher(descr);
      if (!type.matches() || !"biuf".contains(type.group(2))) {
        throw new IOException(
            "its type '" + descr + "' is not a plain number; save it as uint8, int16 or float32");
      }
      int bytes = Integer.parseInt(type.group(3));
      char kind = type.group(2).charAt(0);
      boolean known =
          kind == 'f'
              ? bytes == 4 || bytes == 8
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

    float[] decode(ByteBuffer buffer, int size) {
      buffer.order(order);
      float[] data = new float[size];
      for (int i = 0; i < size; i++) {
        data[i] = kind == 'f' ? decodeFloat(buffer) : decodeInteger(buffer);
      }
      return data;
    }

    private float decodeFloat(ByteBuffer buffer) {
      return bytes == 4 ? buffer.getFloat() : (float) buffer.getDouble();
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
