package org.aucmedi.xai.imaging.medical.dicom;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.ToLongFunction;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import org.aucmedi.xai.imaging.UnreadableImageException;
import org.jspecify.annotations.Nullable;

/**
 * The elements of a DICOM file (PS3.10). A file without preamble or header is read too.
 *
 * @param meta the elements of group 2; empty if the file has none
 * @param transferSyntax the UID of the transfer syntax; where the header has none, that of what was
 *     found
 * @param dataSet the other elements, up to the pixel data and with it
 */
public record DicomFile(DataSet meta, String transferSyntax, DataSet dataSet) {

  private static final int PREAMBLE = 128;
  private static final byte[] MARK = "DICM".getBytes(StandardCharsets.US_ASCII);
  private static final int BUFFER = 1 << 16;

  /**
   * Reads a file.
   *
   * @param file the file
   * @return its elements
   * @throws UnreadableImageException if it is damaged or no DICOM file
   */
  public static DicomFile read(Path file) {
    return readOrRefuse(file, header -> Integer.MAX_VALUE);
  }

  /**
   * Reads a file without its pixel data.
   *
   * @param file the file
   * @return its elements before the pixel data
   * @throws UnreadableImageException if it is damaged or no DICOM file
   */
  public static DicomFile readHeader(Path file) {
    return readOrRefuse(file, null);
  }

  /**
   * Reads a file.
   *
   * @param pixelBytes gives for the elements before the pixel data the most bytes of that; null
   *     leaves it out
   */
  static DicomFile readOrRefuse(Path file, @Nullable ToLongFunction<DataSet> pixelBytes) {
    return Refusals.named(
        file,
        () -> {
          try (InputStream in = new BufferedInputStream(Files.newInputStream(file), BUFFER)) {
            return read(in, Files.size(file), pixelBytes);
          }
        });
  }

  /** Whether a file that starts so is a DICOM file. */
  static boolean isDicom(byte[] start) {
    return hasMark(start) || Encoding.isFirstElement(start);
  }

  private static boolean hasMark(byte[] start) {
    if (start.length < PREAMBLE + MARK.length) {
      return false;
    }
    for (int i = 0; i < MARK.length; i++) {
      if (start[PREAMBLE + i] != MARK[i]) {
        return false;
      }
    }
    return true;
  }

  private static DicomFile read(
      InputStream in, long size, @Nullable ToLongFunction<DataSet> pixelBytes) throws IOException {
    byte[] start = peek(in, PREAMBLE + MARK.length);
    if (!isDicom(start)) {
      throw new IllegalArgumentException(
          "it is no DICOM file: it has no DICM mark and starts with no DICOM element");
    }
    long rest = size;
    if (hasMark(start)) {
      in.skipNBytes(PREAMBLE + MARK.length);
      rest -= PREAMBLE + MARK.length;
    }
    DicomParser parser = new DicomParser(in, rest, pixelBytes);
    DataSet meta = parser.readMeta();
    String syntax = meta.string(Tags.TRANSFER_SYNTAX_UID).orElse("");
    if (syntax.equals(TransferSyntax.DEFLATED)) {
      return new DicomFile(meta, syntax, inflated(in, pixelBytes));
    }
    Encoding encoding = Encoding.guess(peek(in, 8));
    DataSet dataSet = parser.read(encoding);
    return new DicomFile(meta, syntax.isEmpty() ? TransferSyntax.of(encoding) : syntax, dataSet);
  }

  private static DataSet inflated(InputStream in, @Nullable ToLongFunction<DataSet> pixelBytes)
      throws IOException {
    Inflater inflater = new Inflater(true);
    try {
      InputStream unpacked =
          new BufferedInputStream(new InflaterInputStream(in, inflater, BUFFER), BUFFER);
      return new DicomParser(unpacked, Long.MAX_VALUE, pixelBytes).read(Encoding.EXPLICIT_LITTLE);
    } finally {
      inflater.end();
    }
  }

  private static byte[] peek(InputStream in, int count) throws IOException {
    in.mark(count);
    byte[] start = in.readNBytes(count);
    in.reset();
    return start;
  }
}
