package org.aucmedi.xai.imaging;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.stream.ImageInputStream;

/**
 * What the segments before the first scan of a JPEG file tell (ITU-T T.81, annex B; T.871 for JFIF;
 * T.872, section 6.5.3, for Adobe's segment).
 *
 * @param frame the marker of the frame, which tells the process: 0xc0 to 0xc2 are the DCTs with
 *     Huffman codes
 * @param precision the bits of a sample
 * @param components the identifiers of the components
 * @param jfif whether it is a JFIF file
 * @param adobeTransform how Adobe's segment says colours are stored: 0 as they are, 1 YCbCr, 2
 *     YCCK; -1 without one
 * @param exifPosition where the EXIF data begins
 * @param exifLength how long it is, 0 without
 */
record JpegHeader(
    int frame,
    int precision,
    List<Integer> components,
    boolean jfif,
    int adobeTransform,
    long exifPosition,
    long exifLength) {

  /** How far the header is searched; files of noise would take minutes. */
  private static final int MOST_SKIPPED = 1 << 16;

  private static final int MOST_SEGMENTS = 1 << 14;
  private static final int SOI = 0xd8;
  private static final int SOS = 0xda;
  private static final int EOI = 0xd9;
  private static final int APP0 = 0xe0;
  private static final int APP1 = 0xe1;
  private static final int APP14 = 0xee;
  private static final int FIRST_FRAME = 0xc0;
  private static final int LAST_FRAME = 0xcf;

  /** Markers between those of frames: tables of Huffman codes, extensions, arithmetic coding. */
  private static final List<Integer> NO_FRAMES = List.of(0xc4, 0xc8, 0xcc);

  /**
   * Reads the header.
   *
   * @param in the stream, which is read from its start
   * @throws IOException if there is no frame before the first scan
   */
  static JpegHeader read(ImageInputStream in) throws IOException {
    int frame = 0;
    int precision = 0;
    List<Integer> components = new ArrayList<>();
    boolean jfif = false;
    int adobeTransform = -1;
    long exifPosition = 0;
    long exifLength = 0;
    in.seek(2);
    int segments = 0;
    for (int marker = nextMarker(in); marker != SOS && marker != EOI; marker = nextMarker(in)) {
      if (++segments > MOST_SEGMENTS) {
        throw new IOException("its header is damaged");
      }
      int length = in.readUnsignedShort();
      long start = in.getStreamPosition();
      long end = start + length - 2;
      if (marker == APP0 && startsWith(in, "JFIF\0", length)) {
        jfif = true;
      } else if (marker == APP1 && exifLength == 0 && startsWith(in, "Exif\0\0", length)) {
        exifPosition = in.getStreamPosition();
        exifLength = end - exifPosition;
      } else if (marker == APP14 && startsWith(in, "Adobe", length)) {
        // Version and two words of flags come first.
        in.seek(start + 11);
        adobeTransform = in.readUnsignedByte();
      } else if (marker >= FIRST_FRAME && marker <= LAST_FRAME && !NO_FRAMES.contains(marker)) {
        in.seek(start);
        frame = marker;
        precision = in.readUnsignedByte();
        // Height and width.
        in.skipBytes(4);
        int count = in.readUnsignedByte();
        components.clear();
        for (int i = 0; i < count; i++) {
          components.add(in.readUnsignedByte());
          in.skipBytes(2);
        }
      }
      in.seek(Math.max(end, start));
    }
    if (frame == 0) {
      throw new IOException("it has no frame");
    }
    return new JpegHeader(
        frame, precision, List.copyOf(components), jfif, adobeTransform, exifPosition, exifLength);
  }

  /** Any bytes, and filling ones, may come before a marker; those of no segment are skipped. */
  private static int nextMarker(ImageInputStream in) throws IOException {
    for (int skipped = 0; skipped < MOST_SKIPPED; skipped++) {
      if (in.readUnsignedByte() != 0xff) {
        continue;
      }
      int marker = 0xff;
      while (marker == 0xff) {
        marker = in.readUnsignedByte();
      }
      if (marker != 0 && marker != SOI) {
        return marker;
      }
    }
    throw new IOException("its header is damaged");
  }

  private static boolean startsWith(ImageInputStream in, String text, int length)
      throws IOException {
    byte[] expected = text.getBytes(StandardCharsets.ISO_8859_1);
    if (length - 2 < expected.length) {
      return false;
    }
    byte[] bytes = new byte[expected.length];
    in.readFully(bytes);
    return Arrays.equals(bytes, expected);
  }
}
