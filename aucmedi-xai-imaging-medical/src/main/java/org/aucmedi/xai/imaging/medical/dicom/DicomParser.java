package org.aucmedi.xai.imaging.medical.dicom;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.UnsignedInts;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Reads the elements of a data set from a stream (PS3.5 section 7 and annex A). Nothing is
 * allocated that the stream does not hold.
 */
final class DicomParser {

  private static final int ITEM = 0xFFFEE000;
  private static final int ITEM_END = 0xFFFEE00D;
  private static final int SEQUENCE_END = 0xFFFEE0DD;
  private static final Set<Integer> PIXEL_DATA =
      Set.of(Tags.FLOAT_PIXEL_DATA, Tags.DOUBLE_FLOAT_PIXEL_DATA, Tags.PIXEL_DATA);
  private static final long UNDEFINED = 0xFFFFFFFFL;

  /** The most sequences inside each other. */
  private static final int DEEPEST = 32;

  private static final int MOST_ELEMENTS = 1_000_000;

  /** The most bytes of everything but pixel data. */
  private static final int MOST_HEADER_BYTES = 1 << 26;

  /** The most bytes of an array. */
  private static final int MOST_BYTES = Integer.MAX_VALUE - 8;

  private final InputStream in;
  private final long size;
  private final @Nullable ToLongFunction<DataSet> pixelBytes;
  private long position;
  private int elements;
  private long headerBytes;

  /**
   * Constructs a parser.
   *
   * @param in the elements
   * @param size how many bytes it has, {@code Long.MAX_VALUE} if that is not known
   * @param pixelBytes gives for the elements before the pixel data the most bytes of the latter; it
   *     may throw an {@link IllegalArgumentException}. Null leaves the pixel data out.
   */
  DicomParser(InputStream in, long size, @Nullable ToLongFunction<DataSet> pixelBytes) {
    this.in = in;
    this.size = size;
    this.pixelBytes = pixelBytes;
  }

  /**
   * Reads the elements up to the pixel data, and that. What follows it is padding or a signature.
   *
   * @throws EOFException if the stream ends inside an element
   * @throws IllegalArgumentException if the elements are damaged; the message says how
   */
  DataSet read(Encoding encoding) throws IOException {
    return dataSet(encoding, size, 0);
  }

  /** Reads the elements of group 2, which come before the data set. The stream must have marks. */
  DataSet readMeta() throws IOException {
    DataSet.Builder data = DataSet.builder();
    while (true) {
      in.mark(2);
      int first = in.read();
      int second = in.read();
      in.reset();
      if (first != 2 || second != 0) {
        return data.build();
      }
      Head head = head(Encoding.EXPLICIT_LITTLE, tag(Encoding.EXPLICIT_LITTLE));
      data.put(element(head, size, 0));
    }
  }

  /** The start of an element. */
  private record Head(int tag, Vr vr, long length, Encoding encoding) {

    boolean isUndefined() {
      return length == UNDEFINED;
    }
  }

  private DataSet dataSet(Encoding encoding, long end, int depth) throws IOException {
    DataSet.Builder data = DataSet.builder();
    while (position < end && !(depth == 0 && isAtEnd())) {
      int tag = tag(encoding);
      if (tag == ITEM_END) {
        number(encoding, 4);
        break;
      }
      if (tag == 0) {
        checkArgument(depth == 0, "an item of a sequence holds zeros; the file is damaged");
        // Zeros after the last element.
        break;
      }
      Head head = head(encoding, tag);
      if (depth == 0 && PIXEL_DATA.contains(tag)) {
        if (pixelBytes != null) {
          data.put(pixels(head, data.build(), pixelBytes));
        }
        break;
      }
      data.put(element(head, end, depth));
    }
    return data.build();
  }

  private boolean isAtEnd() throws IOException {
    in.mark(1);
    boolean atEnd = in.read() < 0;
    in.reset();
    return atEnd;
  }

  private Head head(Encoding encoding, int tag) throws IOException {
    elements++;
    checkArgument(elements <= MOST_ELEMENTS, "it has more than %s elements", MOST_ELEMENTS);
    if (!encoding.explicit() || tag >>> 16 == ITEM >>> 16) {
      return new Head(tag, Dictionary.vr(tag), number(encoding, 4), encoding);
    }
    byte[] letters = bytes(2);
    Vr vr = Encoding.vr(letters[0], letters[1]);
    if (vr == null && !(isUpperCase(letters[0]) && isUpperCase(letters[1]))) {
      // Some writers leave the VR out of private items: these bytes are half a length.
      byte[] rest = bytes(2);
      int low = (letters[0] & 0xff) | (letters[1] & 0xff) << 8;
      long length = UnsignedInts.toLong(low | (rest[0] & 0xff) << 16 | (rest[1] & 0xff) << 24);
      checkArgument(
          !encoding.bigEndian(), "its element %s has no type; the file is damaged", name(tag));
      return new Head(tag, Dictionary.vr(tag), length, Encoding.IMPLICIT_LITTLE);
    }
    // A VR of a later edition has a long length.
    if (vr == null || vr == Vr.UN) {
      bytes(2);
      long length = number(encoding, 4);
      // What a program did not know has been kept in implicit VR (PS3.5 section 6.2.2).
      return new Head(tag, Dictionary.vr(tag), length, Encoding.IMPLICIT_LITTLE);
    }
    if (vr.hasLongLength()) {
      bytes(2);
      return new Head(tag, vr, number(encoding, 4), encoding);
    }
    return new Head(tag, vr, number(encoding, 2), encoding);
  }

