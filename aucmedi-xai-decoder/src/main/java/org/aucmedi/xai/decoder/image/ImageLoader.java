package org.aucmedi.xai.decoder.image;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/**
 * Loads pictures (PNG, JPEG, BMP, GIF) and NumPy arrays.
 *
 * <p>A picture becomes (H, W, 3), RGB, 0 to 255: alpha is dropped without blending, palettes are
 * expanded, of an animation the first frame counts, rotation tags are ignored, and samples are
 * taken as stored, without colour management. 16-bit pictures are scaled to 0 to 255 over their
 * full range, not clipped. JPEGs of four components (CMYK) are refused.
 *
 * <p>A NumPy array is taken as it is: (H, W), (H, W, C) with up to four channels, (D, H, W) with a
 * last axis longer than that, or (D, H, W, C).
 */
public final class ImageLoader {

  /** The extensions of the files that can be loaded, in lower case; the case does not matter. */
  public static final List<String> EXTENSIONS = List.of("png", "jpg", "jpeg", "bmp", "gif", "npy");

  private static final String NUMPY = "npy";
  private static final long MAX_PIXELS = 100_000_000;
  private static final int MAX_CHANNELS = 4;

  /** Readers give warnings about harmless chunks too; these tell of lost pixels. */
  private static final Pattern DAMAGE =
      Pattern.compile("premature|truncat|end of|corrupt(?!.*extraneous)", Pattern.CASE_INSENSITIVE);

  private ImageLoader() {}

  /**
   * Tells by its name whether a file is an image that can be loaded.
   *
   * @param file the file
   * @return whether its extension is known
   */
  public static boolean isSupported(Path file) {
    return EXTENSIONS.contains(Extensions.of(file));
  }

  /**
   * Loads an image.
   *
   * @param file the file
   * @param grayscale whether a picture becomes one channel, by ITU-R 601 luma; arrays stay as they
   *     are
   * @return the image
   * @throws UnreadableImageException if the file is missing, damaged, or not an image
   */
  public static ImageArray load(Path file, boolean grayscale) {
    if (!Files.exists(file)) {
      throw new UnreadableImageException(file, "there is no such file", null);
    }
    if (!Files.isRegularFile(file)) {
      throw new UnreadableImageException(file, "it is not a regular file", null);
    }
    if (!isSupported(file)) {
      throw new UnreadableImageException(
          file, "its extension is none of " + EXTENSIONS + "; convert it", null);
    }
    if (Extensions.of(file).equals(NUMPY)) {
      return fromArray(file, Npy.read(file));
    }
    ImageArray rgb = fromPicture(readPicture(file));
    return grayscale ? luma(rgb) : rgb;
  }

  private static ImageArray fromArray(Path file, Npy.Array array) {
    int[] shape = array.shape();
    int rank = shape.length;
    boolean channelAxis = rank == 4 || (rank == 3 && shape[2] <= MAX_CHANNELS);
    int spatialRank = channelAxis ? rank - 1 : rank;
    if (spatialRank < 2 || spatialRank > 3 || array.data().length == 0) {
      throw new UnreadableImageException(
          file,
          "its shape "
              + Arrays.toString(shape)
              + " is none of (H, W), (H, W, C), (D, H, W), (D, H, W, C)",
          null);
    }
    int[] spatial = Arrays.copyOf(shape, spatialRank);
    return ImageArray.wrap(
        spatial, channelAxis ? shape[rank - 1] : 1, array.data(), array.sampleType());
  }

  private static BufferedImage readPicture(Path file) {
    List<String> damage = new ArrayList<>();
    BufferedImage picture;
    try (ImageInputStream in = ImageIO.createImageInputStream(file.toFile())) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
      if (!readers.hasNext()) {
        throw new IOException("its content is no picture of a known kind");
      }
      ImageReader reader = readers.next();
      try {
        reader.setInput(in, true, true);
        reader.addIIOReadWarningListener((source, warning) -> damage.add(warning));
        long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
        if (pixels > MAX_PIXELS) {
          throw new IOException(
              "it claims " + pixels + " pixels, more than the " + MAX_PIXELS + " allowed");
        }
        picture = reader.read(0);
        // The reader takes CMYK without a profile for RGB with alpha.
        if (picture.getRaster().getNumBands() > 3 && reader.getFormatName().equals("JPEG")) {
          throw new IOException("a JPEG of four components (CMYK)");
        }
      } finally {
        reader.dispose();
      }
    } catch (IOException | RuntimeException e) {
      throw new UnreadableImageException(
          file, "it is damaged or no picture: " + reason(e) + "; save it again as RGB or grey", e);
    }
    damage.removeIf(warning -> !DAMAGE.matcher(warning).find());
    if (!damage.isEmpty()) {
      throw new UnreadableImageException(
          file, "it is damaged: " + damage.get(0) + "; copy or save it again", null);
    }
    return picture;
  }

  private static String reason(Exception e) {
    Throwable cause = e;
    while (cause.getMessage() == null && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
  }

  private static ImageArray fromPicture(BufferedImage picture) {
    int height = picture.getHeight();
    int width = picture.getWidth();
    float[] data = new float[height * width * 3];
    Pixels pixels = pixels(picture);
    for (int i = 0; i < height * width; i++) {
      for (int c = 0; c < 3; c++) {
        data[i * 3 + c] = pixels.get(i % width, i / width, c);
      }
    }
    return ImageArray.wrap(new int[] {height, width}, 3, data, SampleType.UINT8);
  }

  private static Pixels pixels(BufferedImage picture) {
    ColorModel model = picture.getColorModel();
    if (model instanceof IndexColorModel) {
      return (x, y, c) -> picture.getRGB(x, y) >> (16 - 8 * c) & 0xff;
    }
    Raster raster = picture.getRaster();
    boolean gray = model.getColorSpace().getType() == ColorSpace.TYPE_GRAY;
    return (x, y, c) -> {
      int band = gray ? 0 : c;
      // The components may differ in size: 5, 6, 5 bits are common.
      double scale = 255.0 / ((1L << model.getComponentSize(band)) - 1);
      return Math.round(raster.getSample(x, y, band) * scale);
    };
  }

  private static ImageArray luma(ImageArray rgb) {
    float[] data = rgb.values();
    float[] luma = new float[data.length / 3];
    for (int i = 0; i < luma.length; i++) {
      // Fixed-point weights .299, .587, .114, as image libraries compute it.
      int sum =
          19595 * (int) data[i * 3]
              + 38470 * (int) data[i * 3 + 1]
              + 7471 * (int) data[i * 3 + 2]
              + 0x8000;
      luma[i] = sum >> 16;
    }
    return ImageArray.wrap(rgb.spatialShape(), 1, luma, SampleType.UINT8);
  }

  @FunctionalInterface
  private interface Pixels {
    float get(int x, int y, int channel);
  }
}
