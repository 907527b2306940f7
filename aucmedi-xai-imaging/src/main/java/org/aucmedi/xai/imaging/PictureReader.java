package org.aucmedi.xai.imaging;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.SampleType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads pictures (PNG, JPEG, TIFF, BMP, GIF), whatever their names end in.
 *
 * <p>A picture becomes (H, W, 3), RGB, or (H, W, 1) if grey is asked for. A TIFF file of several
 * pages of one kind becomes a volume, (D, H, W, 1) or (D, H, W, 3). Alpha is dropped without
 * blending, palettes are expanded, inks (CMYK) are converted without a profile, and of an animation
 * the first frame counts. There is no colour management.
 *
 * <p>Samples of up to 8 bits are whole numbers from 0 to 255, exactly those that Pillow and with it
 * AUCMEDI give. Unsigned samples of 16 bits are {@code 255 v / 65535}, not rounded: the same units,
 * with their full precision; AUCMEDI cuts them off at 255, which turns an X-ray white. Signed,
 * 32-bit and floating-point samples of a TIFF file are the numbers that are stored.
 *
 * <p>Pixels are taken as they are stored, as AUCMEDI does, and a warning names a JPEG or PNG file
 * whose EXIF data says that it is to be shown turned; {@link ImageLoader.Options#exifOrientation}
 * turns it. TIFF files are always turned, as Pillow does.
 */
public final class PictureReader implements ImageReader {

  private static final Logger LOG = LoggerFactory.getLogger(PictureReader.class);

  private static final int RGB = 3;

  /** Sequential and progressive DCT with Huffman codes. */
  private static final List<Integer> JPEG_FRAMES = List.of(0xc0, 0xc1, 0xc2);

  private static final List<Integer> JPEG_COMPONENTS = List.of(1, 3, 4);

  /** ImageIO gives warnings about harmless chunks too; these tell of lost pixels. */
  private static final Pattern DAMAGE =
      Pattern.compile(
          "premature|truncat|end of|EOF|corrupt(?!.*extraneous)", Pattern.CASE_INSENSITIVE);

  /** Constructs a reader. */
  public PictureReader() {}

  @Override
  public List<String> extensions() {
    return List.of("png", "jpg", "jpeg", "jfif", "tif", "tiff", "bmp", "gif");
  }

  @Override
  public boolean recognises(byte[] start) {
    return PictureFormat.of(start).isPresent();
  }

  @Override
  public ImageArray read(Path file, ImageLoader.Options options) {
    Stored stored = readStored(file, options.maxPixels());
    ImageArray picture = stored.pixels;
    if (options.exifOrientation()) {
      picture = Orientation.apply(stored.orientation, picture);
    } else if (stored.orientation != Orientation.AS_STORED) {
      LOG.warn(
          "{} is to be shown turned (EXIF orientation {}), but is taken as it is stored, as AUCMEDI"
              + " does; turn it with --exif-orientation (optExifOrientation)",
          file,
          stored.orientation);
    }
    if (options.grayscale()) {
      return luma(picture);
    }
    return picture.spatialRank() == 2 ? threeChannels(picture) : picture;
  }

  /**
   * A picture as it lies in the file, and how EXIF data says that it is to be turned.
   *
   * @param pixels grey of one channel, or RGB
   */
  private record Stored(ImageArray pixels, int orientation) {}

  private static Stored readStored(Path file, int maxPixels) {
    List<String> damage = new ArrayList<>();
    Stored stored;
    try (PathImageInputStream in = new PathImageInputStream(file)) {
      PictureFormat format = format(in);
      javax.imageio.ImageReader plugin = format.newReader();
      try {
        plugin.addIIOReadWarningListener((source, warning) -> damage.add(warning));
        stored =
            switch (format) {
              case TIFF ->
                  new Stored(TiffPictures.read(in, plugin, maxPixels), Orientation.AS_STORED);
              case JPEG -> jpeg(in, plugin, maxPixels);
              case PNG -> png(in, plugin, maxPixels);
              case GIF ->
                  new Stored(GifPictures.read(in, plugin, maxPixels), Orientation.AS_STORED);
              default -> new Stored(first(in, plugin, maxPixels), Orientation.AS_STORED);
            };
      } finally {
        plugin.dispose();
      }
    } catch (ClosedByInterruptException e) {
      throw new UnreadableImageException(file, FileErrors.reason(e), e);
    } catch (UnsupportedPictureException e) {
      throw new UnreadableImageException(file, FileErrors.reason(e), e);
    } catch (IOException | RuntimeException e) {
      throw new UnreadableImageException(
          file, "it is damaged or no picture: " + reason(e) + "; save it again as RGB or grey", e);
    }
    damage.removeIf(warning -> !DAMAGE.matcher(warning).find());
    if (!damage.isEmpty()) {
      String warning = damage.get(0);
      throw new UnreadableImageException(
          file,
          "it is damaged: "
              + (warning.contains("EOF") ? "the file ends early" : warning)
              + "; copy or save it again",
          null);
    }
    return stored;
  }

  private static PictureFormat format(PathImageInputStream in) throws IOException {
    byte[] start = new byte[ImageLoader.START_BYTES];
    int length = Math.max(0, in.read(start));
    in.seek(0);
    return PictureFormat.of(Arrays.copyOf(start, length))
        .orElseThrow(() -> new IOException("its content is no picture of a known kind"));
  }

  private static ImageArray first(
      PathImageInputStream in, javax.imageio.ImageReader plugin, int maxPixels) throws IOException {
    plugin.setInput(in, false, true);
    checkPixels(plugin, maxPixels);
    BufferedImage picture = plugin.read(0);
    int space = picture.getColorModel().getColorSpace().getType();
    if (space != ColorSpace.TYPE_RGB && space != ColorSpace.TYPE_GRAY) {
      throw new UnsupportedPictureException(
          "its colours are neither RGB nor grey; save it as one of them");
    }
    return PictureSamples.of(picture);
  }

  private static Stored png(
      PathImageInputStream in, javax.imageio.ImageReader plugin, int maxPixels) throws IOException {
    int orientation = Orientation.ofPng(in);
    in.seek(0);
    return new Stored(first(in, plugin, maxPixels), orientation);
  }

  private static Stored jpeg(
      PathImageInputStream in, javax.imageio.ImageReader plugin, int maxPixels) throws IOException {
    JpegHeader header = JpegHeader.read(in);
    int orientation = Orientation.of(header, in);
    if (!JPEG_FRAMES.contains(header.frame()) || header.precision() != Byte.SIZE) {
      throw new UnsupportedPictureException(
          "it is a JPEG of a rare kind (frame "
              + Integer.toHexString(header.frame())
              + ", "
              + header.precision()
              + " bits); save it as png");
    }
    if (!JPEG_COMPONENTS.contains(header.components().size())) {
      throw new UnsupportedPictureException(
          "it is a JPEG of " + header.components().size() + " components; save it as RGB or grey");
    }
    in.seek(0);
    plugin.setInput(in, false, true);
    checkPixels(plugin, maxPixels);
    Raster raster = plugin.readRaster(0, null);
    if (raster.getNumBands() != header.components().size()) {
      throw new IOException("its frames contradict each other");
    }
    return new Stored(JpegColors.convert(header, raster), orientation);
  }

  private static void checkPixels(javax.imageio.ImageReader plugin, int maxPixels)
      throws IOException {
    UnsupportedPictureException.checkPixels(
        (long) plugin.getWidth(0) * plugin.getHeight(0), maxPixels);
  }

  /** A plug-in's own exceptions tell a user nothing. */
  private static String reason(Exception e) {
    return e instanceof IOException io ? FileErrors.reason(io) : "its parts contradict each other";
  }

  private static ImageArray threeChannels(ImageArray picture) {
    if (picture.channels() == RGB) {
      return picture;
    }
    float[] grey = picture.values();
    float[] rgb = new float[grey.length * RGB];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = grey[i / RGB];
    }
    return ImageArray.wrap(picture.spatialShape(), RGB, rgb, picture.sampleType());
  }

  /** Weights .299, .587, .114 in units of 1/65536, as image libraries have them. */
  private static ImageArray luma(ImageArray picture) {
    if (picture.channels() == 1) {
      return picture;
    }
    float[] rgb = picture.values();
    float[] luma = new float[rgb.length / RGB];
    boolean bytes = picture.sampleType() == SampleType.UINT8;
    for (int i = 0; i < luma.length; i++) {
      double sum = 19595.0 * rgb[i * 3] + 38470.0 * rgb[i * 3 + 1] + 7471.0 * rgb[i * 3 + 2];
      luma[i] = (float) (bytes ? Math.floor(sum / 65536 + 0.5) : sum / 65536);
    }
    return ImageArray.wrap(picture.spatialShape(), 1, luma, picture.sampleType());
  }
}
