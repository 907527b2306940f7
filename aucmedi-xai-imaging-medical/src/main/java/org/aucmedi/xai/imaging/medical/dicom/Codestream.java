package org.aucmedi.xai.imaging.medical.dicom;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.Ints;
import java.nio.ByteBuffer;

/**
 * What the start of a codestream of the JPEG family tells before it is decoded.
 *
 * @param width the number of columns, 0 if it does not tell
 * @param height the number of rows
 * @param components the values per pixel
 * @param subsampled whether some of them have fewer columns or rows
 * @param jfif whether a JFIF marker stands before them: colours are YCbCr
 * @param adobeTransform the transformation that an Adobe marker tells, -1 without: 0 none, 1 YCbCr
 */
record Codestream(
    int width, int height, int components, boolean subsampled, boolean jfif, int adobeTransform) {

  private static final int JPEG_START = 0xFFD8;
  private static final int JPEG_2000_START = 0xFF4F;
  private static final int JPEG_2000_SIZE = 0xFF51;
  private static final int JP2_SIGNATURE = 0x6A502020;
  private static final int JP2_CODESTREAM = 0x6A703263;
  private static final Codestream UNKNOWN = new Codestream(0, 0, 0, false, false, -1);

  /** Whether a fragment starts a codestream. */
  static boolean isStart(byte[] fragment) {
    int mark = fragment.length < 2 ? 0 : (fragment[0] & 0xff) << 8 | (fragment[1] & 0xff);
    return mark == JPEG_START || mark == JPEG_2000_START;
  }

  /** Reads the markers up to the size. */
  static Codestream of(byte[] codestream) {
    ByteBuffer in = ByteBuffer.wrap(codestream);
    if (in.remaining() < 4) {
      return UNKNOWN;
    }
    int mark = in.getShort() & 0xffff;
    if (mark == JPEG_START) {
      return jpeg(in);
    }
    if (mark == JPEG_2000_START && (in.getShort() & 0xffff) == JPEG_2000_SIZE) {
      return jpeg2000(in);
    }
    return mark == 0 ? boxes(in.position(0)) : UNKNOWN;
  }

  /** Some writers leave the boxes of a JP2 file around the codestream. */
  private static Codestream boxes(ByteBuffer in) {
    if (in.remaining() < 2 * Long.BYTES || in.getInt(Integer.BYTES) != JP2_SIGNATURE) {
      return UNKNOWN;
    }
    while (in.remaining() >= 2 * Integer.BYTES) {
      int start = in.position();
      long length = in.getInt() & 0xffffffffL;
      boolean isCodestream = in.getInt() == JP2_CODESTREAM;
      if (length == 1 && in.remaining() >= Long.BYTES) {
        length = in.getLong();
      }
      if (isCodestream && in.remaining() >= Integer.BYTES) {
        return in.getInt() == (JPEG_2000_START << Short.SIZE | JPEG_2000_SIZE)
            ? jpeg2000(in)
            : UNKNOWN;
      }
      if (length < in.position() - start || length > in.limit() - start) {
        return UNKNOWN;
      }
      in.position(start + (int) length);
    }
    return UNKNOWN;
  }

  /** Image offset and size stand at 8 to 16 of the SIZ segment's content, their count at 36. */
  private static Codestream jpeg2000(ByteBuffer in) {
    int at = in.position();
    if (in.remaining() < 38) {
      return UNKNOWN;
    }
    long width = (in.getInt(at + 4) & 0xffffffffL) - (in.getInt(at + 12) & 0xffffffffL);
    long height = (in.getInt(at + 8) & 0xffffffffL) - (in.getInt(at + 16) & 0xffffffffL);
    return new Codestream(
        Ints.saturatedCast(width),
        Ints.saturatedCast(height),
        in.getShort(at + 36) & 0xffff,
        false,
        false,
        -1);
  }

  private static Codestream jpeg(ByteBuffer in) {
    boolean jfif = false;
    int adobe = -1;
    while (in.remaining() >= 4) {
      int mark = in.getShort() & 0xffff;
      if (mark == 0xFFFF) {
        // A byte of filling.
        in.position(in.position() - 1);
        continue;
      }
      int start = in.position();
      int length = in.getShort() & 0xffff;
      if (mark >>> 8 != 0xff || length < 2 || length > in.remaining() + 2) {
        return UNKNOWN;
      }
      if (isFrame(mark) && length >= 8) {
        return frame(in, length, jfif, adobe);
      }
      jfif |= mark == 0xFFE0 && length >= 6 && in.getInt(start + 2) == 0x4A464946;
      if (mark == 0xFFEE && length >= 14 && in.getInt(start + 2) == 0x41646F62) {
        adobe = in.get(start + 13) & 0xff;
      }
      in.position(start + length);
    }
    return UNKNOWN;
  }

  /** SOF0 to SOF15 without DHT, JPG and DAC, and SOF55 of JPEG-LS. */
  private static boolean isFrame(int mark) {
    boolean other = mark == 0xFFC4 || mark == 0xFFC8 || mark == 0xFFCC;
    return (mark >= 0xFFC0 && mark <= 0xFFCF && !other) || mark == 0xFFF7;
  }

  private static Codestream frame(ByteBuffer in, int length, boolean jfif, int adobe) {
    int at = in.position();
    int components = in.get(at + 5) & 0xff;
    boolean subsampled = false;
    for (int i = 1; i < components && 8 + 3 * (i + 1) <= length; i++) {
      subsampled |= in.get(at + 7 + 3 * i) != in.get(at + 7);
    }
    return new Codestream(
        in.getShort(at + 3) & 0xffff,
        in.getShort(at + 1) & 0xffff,
        components,
        subsampled,
        jfif,
        adobe);
  }

  /**
   * Compares the size with the header's, so that a damaged one allocates nothing.
   *
   * @throws IllegalArgumentException if they differ
   */
  void checkSize(PixelFormat format) {
    checkArgument(
        components > 0, "its compressed frame does not start as its transfer syntax demands");
    checkArgument(
        width == format.columns() && height == format.rows() && components == format.samples(),
        "its compressed frame has %s x %s pixels of %s values, but its header claims %s x %s of %s",
        height,
        width,
        components,
        format.rows(),
        format.columns(),
        format.samples());
  }

  /**
   * {@return whether the decoded colours are YCbCr} The marker of Adobe tells; without it the
   * header, but no RGB has subsampled colours or the marker of JFIF.
   *
   * @param declared whether the header says so
   */
  boolean isYcc(boolean declared) {
    if (components != 3) {
      return false;
    }
    return adobeTransform >= 0 ? adobeTransform == 1 : declared || jfif || subsampled;
  }
}
