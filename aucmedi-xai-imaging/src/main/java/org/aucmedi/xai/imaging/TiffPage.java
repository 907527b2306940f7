package org.aucmedi.xai.imaging;

import com.google.common.base.Ascii;
import com.google.common.math.LongMath;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.aucmedi.xai.array.SampleType;

/**
 * What is stored in a page of a TIFF file (TIFF 6.0). Pages are of one kind if these are equal.
 *
 * @param width the number of columns, at least 1
 * @param height the number of rows, at least 1
 * @param bits the bits of a sample
 * @param samples the samples of a pixel, alpha included
 * @param colors what the samples mean
 * @param numbers how a sample is stored
 * @param premultiplied whether the colours are multiplied by an alpha channel, which comes last
 * @param orientation from 1 to 8
 */
record TiffPage(
    int width,
    int height,
    int bits,
    int samples,
    Colors colors,
    Numbers numbers,
    boolean premultiplied,
    int orientation) {

  private static final int SUBFILE_TYPE = 254;
  private static final int WIDTH = 256;
  private static final int HEIGHT = 257;
  private static final int BITS = 258;
  private static final int COMPRESSION = 259;
  static final int PHOTOMETRIC = 262;

  /** A value of that field. */
  static final int BLACK_IS_ZERO = 1;

  static final int DESCRIPTION = 270;
  private static final int SAMPLES = 277;
  private static final int STRIP_LENGTHS = 279;
  static final int PREDICTOR = 317;
  static final int COLOR_MAP = 320;
  private static final int TILE_WIDTH = 322;
  private static final int TILE_HEIGHT = 323;
  private static final int TILE_LENGTHS = 325;
  private static final int EXTRA_SAMPLES = 338;
  private static final int FORMAT = 339;
  private static final int DEPTH = 32997;

  private static final int SMALL_COPY = 1;
  private static final int MASK = 4;
  private static final int JPEG = 7;
  private static final int OLD_JPEG = 6;
  private static final int DIFFERENCES = 2;

  /** What the JDK reads: none, CCITT, LZW, JPEG, Deflate, PackBits. */
  private static final List<Integer> COMPRESSIONS = List.of(1, 2, 3, 4, 5, 6, 7, 8, 32773, 32946);

  /** LZW and Deflate; no other compression has a predictor. */
  private static final List<Integer> PREDICTED = List.of(5, 8, 32946);

  private static final Map<Integer, String> COMPRESSION_NAMES =
      Map.of(
          34712, " (JPEG 2000)",
          34887, " (LERC)",
          34925, " (LZMA)",
          50000, " (Zstandard)",
          50001, " (WebP)",
          50002, " (JPEG XL)");

  /** What the samples mean. */
  enum Colors {
    WHITE_IS_ZERO,
    BLACK_IS_ZERO,
    RGB,
    PALETTE,
    CMYK,
    YCBCR;

    boolean isGrey() {
      return this == WHITE_IS_ZERO || this == BLACK_IS_ZERO;
    }
  }

  /** How a sample is stored. */
  enum Numbers {
    UNSIGNED,
    SIGNED,
    REAL
  }

  /**
   * Reads what a page says about itself, and checks that it can be read.
   *
   * @param directory its directory
   * @param fileLength the length of the file in bytes
   * @throws UnsupportedPictureException if it is of a kind that is not read; its message says what
   *     to do
   * @throws IOException if it is damaged
   */
  static TiffPage of(TiffDirectory directory, long fileLength) throws IOException {
    int samples = integer(directory, SAMPLES, 1);
    int bits = same(directory, BITS, 1, "its samples are of different lengths");
    Numbers numbers = numbers(directory);
    Colors colors = colors(directory);
    int compression = integer(directory, COMPRESSION, 1);
    boolean whole = bits == 8 || bits == 16 || bits == 32;
    boolean packed = bits == 1 || bits == 2 || bits == 4;
    boolean known =
        switch (numbers) {
          case UNSIGNED -> whole || (packed && samples == 1);
          case SIGNED -> whole;
          case REAL -> bits == 32 || bits == 64;
        };
    if (!known) {
      throw new UnsupportedPictureException(
          "its samples are "
              + bits
              + "-bit "
              + (numbers == Numbers.REAL ? "floating-point numbers" : "integers")
              + "; save them with 8, 16 or 32 bits");
    }
    checkSamples(colors, samples, bits, numbers);
    checkCompression(directory, compression, bits, numbers);
    if (colors == Colors.YCBCR && compression != JPEG && compression != OLD_JPEG) {
      throw new UnsupportedPictureException(
          "its colours are YCbCr without JPEG compression; save it as RGB");
    }
    if (integer(directory, DEPTH, 1) != 1) {
      throw new UnsupportedPictureException("a page of it is a volume; save each plane as a page");
    }
    checkLayout(directory, fileLength);
    return new TiffPage(
        integer(directory, WIDTH, 0),
        integer(directory, HEIGHT, 0),
        bits,
        samples,
        colors,
        numbers,
        directory.integer(EXTRA_SAMPLES, 0) == 1,
        Orientation.of(directory));
  }

  private static int integer(TiffDirectory directory, int tag, int otherwise) throws IOException {
    return (int) Math.min(Integer.MAX_VALUE, directory.integer(tag, otherwise));
  }

  private static int same(TiffDirectory directory, int tag, int otherwise, String refusal)
      throws IOException {
    long[] values = directory.integers(tag);
    if (Arrays.stream(values).distinct().count() > 1) {
      throw new UnsupportedPictureException(refusal + "; save it as RGB or grey");
    }
    return values.length == 0 ? otherwise : (int) Math.min(Integer.MAX_VALUE, values[0]);
  }

  private static Numbers numbers(TiffDirectory directory) throws IOException {
    int format = same(directory, FORMAT, 1, "its samples are of different kinds");
    return switch (format) {
      // 4 is undefined.
      case 1, 4 -> Numbers.UNSIGNED;
      case 2 -> Numbers.SIGNED;
      case 3 -> Numbers.REAL;
      default ->
          throw new UnsupportedPictureException(
              "its samples are complex numbers; save their magnitude as an npy file");
    };
  }

  private static Colors colors(TiffDirectory directory) throws IOException {
    int photometric = integer(directory, PHOTOMETRIC, -1);
    return switch (photometric) {
      case -1 -> throw new IOException("it does not say what its colours are");
      case 0 -> Colors.WHITE_IS_ZERO;
      case 1 -> Colors.BLACK_IS_ZERO;
      case 2 -> Colors.RGB;
      case 3 -> Colors.PALETTE;
      case 5 -> Colors.CMYK;
      case 6 -> Colors.YCBCR;
      default ->
          throw new UnsupportedPictureException(
              "its colours are of kind "
                  + photometric
                  + (photometric == 8 ? " (CIELab)" : "")
                  + ", neither RGB nor grey; save it as one of them");
    };
  }

  private static void checkSamples(Colors colors, int samples, int bits, Numbers numbers)
      throws UnsupportedPictureException {
    int needed =
        switch (colors) {
          case WHITE_IS_ZERO, BLACK_IS_ZERO, PALETTE -> 1;
          case RGB, YCBCR -> 3;
          case CMYK -> 4;
        };
    if (samples < needed || samples > needed + 1) {
      throw new UnsupportedPictureException(
          "it has "
              + samples
              + " samples per pixel, where its colours have "
              + needed
              + "; save it as RGB or grey, or as an npy file with its axes");
    }
    int mostBits =
        switch (colors) {
          case PALETTE, YCBCR -> Byte.SIZE;
          case CMYK -> Short.SIZE;
          default -> Long.SIZE;
        };
    if (bits > mostBits || (mostBits < Long.SIZE && numbers != Numbers.UNSIGNED)) {
      throw new UnsupportedPictureException(
          "its samples of " + bits + " bits do not suit its colours; save it as RGB or grey");
    }
  }

  private static void checkCompression(
      TiffDirectory directory, int compression, int bits, Numbers numbers) throws IOException {
    if (!COMPRESSIONS.contains(compression)) {
      throw new UnsupportedPictureException(
          "its compression "
              + compression
              + COMPRESSION_NAMES.getOrDefault(compression, "")
              + " is not read; save it with LZW, Deflate or none");
    }
    int predictor = predictor(directory);
    boolean differences =
        predictor == DIFFERENCES && numbers != Numbers.REAL && (bits >= 8 && bits <= 32);
    if (predictor != 1 && !differences) {
      throw new UnsupportedPictureException(
          "its predictor "
              + predictor
              + " is not read with samples of this kind; save it without a predictor");
    }
  }

  /** Readers allocate what these fields say. */
  private static void checkLayout(TiffDirectory directory, long fileLength) throws IOException {
    long mostBlocks = LongMath.saturatedMultiply(pixels(directory), directory.integer(SAMPLES, 1));
    for (int tag : new int[] {STRIP_LENGTHS, TILE_LENGTHS}) {
      if (directory.count(tag) > mostBlocks) {
        throw new IOException("it has more strips or tiles than pixels");
      }
      for (long length : directory.integers(tag)) {
        if (length > fileLength) {
          throw new IOException("the file ends early");
        }
      }
    }
  }

  private static int predictor(TiffDirectory directory) throws IOException {
    return PREDICTED.contains(integer(directory, COMPRESSION, 1))
        ? integer(directory, PREDICTOR, 1)
        : 1;
  }

  /** Whether a sample is stored as the difference from the one before it in its row of a block. */
  static boolean hasDifferences(TiffDirectory directory) throws IOException {
    return predictor(directory) == DIFFERENCES;
  }

  /** Returns the width of a tile, or of the page if it has none. */
  static int blockWidth(TiffDirectory directory) throws IOException {
    return integer(directory, TILE_WIDTH, integer(directory, WIDTH, 0));
  }

  /** Whether a page is a small copy or a mask of another one. */
  static boolean isAccessory(TiffDirectory directory) throws IOException {
    return (directory.integer(SUBFILE_TYPE, 0) & (SMALL_COPY | MASK)) != 0;
  }

  /** Returns how many pixels a page has, or one tile of it if that is larger. */
  static long pixels(TiffDirectory directory) throws IOException {
    return Math.max(
        LongMath.saturatedMultiply(directory.integer(WIDTH, 0), directory.integer(HEIGHT, 0)),
        LongMath.saturatedMultiply(
            directory.integer(TILE_WIDTH, 0), directory.integer(TILE_HEIGHT, 0)));
  }

  /** Returns how many values a pixel has as it is read: 1 or 3. */
  int channels() {
    return colors.isGrey() ? 1 : 3;
  }

  SampleType sampleType() {
    return switch (numbers) {
      case UNSIGNED ->
          bits <= 8 ? SampleType.UINT8 : bits == 16 ? SampleType.FLOAT : SampleType.INTEGER;
      case SIGNED -> SampleType.INTEGER;
      case REAL -> SampleType.FLOAT;
    };
  }

  @Override
  public String toString() {
    return width
        + " x "
        + height
        + " pixels of "
        + samples
        + " samples of "
        + bits
        + " bits, "
        + Ascii.toLowerCase(numbers + ", " + colors)
        + (premultiplied ? ", multiplied by alpha" : "")
        + (orientation == Orientation.AS_STORED ? "" : ", orientation " + orientation);
  }
}
