package org.aucmedi.xai.report;

import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** Pictures as files, and as they are inlined in a page. */
final class PictureFiles {

  private static final String PNG_METADATA = "javax_imageio_png_1.0";
  private static final float PHOTO_QUALITY = 0.92f;
  private static final float THUMBNAIL_QUALITY = 0.85f;

  /** A photograph loses detail as JPEG, so that must save something. */
  private static final double WORTHWHILE = 0.7;

  private PictureFiles() {}

  /**
   * A picture that {@link ReportPictures} wrote.
   *
   * @param sprite the picture and how it lies there
   * @param png the file's content
   */
  record Loaded(Sprite sprite, byte[] png) {}

  /** {@return the picture, or null if there is none, or not one of ours} */
  static @Nullable Loaded read(Path file) {
    if (!Files.isRegularFile(file)) {
      return null;
    }
    ImageReader reader = ImageIO.getImageReadersByFormatName("png").next();
    try {
      byte[] png = Files.readAllBytes(file);
      try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(png))) {
        reader.setInput(in);
        Layout layout = Layout.parse(comment(reader));
        Sprite sprite = Sprite.checked(reader.read(0), layout);
        return sprite == null ? null : new Loaded(sprite, png);
      }
    } catch (IOException | RuntimeException e) {
      return null;
    } finally {
      reader.dispose();
    }
  }

  private static @Nullable String comment(ImageReader reader) throws IOException {
    Element root = (Element) reader.getImageMetadata(0).getAsTree(PNG_METADATA);
    NodeList texts = root.getElementsByTagName("tEXtEntry");
    for (int i = 0; i < texts.getLength(); i++) {
      Element text = (Element) texts.item(i);
      if (text.getAttribute("keyword").equals("Comment")) {
        return text.getAttribute("value");
      }
    }
    return null;
  }

  /** {@return a sprite as a PNG} */
  static Loaded encoded(Sprite sprite) {
    return new Loaded(sprite, org.aucmedi.xai.imaging.ImageWriter.png(sprite.picture(), true));
  }

  /** {@return an image as a data URL: greys as they are, colours as JPEG where that is smaller} */
  static String url(Loaded picture) {
    if (picture.sprite().picture().getRaster().getNumBands() == 1) {
      return url("image/png", picture.png());
    }
    byte[] jpeg = jpeg(picture.sprite().picture(), PHOTO_QUALITY);
    return jpeg.length < WORTHWHILE * picture.png().length
        ? url("image/jpeg", jpeg)
        : url("image/png", picture.png());
  }

  /** {@return a map as a data URL, every value as it is} */
  static String exactUrl(Loaded picture) {
    return url("image/png", picture.png());
  }

  /** {@return a picture of a thumbnail's size as a data URL} */
  static String thumbnailUrl(BufferedImage picture) {
    return url("image/jpeg", jpeg(picture, THUMBNAIL_QUALITY));
  }

  static String url(String type, byte[] content) {
    return "data:" + type + ";base64," + Base64.getEncoder().encodeToString(content);
  }

  private static byte[] jpeg(BufferedImage picture, float quality) {
    BufferedImage plain =
        new BufferedImage(picture.getWidth(), picture.getHeight(), BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = plain.createGraphics();
    graphics.drawImage(picture, 0, 0, null);
    graphics.dispose();
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      ImageWriteParam parameters = writer.getDefaultWriteParam();
      parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      parameters.setCompressionQuality(quality);
      writer.setOutput(out);
      writer.write(null, new IIOImage(plain, null, null), parameters);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }
}
