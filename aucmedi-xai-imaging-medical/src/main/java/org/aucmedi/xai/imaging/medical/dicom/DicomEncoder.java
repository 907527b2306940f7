package org.aucmedi.xai.imaging.medical.dicom;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes a data set as a DICOM file (PS3.10), Explicit VR Little Endian. */
final class DicomEncoder {

  private static final int PREAMBLE = 128;

  /** The UID of this program's way of writing; any UID of its own will do. */
  private static final String IMPLEMENTATION = "2.25.309263415873419262018523049416272711513";

  private DicomEncoder() {}

  /**
   * Writes a file.
   *
   * @param dataSet its elements, with the UIDs of its class and itself; none of group 2
   * @param out where to; not closed
   * @throws IOException if it cannot be written
   * @throws IllegalArgumentException if a value is too long for its VR, or encapsulated
   */
  static void write(DataSet dataSet, OutputStream out) throws IOException {
    DataSet meta =
        DataSet.builder()
            .put(Tags.FILE_META_INFORMATION_VERSION, Vr.OB, new byte[] {0, 1})
            .put(Tags.MEDIA_STORAGE_SOP_CLASS_UID, text(dataSet, Tags.SOP_CLASS_UID))
            .put(Tags.MEDIA_STORAGE_SOP_INSTANCE_UID, text(dataSet, Tags.SOP_INSTANCE_UID))
            .put(Tags.TRANSFER_SYNTAX_UID, TransferSyntax.EXPLICIT_LITTLE)
            .put(Tags.IMPLEMENTATION_CLASS_UID, IMPLEMENTATION)
            .build();
    byte[] group = encode(meta);
    out.write(new byte[PREAMBLE]);
    out.write("DICM".getBytes(StandardCharsets.US_ASCII));
    writeElements(
        DataSet.builder().putNumbers(Tags.FILE_META_INFORMATION_GROUP_LENGTH, group.length).build(),
        out);
    out.write(group);
    writeElements(dataSet, out);
  }

  private static String text(DataSet dataSet, int tag) {
    return dataSet.string(tag).orElseThrow(() -> new IllegalArgumentException(Tags.name(tag)));
  }

  private static byte[] encode(DataSet dataSet) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    writeElements(dataSet, bytes);
    return bytes.toByteArray();
  }

  private static void writeElements(DataSet dataSet, OutputStream out) throws IOException {
    for (Element element : dataSet.elements()) {
      if (element instanceof Element.Value value) {
        byte[] bytes = even(value);
        writeHeader(value, bytes.length, out);
        out.write(bytes);
      } else if (element instanceof Element.Sequence sequence) {
        byte[] items = items(sequence);
        writeHeader(sequence, items.length, out);
        out.write(items);
      } else {
        throw new IllegalArgumentException(Tags.name(element.tag()) + " is encapsulated");
      }
    }
  }

  /** A file that values are taken from may have odd ones, against the standard. */
  private static byte[] even(Element.Value value) {
    byte[] bytes = value.bytes();
    if (bytes.length % 2 == 0) {
      return bytes;
    }
    byte[] padded = Arrays.copyOf(bytes, bytes.length + 1);
    padded[bytes.length] = value.vr().padding();
    return padded;
  }

  private static byte[] items(Element.Sequence sequence) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (DataSet item : sequence.items()) {
      byte[] content = encode(item);
      byte[] header = new byte[8];
      little(header).putShort((short) 0xfffe).putShort((short) 0xe000).putInt(content.length);
      bytes.write(header);
      bytes.write(content);
    }
    return bytes.toByteArray();
  }

  private static void writeHeader(Element element, int length, OutputStream out)
      throws IOException {
    boolean longLength = element.vr().hasLongLength();
    if (!longLength && length > 0xffff) {
      throw new IllegalArgumentException(
          "a value of " + Tags.name(element.tag()) + " has " + length + " bytes, too many");
    }
    byte[] header = new byte[longLength ? 12 : 8];
    ByteBuffer buffer =
        little(header)
            .putShort((short) (element.tag() >>> 16))
            .putShort((short) element.tag())
            .put(element.vr().name().getBytes(StandardCharsets.US_ASCII));
    if (longLength) {
      buffer.putShort((short) 0).putInt(length);
    } else {
      buffer.putShort((short) length);
    }
    out.write(header);
  }

  private static ByteBuffer little(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
