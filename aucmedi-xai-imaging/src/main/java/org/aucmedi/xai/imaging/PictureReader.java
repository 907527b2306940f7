package org.aucmedi.xai.imaging;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import javax.imageio.metadata.IIOMetadataFormatImpl;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.ImageInputStream;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.SampleType;
import org.w3c.dom.NodeList;

/**
 * Reads pictures (PNG, JPEG, TIFF, BMP, GIF).
 *
 * <p>A picture becomes (H, W, 3), RGB, 0 to 255: alpha is dropped without blending, palettes are
 * expanded, of an animation the first frame counts, rotation tags are ignored, and samples are
 * taken as stored, without colour management. 16-bit pictures are scaled to 0 to 255 over their
 * full range, not clipped. Refused are pictures of four inks (CMYK), and TIFF files of several
 * pages, of other colours than RGB and grey, or of numbers that are signed, floating-point or
 * longer than 16 bits.
 */
public final class PictureReader implements ImageReader {

  private static final int RGB = 3;

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
  public ImageArray read(Path file, ImageLoader.Options options) {
    ImageArray rgb = fromPicture(readPicture(file, options.maxPixels()));
    return options.grayscale() ? luma(rgb) : rgb;
  }

  private static BufferedImage readPicture(Path file, int maxPixels) {
    List<String> damage = new ArrayList<>();
    BufferedImage picture;
    try (ImageInputStream in = new PathImageInputStream(file)) {
      Iterator<javax.imageio.ImageReader> readers = ImageIO.getImageReaders(in);
      if (!readers.hasNext()) {
        throw new IOException("its content is no picture of a known kind");
      }
      javax.imageio.ImageReader reader = readers.next();
      try {
        reader.setInput(in, false, true);
        reader.addIIOReadWarningListener((source, warning) -> damage.add(warning));
        long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
        if (pixels > maxPixels) {
          throw refusal(
              file,
              "it claims "
                  + pixels
                  + " pixels, more than the "
                  + maxPixels
                  + " allowed; make it smaller or allow more");
        }
        if (reader.getFormatName().equals("tif")) {
          checkTiff(file, reader);
        }
        picture = reader.read(0);
        // The reader takes CMYK without a profile for RGB with alpha.
        if (picture.getRaster().getNumBands() > RGB && reader.getFormatName().equals("JPEG")) {
          throw refusal(file, "it is a JPEG of four components (CMYK); save it as RGB or grey");
        }
        checkColours(file, picture);
      } finally {
        reader.dispose();
      }
    } catch (UnreadableImageException e) {
      throw e;
    } catch (ClosedByInterruptException e) {
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
    return picture;
  }

  private static void checkTiff(Path file, javax.imageio.ImageReader reader) throws IOException {
    int pages = reader.getNumImages(true);
    if (pages != 1) {
      throw refusal(file, "it has " + pages + " pages; save each as a file, or a volume as npy");
    }
    IIOMetadataNode metadata =
        (IIOMetadataNode)
            reader.getImageMetadata(0).getAsTree(IIOMetadataFormatImpl.standardMetadataFormatName);
    NodeList formats = metadata.getElementsByTagName("SampleFormat");
    for (int i = 0; i < formats.getLength(); i++) {
      String format = ((IIOMetadataNode) formats.item(i)).getAttribute("value");
      if (format.equals("SignedIntegral") || format.equals("Real")) {
        throw refusal(file, "its numbers are signed or floating-point; save them as npy");
      }
    }
  }

  private static void checkColours(Path file, BufferedImage picture) {
    ColorModel model = picture.getColorModel();
    int space = model.getColorSpace().getType();
    int type = picture.getRaster().getTransferType();
    if (space != ColorSpace.TYPE_RGB && space != ColorSpace.TYPE_GRAY) {
      throw refusal(file, "its colours are neither RGB nor grey; save it as one of them");
    }
    if (model instanceof ComponentColorModel
        && type != DataBuffer.TYPE_BYTE
        && type != DataBuffer.TYPE_USHORT) {
      throw refusal(file, "its numbers are longer than 16 bits; save them as npy");
    }
  }

  private static UnreadableImageException refusal(Path file, String reason) {
    return new UnreadableImageException(file, reason, null);
  }

  /** A reader's own exceptions tell a user nothing. */
  private static String reason(Exception e) {
    return e instanceof IOException io ? FileErrors.reason(io) : "its parts contradict each other";
  }

  private static ImageArray fromPicture(BufferedImage picture) {
    int height = picture.getHeight();
    int width = picture.getWidth();
    float[] data = new float[height * width * 3];
    Rows rows = rows(picture);
    int[] row = new int[width];
    for (int c = 0; c < 3; c++) {
      for (int y = 0; y < height; y++) {
        rows.read(y, c, row);
        for (int x = 0; x < width; x++) {
          data[(y * width + x) * 3 + c] = row[x];
        }
      }
    }
    return ImageArray.wrap(new int[] {height, width}, 3, data, SampleType.UINT8);
  }

  private static Rows rows(BufferedImage picture) {
    ColorModel model = picture.getColorModel();
    if (model instanceof IndexColorModel) {
      return (y, c, row) -> {
        picture.getRGB(0, y, row.length, 1, row, 0, row.length);
        for (int x = 0; x < row.length; x++) {
          row[x] = row[x] >> (16 - 8 * c) & 0xff;
        }
      };
    }
    Raster raster = picture.getRaster();
    boolean gray = model.getColorSpace().getType() == ColorSpace.TYPE_GRAY;
    return (y, c, row) -> {
      int band = gray ? 0 : c;
      raster.getSamples(0, y, row.length, 1, band, row);
      // The components may differ in size: 5, 6, 5 bits are common.
      int bits = model.getComponentSize(band);
      double scale = 255.0 / ((1L << bits) - 1);
      for (int x = 0; x < row.length && bits != Byte.SIZE; x++) {
        row[x] = (int) Math.round(row[x] * scale);
      }
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

  /** Fills a row with the values of one channel, 0 to 255. */
  @FunctionalInterface
  private interface Rows {
    void read(int y, int channel, int[] row);
  }
}
