package org.aucmedi.xai.decoder.image;

import static com.google.common.base.Preconditions.checkArgument;

import java.awt.image.BufferedImage;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;

/** Writes pictures. */
public final class ImageWriter {

  private static final List<String> EXTENSIONS = List.of("png", "jpg", "jpeg", "bmp", "gif");

  private ImageWriter() {}

  /**
   * Writes a picture in the format of its extension. The file appears whole or not at all.
   *
   * @param picture the picture
   * @param file the file, ending in .png, .jpg, .jpeg, .bmp or .gif
   * @throws IOException if it cannot be written
   * @throws IllegalArgumentException if the extension is another
   */
  public static void write(BufferedImage picture, Path file) throws IOException {
    String extension = Extensions.of(file);
    checkArgument(
        EXTENSIONS.contains(extension),
        "cannot write %s as a picture; use one of the extensions %s",
        file,
        EXTENSIONS);
    AtomicFiles.write(
        file,
        out -> {
          OutputStream buffered = new BufferedOutputStream(out);
          if (!ImageIO.write(picture, extension, buffered)) {
            throw new IOException("no writer for this kind of picture as " + extension);
          }
          buffered.flush();
        });
  }
}
