package org.aucmedi.xai.imaging.medical.dicom;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.math.LongMath;
import java.util.List;

/**
 * How the pixels of an image are stored: the image pixel module (PS3.3 section C.7.6.3).
 *
 * @param kind the type of the numbers
 * @param frames the number of frames, at least 1
 * @param rows the number of rows, at least 1
 * @param columns the number of columns, at least 1
 * @param samples the values per pixel that are stored, 1 or 3
 * @param photometric the photometric interpretation, such as {@code MONOCHROME2}
 * @param bitsAllocated the bits of a stored value: 1, 8, 16, 32 or, of floating-point numbers, 64
 * @param bitsStored the bits of it that count
 * @param highBit the highest of them
 * @param signed whether the values are two's complement
 * @param planar whether each colour is a plane of its own
 */
record PixelFormat(
    Kind kind,
    int frames,
    int rows,
    int columns,
    int samples,
    String photometric,
    int bitsAllocated,
    int bitsStored,
    int highBit,
    boolean signed,
    boolean planar) {

  private static final List<String> GREY = List.of("MONOCHROME1", "MONOCHROME2");

  /** The type of the stored numbers. */
  enum Kind {
    INTEGER,
    FLOAT,
    DOUBLE
  }

  /**
   * Reads the format.
   *
   * @param data the elements before the pixel data, or all
   * @throws IllegalArgumentException if there is no image, or its format is wrong or unsupported
   */
  static PixelFormat of(DataSet data) {
    checkArgument(
        data.contains(Tags.ROWS) && data.contains(Tags.COLUMNS),
        "it holds no image, but %s",
        data.string(Tags.MODALITY).map(m -> "an object of modality " + m).orElse("other data"));
    int bitsAllocated = integer(data, Tags.BITS_ALLOCATED);
    Kind kind = kind(data, bitsAllocated);
    int bitsStored = data.integer(Tags.BITS_STORED).orElse(bitsAllocated);
    PixelFormat format =
        new PixelFormat(
            kind,
            data.integer(Tags.NUMBER_OF_FRAMES).orElse(1),
            integer(data, Tags.ROWS),
            integer(data, Tags.COLUMNS),
            data.integer(Tags.SAMPLES_PER_PIXEL).orElse(1),
            data.string(Tags.PHOTOMETRIC_INTERPRETATION).orElse("MONOCHROME2"),
            bitsAllocated,
            bitsStored,
            data.integer(Tags.HIGH_BIT).orElse(bitsStored - 1),
            data.integer(Tags.PIXEL_REPRESENTATION).orElse(0) == 1,
            data.integer(Tags.PLANAR_CONFIGURATION).orElse(0) == 1);
    format.check();
    return format;
  }

  private static Kind kind(DataSet data, int bitsAllocated) {
    if (data.contains(Tags.FLOAT_PIXEL_DATA)) {
      return Kind.FLOAT;
    }
    // A format is also read before the pixel data is there; only doubles have 64 bits.
    return bitsAllocated == Double.SIZE ? Kind.DOUBLE : Kind.INTEGER;
  }

  private static int integer(DataSet data, int tag) {
    return data.integer(tag)
        .orElseThrow(() -> new IllegalArgumentException("it lacks " + Tags.name(tag)));
  }

  private void check() {
    checkArgument(
        frames >= 1 && rows >= 1 && columns >= 1,
        "its image has %s frames of %s x %s pixels",
        frames,
        rows,
        columns);
    checkArgument(
        bitsAllocated == 1
            || bitsAllocated == 8
            || bitsAllocated == 16
            || bitsAllocated == 32
            || bitsAllocated == 64,
        "its %s is %s, not 1, 8, 16, 32 or 64",
        Tags.name(Tags.BITS_ALLOCATED),
        bitsAllocated);
    checkArgument(
        bitsStored >= 1
            && bitsStored <= bitsAllocated
            && highBit >= bitsStored - 1
            && highBit < bitsAllocated,
        "it stores %s bits up to bit %s in %s bits, which is impossible",
        bitsStored,
        highBit,
        bitsAllocated);
    int expected = isGrey() || photometric.equals("PALETTE COLOR") ? 1 : 3;
    checkArgument(
        isGrey() || isColour(),
        "its photometric interpretation '%s' is not supported; convert it to RGB, for instance with"
            + " 'dcmdjpeg' or 'gdcmconv'",
        DataSet.printable(photometric));
    checkArgument(
        samples == expected,
        "it has %s values per pixel, but %s needs %s",
        samples,
        photometric,
        expected);
    checkArgument(
        samples == 1 || bitsAllocated >= Byte.SIZE, "it has colours of %s bit", bitsAllocated);
  }

  private boolean isColour() {
    return switch (photometric) {
      case "PALETTE COLOR", "RGB", "YBR_FULL", "YBR_FULL_422", "YBR_RCT", "YBR_ICT" -> true;
      default -> false;
    };
  }

  /** Whether a pixel is one brightness. */
  boolean isGrey() {
    return GREY.contains(photometric);
  }

  /** The number of values per pixel of the image that is handed out. */
  int channels() {
    return isGrey() ? 1 : 3;
  }

  /** The number of pixels of a frame. */
  int pixels() {
    return Math.multiplyExact(rows, columns);
  }

  /**
   * Checks the size.
   *
   * @param limit how many values an image may have
   * @throws IllegalArgumentException if it has more
   */
  PixelFormat checkSize(long limit) {
    long values = LongMath.saturatedMultiply((long) frames * channels(), (long) rows * columns);
    checkArgument(
        values <= Math.min(limit, Integer.MAX_VALUE),
        "its header claims %s values, more than the limit of %s",
        values,
        limit);
    return this;
  }

  /** Whether two pixels share their colour, in plain pixel data. */
  boolean isSubsampled() {
    return photometric.equals("YBR_FULL_422");
  }

  /** The number of bits of a frame in plain pixel data. */
  long plainFrameBits() {
    int perPixel = isSubsampled() ? 2 : samples;
    return (long) rows * columns * perPixel * bitsAllocated;
  }

  /** The number of bytes of all frames in plain pixel data. */
  long plainBytes() {
    return (LongMath.saturatedMultiply(plainFrameBits(), frames) + Byte.SIZE - 1) / Byte.SIZE;
  }
}
