package org.aucmedi.xai.imaging;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.aucmedi.xai.array.ImageArray;

/**
 * Reads the pages of a TIFF file: one is a picture, several are a volume. The JDK's plug-in
 * decompresses them; what their samples mean is worked out here, since the plug-in inverts signed
 * numbers wrongly and undoes differences of bytes only.
 */
final class TiffPictures {

  /** ImageJ writes lines such as {@code channels=2}, OME attributes such as {@code SizeC="2"}. */
  private static final String AXIS = "(?m)(?:^%s=|\\bSize%s=\")(\\d{1,9})\\b";

  private static final Pattern CHANNELS = Pattern.compile(AXIS.formatted("channels", "C"));
  private static final Pattern FRAMES = Pattern.compile(AXIS.formatted("frames", "T"));
  private static final Pattern SLICES = Pattern.compile(AXIS.formatted("slices", "Z"));

  private TiffPictures() {}

  /**
   * Reads a file.
   *
   * @param in its content
   * @param plugin the JDK's reader
   * @param maxPixels how many pixels all pages may have
   * @return (H, W, C) or (D, H, W, C), grey of one channel or RGB, turned as its orientation says
   * @throws IOException if it is damaged or of a kind that is not read
   */
  static ImageArray read(PathImageInputStream in, javax.imageio.ImageReader plugin, int maxPixels)
      throws IOException {
    List<TiffDirectory> directories = TiffDirectory.readAll(in, 0, in.length());
    List<Integer> pages = new ArrayList<>();
    long pixels = 0;
    for (int i = 0; i < directories.size(); i++) {
      if (!TiffPage.isAccessory(directories.get(i))) {
        pages.add(i);
        pixels += TiffPage.pixels(directories.get(i));
        UnsupportedPictureException.checkPixels(pixels, maxPixels);
      }
    }
    if (pages.isEmpty()) {
      throw new IOException("it has only small copies and masks of a page");
    }
    TiffPage page = kind(directories, pages, in.length());
    checkAxes(directories.get(pages.get(0)), page, pages.size());
    in.seek(0);
    plugin.setInput(in, false, true);
    int plane = page.height() * page.width() * page.channels();
    float[] data = new float[Math.multiplyExact(pages.size(), plane)];
    for (int i = 0; i < pages.size(); i++) {
      TiffDirectory directory = directories.get(pages.get(i));
      boolean differences = TiffPage.hasDifferences(directory) && page.bits() > Byte.SIZE;
      if (differences) {
        directory.replace(in, TiffPage.PREDICTOR, 1);
      }
      if (page.bits() >= Byte.SIZE && page.colors() == TiffPage.Colors.WHITE_IS_ZERO) {
        directory.replace(in, TiffPage.PHOTOMETRIC, TiffPage.BLACK_IS_ZERO);
      }
      BufferedImage picture = plugin.read(pages.get(i));
      if (picture.getWidth() != page.width() || picture.getHeight() != page.height()) {
        throw new IOException("its size is unclear");
      }
      int blockWidth = differences ? TiffPage.blockWidth(directory) : 0;
      new Decoder(page, blockWidth, palette(page, directory, picture), picture.getRaster())
          .decode(data, i * plane);
    }
    int[] shape =
        pages.size() == 1
            ? new int[] {page.height(), page.width()}
            : new int[] {pages.size(), page.height(), page.width()};
    return Orientation.apply(
        page.orientation(), ImageArray.wrap(shape, page.channels(), data, page.sampleType()));
  }

  private static TiffPage kind(List<TiffDirectory> directories, List<Integer> pages, long length)
      throws IOException {
    TiffPage first = TiffPage.of(directories.get(pages.get(0)), length);
    for (int i : pages) {
      TiffPage page = TiffPage.of(directories.get(i), length);
      if (!page.equals(first)) {
        throw new UnsupportedPictureException(
            "its page "
                + (i + 1)
                + " has "
                + page
                + ", its page "
                + (pages.get(0) + 1)
                + " "
                + first
                + "; save each kind as a file of its own");
      }
    }
    return first;
  }

  private static void checkAxes(TiffDirectory first, TiffPage page, int pages) throws IOException {
    String description = first.text(TiffPage.DESCRIPTION);
    int channels = number(CHANNELS, description);
    int frames = number(FRAMES, description);
    int slices = number(SLICES, description);
    if (pages > 1 && (channels > page.samples() || (frames > 1 && slices > 1))) {
      throw new UnsupportedPictureException(
          "its "
              + pages
              + " pages are several channels or times of a volume; save each channel and time as a"
              + " file of its own");
    }
  }

