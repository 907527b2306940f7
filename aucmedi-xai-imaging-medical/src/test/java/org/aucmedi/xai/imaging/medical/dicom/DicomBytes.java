package org.aucmedi.xai.imaging.medical.dicom;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** Writes small DICOM files in explicit VR little endian, and makes the slices of tests. */
final class DicomBytes {

  private static final long UNDEFINED = 0xFFFFFFFFL;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private DicomBytes() {}

  /** The bytes of a file. */
  static byte[] of(DataSet data) {
    return of(TransferSyntax.EXPLICIT_LITTLE, data);
  }

  /** The bytes of a file that names a transfer syntax. */
  static byte[] of(String syntax, DataSet data) {
    DicomBytes bytes = new DicomBytes();
    bytes.out.writeBytes(new byte[128]);
    bytes.out.writeBytes("DICM".getBytes(StandardCharsets.US_ASCII));
    bytes.elements(DataSet.builder().put(Tags.TRANSFER_SYNTAX_UID, syntax).build());
    bytes.elements(data);
    return bytes.out.toByteArray();
  }

  /** Writes a file. */
  static Path write(Path file, DataSet data) throws IOException {
    Files.createDirectories(file.getParent());
    return Files.write(file, of(data));
  }

  /**
   * A slice of 2 rows and 3 columns of 16 bits.
   *
   * @param value the value of all its pixels
   * @param position where its first pixel lies, LPS
   */
  static DataSet.Builder slice(int value, double... position) {
    byte[] pixels = new byte[12];
    for (int i = 0; i < pixels.length; i += 2) {
      pixels[i] = (byte) value;
      pixels[i + 1] = (byte) (value >> Byte.SIZE);
    }
    return DataSet.builder()
        .put(Tags.MODALITY, "CT")
        .put(Tags.SERIES_INSTANCE_UID, "2.25.77")
        .putNumbers(Tags.IMAGE_POSITION_PATIENT, position)
        .putNumbers(Tags.IMAGE_ORIENTATION_PATIENT, 1, 0, 0, 0, 1, 0)
        .putNumbers(Tags.PIXEL_SPACING, 0.7, 0.5)
        .putNumbers(Tags.SLICE_THICKNESS, 99)
        .putNumbers(Tags.SAMPLES_PER_PIXEL, 1)
        .put(Tags.PHOTOMETRIC_INTERPRETATION, "MONOCHROME2")
        .putNumbers(Tags.ROWS, 2)
        .putNumbers(Tags.COLUMNS, 3)
        .putNumbers(Tags.BITS_ALLOCATED, 16)
        .putNumbers(Tags.BITS_STORED, 16)
        .putNumbers(Tags.HIGH_BIT, 15)
        .putNumbers(Tags.PIXEL_REPRESENTATION, 1)
        .putNumbers(Tags.RESCALE_SLOPE, 1)
        .putNumbers(Tags.RESCALE_INTERCEPT, -1000)
        .put(Tags.PIXEL_DATA, Vr.OW, pixels);
  }

  /** Writes slices under their file names. */
  static Path folder(Path folder, Map<String, DataSet.Builder> slices) throws IOException {
    for (Map.Entry<String, DataSet.Builder> slice : new TreeMap<>(slices).entrySet()) {
      write(folder.resolve(slice.getKey()), slice.getValue().build());
    }
    return folder;
  }

  private void elements(DataSet data) {
    for (Element element : data.elements()) {
      number(element.tag() >>> 16, 2);
      number(element.tag() & 0xffff, 2);
      out.writeBytes(element.vr().name().getBytes(StandardCharsets.US_ASCII));
      if (element instanceof Element.Value value) {
        if (value.vr().hasLongLength()) {
          number(0, 2);
        }
        number(value.bytes().length, value.vr().hasLongLength() ? 4 : 2);
        out.writeBytes(value.bytes());
      } else if (element instanceof Element.Sequence sequence) {
        number(0, 2);
        number(UNDEFINED, 4);
        for (DataSet item : sequence.items()) {
          head(0xE000, UNDEFINED);
          elements(item);
          head(0xE00D, 0);
        }
        head(0xE0DD, 0);
      } else if (element instanceof Element.Fragments fragments) {
        number(0, 2);
        number(UNDEFINED, 4);
        for (byte[] fragment : fragments.fragments()) {
          head(0xE000, fragment.length);
          out.writeBytes(fragment);
        }
        head(0xE0DD, 0);
      }
    }
  }

  private void head(int element, long length) {
    number(0xFFFE, 2);
    number(element, 2);
    number(length, 4);
  }

  private void number(long number, int bytes) {
    for (int i = 0; i < bytes; i++) {
      out.write((int) (number >> (Byte.SIZE * i)));
    }
  }
}
