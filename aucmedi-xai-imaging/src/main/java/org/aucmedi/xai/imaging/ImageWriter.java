package org.aucmedi.xai.imaging;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Ascii;
import com.google.common.io.MoreFiles;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriteParam;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Writes pictures, to the file named and whatever is there; no temporary folder is needed. */
public final class ImageWriter {

  private static final List<String> EXTENSIONS = List.of("png", "jpg", "jpeg", "bmp", "gif");

  private ImageWriter() {}

  /**
   * Writes a picture in the format of its extension. The file appears whole or not at all.
   *
   * @param picture the picture
   * @param file the file, ending in .png, .jpg, .jpeg, .bmp or .gif; replaced if it exists
   * @throws IOException if it cannot be written
   * @throws IllegalArgumentException if the extension is another
   */
  public static void write(BufferedImage picture, Path file) throws IOException {
    String extension = Ascii.toLowerCase(MoreFiles.getFileExtension(file));
    checkArgument(
        EXTENSIONS.contains(extension),
        "cannot write %s as a picture; use one of the extensions %s",
        file,
        EXTENSIONS);
    byte[] content =
        extension.equals("png") && PngWriter.takes(picture)
            ? png(picture, false)
            : encode(picture, extension);
    AtomicFiles.write(file, out -> out.write(content));
  }

  /**
   * Encodes a picture as PNG.
   *
   * @param picture the picture, of type {@link BufferedImage#TYPE_BYTE_GRAY} or {@link
   *     BufferedImage#TYPE_INT_RGB}
   * @param smaller whether to take time for a smaller file
   * @return the content of a file
   * @throws IllegalArgumentException if the picture is of another type
   */
  public static byte[] png(BufferedImage picture, boolean smaller) {
    return PngWriter.encode(picture, Map.of(), smaller);
  }

  private static byte[] encode(BufferedImage picture, String format) throws IOException {
    ImageTypeSpecifier type = ImageTypeSpecifier.createFromRenderedImage(picture);
    Iterator<javax.imageio.ImageWriter> writers = ImageIO.getImageWriters(type, format);
    if (!writers.hasNext()) {
      throw new IOException("no writer for this type of picture in the format " + format);
    }
    javax.imageio.ImageWriter writer = writers.next();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      writer.setOutput(out);
      writer.write(null, new IIOImage(picture, null, null), parameters(writer, format));
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  private static ImageWriteParam parameters(javax.imageio.ImageWriter writer, String format) {
    ImageWriteParam parameters = writer.getDefaultWriteParam();
    if (format.equals("gif")) {
      // Interlaced pictures of few rows are read back wrong by Java's own reader.
      parameters.setProgressiveMode(ImageWriteParam.MODE_DISABLED);
    }
    return parameters;
  }
}