  /** The colours that samples point to, {@code 0xrrggbb}; none if samples are values themselves. */
  private static int[] palette(TiffPage page, TiffDirectory directory, BufferedImage picture)
      throws IOException {
    int[] palette = new int[page.bits() <= Byte.SIZE ? 1 << page.bits() : 0];
    if (page.colors() == TiffPage.Colors.PALETTE) {
      long[] map = directory.integers(TiffPage.COLOR_MAP);
      if (map.length != 3 * palette.length) {
        throw new IOException("its palette is not of " + palette.length + " colours");
      }
      for (int i = 0; i < palette.length; i++) {
        // 16 bits, reds first; the upper eight are Pillow's.
        int red = (int) map[i] >> 8;
        int green = (int) map[i + palette.length] >> 8;
        int blue = (int) map[i + 2 * palette.length] >> 8;
        palette[i] = (red << 16) | (green << 8) | blue;
      }
      return palette;
    }
    if (page.bits() < Byte.SIZE && picture.getColorModel() instanceof IndexColorModel shades) {
      for (int i = 0; i < palette.length; i++) {
        palette[i] = shades.getRGB(i) & 0xffffff;
      }
      return palette;
    }
    return new int[0];
  }

  private static int number(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    return matcher.find() ? Integer.parseInt(matcher.group(1)) : 1;
  }

  /** Works out the values of one page from what the plug-in gives. */
  private static final class Decoder {

    private final TiffPage page;
    private final int blockWidth;
    private final Raster raster;
    private final int[] palette;

    /**
     * Takes a page.
     *
     * @param blockWidth after how many columns differences begin anew, 0 if there are none
     * @param palette the colours of samples that are indices, {@code 0xrrggbb}; empty if they are
     *     none
     */
    Decoder(TiffPage page, int blockWidth, int[] palette, Raster raster) throws IOException {
      this.page = page;
      this.blockWidth = blockWidth;
      this.palette = palette;
      this.raster = raster;
      if (raster.getNumBands() != page.samples()) {
        throw new IOException("its samples contradict its colours");
      }
    }

    void decode(float[] data, int offset) {
      int width = page.width();
      int samples = raster.getNumBands();
      int channels = page.channels();
      double[] row = new double[width * samples];
      double[] pixel = new double[Math.max(samples, 3)];
      for (int y = 0, target = offset; y < page.height(); y++) {
        raster.getPixels(0, y, width, 1, row);
        if (page.numbers() != TiffPage.Numbers.REAL) {
          toIntegers(row, samples);
        }
        for (int x = 0; x < width; x++, target += channels) {
          System.arraycopy(row, x * samples, pixel, 0, samples);
          convert(pixel);
          for (int c = 0; c < channels; c++) {
            data[target + c] = (float) pixel[c];
          }
        }
      }
    }

    /** Undoes differences, modulo the range, and gives signed and unsigned numbers their sign. */
    private void toIntegers(double[] row, int samples) {
      int unused = Long.SIZE - page.bits();
      boolean signed = page.numbers() == TiffPage.Numbers.SIGNED;
      for (int i = 0; i < row.length; i++) {
        long value = (long) row[i];
        if (blockWidth > 0 && (i / samples) % blockWidth != 0) {
          value += (long) row[i - samples];
        }
        row[i] = signed ? (value << unused) >> unused : (value << unused) >>> unused;
      }
    }

    private void convert(double[] pixel) {
      if (palette.length > 0) {
        int color = palette[(int) pixel[0]];
        pixel[0] = color >> 16;
        pixel[1] = (color >> 8) & 0xff;
        pixel[2] = color & 0xff;
      } else if (page.numbers() == TiffPage.Numbers.UNSIGNED && page.bits() <= Short.SIZE) {
        toGreyLevels(pixel);
      }
    }

    /** To values from 0 to 255, whole ones if there are no more than 256. */
    private void toGreyLevels(double[] pixel) {
      double unit = page.bits() == Short.SIZE ? 257 : 1;
      for (int c = 0; c < page.samples(); c++) {
        pixel[c] /= unit;
      }
      switch (page.colors()) {
        case WHITE_IS_ZERO -> pixel[0] = 255 - pixel[0];
        case CMYK -> Inks.toRgb(pixel, unit == 1);
        default -> {}
      }
      int alpha = page.channels();
      if (page.premultiplied()
          && page.samples() == alpha + 1
          && page.colors() != TiffPage.Colors.CMYK) {
        divide(pixel, alpha, unit == 1);
      }
    }

    private static void divide(double[] pixel, int alpha, boolean whole) {
      for (int c = 0; c < alpha; c++) {
        double value = pixel[alpha] == 0 ? 0 : Math.min(255, pixel[c] * 255 / pixel[alpha]);
        pixel[c] = whole ? Math.floor(value) : value;
      }
    }
  }
}
