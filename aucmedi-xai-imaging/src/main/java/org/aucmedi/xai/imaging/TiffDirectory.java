package org.aucmedi.xai.imaging;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.imageio.stream.ImageInputStream;

/**
 * The fields of one directory of a TIFF file (TIFF 6.0, section 2), that is, of one page. EXIF data
 * has the same form.
 */
final class TiffDirectory {

  static final int ORIENTATION = 274;

  private static final int BYTE = 1;
  private static final int SHORT = 3;
  private static final int LONG = 4;
  private static final int HEADER = 8;
  private static final int ENTRY = 12;
  private static final int VERSION = 42;
  private static final int BIG_VERSION = 43;

  /** How long a value of each type is, from type 1 on. */
  private static final int[] TYPE_LENGTHS = {1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4};

  private final ImageInputStream in;
  private final ByteOrder order;
  private final long end;
  private final Map<Integer, Field> fields = new HashMap<>();

  private TiffDirectory(ImageInputStream in, ByteOrder order, long end) {
    this.in = in;
    this.order = order;
    this.end = end;
  }

  /**
   * One field.
   *
   * @param position where its values lie in the stream
   */
  private record Field(int type, long count, long position) {

    int typeLength() {
      return type >= 1 && type <= TYPE_LENGTHS.length ? TYPE_LENGTHS[type - 1] : 1;
    }
  }

  /**
   * Reads the directories, in their order.
   *
   * @param in the stream; its byte order is big endian afterwards
   * @param start where the header lies in it
   * @param length how many bytes belong to it
   * @throws IOException if it is no TIFF, is damaged, or has none
   */
  static List<TiffDirectory> readAll(ImageInputStream in, long start, long length)
      throws IOException {
    try {
      return read(in, start, start + length);
    } finally {
      in.setByteOrder(ByteOrder.BIG_ENDIAN);
    }
  }

  private static List<TiffDirectory> read(ImageInputStream in, long start, long end)
      throws IOException {
    in.seek(start);
    ByteOrder order = in.readUnsignedByte() == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
    in.setByteOrder(order);
    in.readByte();
    int version = in.readUnsignedShort();
    if (version == BIG_VERSION) {
      throw new UnsupportedPictureException(
          "it is a BigTIFF; save it as a classic TIFF, of less than 4 GB");
    }
    if (version != VERSION) {
      throw new IOException("its TIFF header is damaged");
    }
    List<TiffDirectory> directories = new ArrayList<>();
    Set<Long> seen = new HashSet<>();
    long total = HEADER;
    for (long at = in.readUnsignedInt(); at != 0; at = in.readUnsignedInt()) {
      if (!seen.add(at)) {
        throw new IOException("its list of pages runs in a circle");
      }
      in.seek(start + at);
      int count = in.readUnsignedShort();
      total += 2L + (long) count * ENTRY + 4;
      if (total > end - start) {
        throw new IOException("the file ends early");
      }
      TiffDirectory directory = new TiffDirectory(in, order, end);
      for (int i = 0; i < count; i++) {
        directory.readField(start);
      }
      directories.add(directory);
    }
    if (directories.isEmpty()) {
      throw new IOException("it has no page");
    }
    return directories;
  }

  /** Values of up to four bytes lie in the field itself. */
  private void readField(long start) throws IOException {
    int tag = in.readUnsignedShort();
    int type = in.readUnsignedShort();
    long count = in.readUnsignedInt();
    long position = in.getStreamPosition();
    long value = in.readUnsignedInt();
    Field field = new Field(type, count, position);
    if (count * field.typeLength() > Integer.BYTES) {
      field = new Field(type, count, start + value);
    }
    fields.putIfAbsent(tag, field);
  }

  /**
   * Returns the integers of a field.
   *
   * @return them, none if it is absent
   * @throws IOException if it has no integers, or they lie outside the file
   */
  long[] integers(int tag) throws IOException {
    Field field = fields.get(tag);
    if (field == null) {
      return new long[0];
    }
    if (field.type != BYTE && field.type != SHORT && field.type != LONG) {
      throw new IOException("its field " + tag + " has no integers");
    }
    ByteBuffer bytes = ByteBuffer.wrap(bytes(field)).order(order);
    long[] values = new long[(int) field.count];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (field.type) {
            case BYTE -> Byte.toUnsignedLong(bytes.get());
            case SHORT -> Short.toUnsignedLong(bytes.getShort());
            default -> Integer.toUnsignedLong(bytes.getInt());
          };
    }
    return values;
  }

  /**
   * Returns the first integer of a field.
   *
   * @param otherwise what is returned if it is absent
   * @throws IOException as {@link #integers}
   */
  long integer(int tag, long otherwise) throws IOException {
    long[] values = integers(tag);
    return values.length == 0 ? otherwise : values[0];
  }

  /**
   * Returns the text of a field.
   *
   * @return it, empty if it is absent
   * @throws IOException if it lies outside the file
   */
  String text(int tag) throws IOException {
    Field field = fields.get(tag);
    if (field == null) {
      return "";
    }
    return new String(bytes(field), StandardCharsets.ISO_8859_1);
  }

  /** Returns how many values a field has, 0 if it is absent. */
  long count(int tag) {
    Field field = fields.get(tag);
    return field == null ? 0 : field.count;
  }

  /** The stream stays where it is: the plug-in that reads the pixels relies on it. */
  private byte[] bytes(Field field) throws IOException {
    if (field.position + field.count * field.typeLength() > end) {
      throw new IOException("the file ends early");
    }
    byte[] bytes = new byte[Math.toIntExact(field.count * field.typeLength())];
    long at = in.getStreamPosition();
    in.seek(field.position);
    in.readFully(bytes);
    in.seek(at);
    return bytes;
  }

  /** Makes those who read the stream see another value in a field of one integer. */
  void replace(PathImageInputStream stream, int tag, int value) {
    Field field = fields.get(tag);
    if (field != null) {
      ByteBuffer bytes = ByteBuffer.allocate(field.typeLength()).order(order);
      switch (field.type) {
        case BYTE -> bytes.put((byte) value);
        case SHORT -> bytes.putShort((short) value);
        default -> bytes.putInt(value);
      }
      stream.replace(field.position, bytes.array());
    }
  }
}