  private static boolean isUpperCase(byte letter) {
    return letter >= 'A' && letter <= 'Z';
  }

  private Element element(Head head, long end, int depth) throws IOException {
    int tag = head.tag();
    if (head.isUndefined() && (head.vr() == Vr.OB || head.vr() == Vr.OW)) {
      return new Element.Fragments(tag, head.vr(), fragments(head, MOST_HEADER_BYTES));
    }
    if (head.isUndefined() || head.vr() == Vr.SQ) {
      checkArgument(depth < DEEPEST, "its sequences are nested more than %s deep", DEEPEST);
      long until = head.isUndefined() ? end : position + head.length();
      checkFits(head, end);
      return new Element.Sequence(tag, items(head, head.encoding(), until, depth + 1));
    }
    checkFits(head, end);
    headerBytes += head.length();
    checkArgument(
        headerBytes <= MOST_HEADER_BYTES,
        "its elements before the pixel data have more than %s bytes",
        MOST_HEADER_BYTES);
    byte[] value = bytes((int) head.length());
    if (head.encoding().bigEndian()) {
      reverse(value, head.vr().unit());
    }
    return new Element.Value(tag, head.vr(), value);
  }

  private List<DataSet> items(Head sequence, Encoding encoding, long end, int depth)
      throws IOException {
    List<DataSet> items = new ArrayList<>();
    while (position < end) {
      Head head = head(encoding, tag(encoding));
      if (head.tag() == SEQUENCE_END) {
        checkArgument(
            sequence.isUndefined(), "its sequence %s ends too early", name(sequence.tag()));
        return items;
      }
      checkArgument(
          head.tag() == ITEM,
          "its sequence %s holds %s, which is no item; the file is damaged",
          name(sequence.tag()),
          name(head.tag()));
      checkFits(head, end);
      items.add(dataSet(encoding, head.isUndefined() ? end : position + head.length(), depth));
    }
    return items;
  }

  private Element pixels(Head head, DataSet before, ToLongFunction<DataSet> limit)
      throws IOException {
    long most = limit.applyAsLong(before);
    if (head.isUndefined()) {
      long mostCompressed = Math.min(2 * most + MOST_HEADER_BYTES, Integer.MAX_VALUE);
      return new Element.Fragments(head.tag(), head.vr(), fragments(head, mostCompressed));
    }
    checkFits(head, size);
    // An odd last byte may be the second one of a swapped word.
    long wanted = Math.min(head.length(), most + most % 2);
    byte[] value = bytes((int) Math.min(wanted, MOST_BYTES));
    if (head.encoding().bigEndian()) {
      // Numbers of 32 bits are one unit although they are typed as words.
      int bytes = before.integer(Tags.BITS_ALLOCATED).orElse(0) / Byte.SIZE;
      reverse(value, Math.max(bytes, head.vr().unit()));
    }
    return new Element.Value(head.tag(), head.vr(), value);
  }

  private List<byte[]> fragments(Head parent, long most) throws IOException {
    List<byte[]> fragments = new ArrayList<>();
    long sum = 0;
    while (true) {
      Head head = head(parent.encoding(), tag(parent.encoding()));
      if (head.tag() == SEQUENCE_END) {
        return fragments;
      }
      checkArgument(
          head.tag() == ITEM && !head.isUndefined(),
          "its compressed pixel data holds %s, which is no fragment; the file is damaged",
          name(head.tag()));
      checkFits(head, size);
      sum += head.length();
      checkArgument(
          sum <= most, "its compressed pixel data has more than %s bytes, too many", most);
      fragments.add(bytes((int) head.length()));
    }
  }

  private void checkFits(Head head, long end) throws EOFException {
    if (!head.isUndefined() && head.length() > end - position) {
      if (end == size) {
        throw new EOFException();
      }
      throw new IllegalArgumentException(
          "its "
              + name(head.tag())
              + " claims "
              + head.length()
              + " bytes, more than the item around it has; the file is damaged");
    }
  }

  private static String name(int tag) {
    return Tags.name(tag);
  }

  /** Changes between little and big endian. */
  private static void reverse(byte[] bytes, int unit) {
    for (int start = 0; start + unit <= bytes.length; start += unit) {
      for (int i = 0; i < unit / 2; i++) {
        byte swapped = bytes[start + i];
        bytes[start + i] = bytes[start + unit - 1 - i];
        bytes[start + unit - 1 - i] = swapped;
      }
    }
  }

  private int tag(Encoding encoding) throws IOException {
    long group = number(encoding, 2);
    return (int) (group << 16 | number(encoding, 2));
  }

  private long number(Encoding encoding, int length) throws IOException {
    byte[] bytes = bytes(length);
    long number = 0;
    for (int i = 0; i < length; i++) {
      int at = encoding.bigEndian() ? i : length - 1 - i;
      number = number << 8 | (bytes[at] & 0xff);
    }
    return number;
  }

  private byte[] bytes(int count) throws IOException {
    // Where the size is known, the caller has checked that the bytes are there.
    byte[] bytes = size == Long.MAX_VALUE ? in.readNBytes(count) : new byte[count];
    int read = size == Long.MAX_VALUE ? bytes.length : in.readNBytes(bytes, 0, count);
    if (read < count) {
      throw new EOFException();
    }
    position += count;
    return bytes;
  }
}
