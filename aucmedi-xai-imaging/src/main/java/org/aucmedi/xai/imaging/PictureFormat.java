package org.aucmedi.xai.imaging;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Optional;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;

/**
 * The formats of pictures, known by their first bytes. Each is read by the plug-in of the JDK:
 * other plug-ins on the class path decode some files to other pixels.
 */
enum PictureFormat {
  PNG("png", "\u0089PNG\r\n\u001a\n"),
  JPEG("jpeg", "\u00ff\u00d8\u00ff"),
  GIF("gif", "GIF87a", "GIF89a"),
  BMP("bmp", "BM"),
  TIFF("tiff", "II*\0", "MM\0*", "II+\0", "MM\0+");

  private static final String PLUGINS = "com.sun.imageio.plugins.";

  /** The length of a BMP's second header, at byte 14, is one of a few, all below 256. */
  private static final int BMP_HEADER_LENGTH = 14;

  private final String plugin;
  private final ImmutableList<String> starts;

  PictureFormat(String plugin, String... starts) {
    this.plugin = plugin;
    this.starts = ImmutableList.copyOf(starts);
  }

  /** Returns the format of a file that starts with these bytes, if it is one of them. */
  static Optional<PictureFormat> of(byte[] start) {
    return Arrays.stream(values()).filter(format -> format.matches(start)).findFirst();
  }

  private boolean matches(byte[] start) {
    String text = new String(start, StandardCharsets.ISO_8859_1);
    // BMP's two letters are few.
    return starts.stream().anyMatch(text::startsWith) && (this != BMP || isBmp(start));
  }

  private static boolean isBmp(byte[] start) {
    int at = BMP_HEADER_LENGTH;
    return start.length >= at + 4
        && start[at] >= 12
        && start[at + 1] == 0
        && start[at + 2] == 0
        && start[at + 3] == 0;
  }

  /**
   * Makes a reader of this format.
   *
   * @throws IOException if the JDK's plug-in is missing
   */
  javax.imageio.ImageReader newReader() throws IOException {
    Iterator<ImageReaderSpi> found =
        IIORegistry.getDefaultInstance()
            .getServiceProviders(
                ImageReaderSpi.class,
                spi -> spi.getClass().getName().startsWith(PLUGINS + plugin + "."),
                false);
    if (!found.hasNext()) {
      throw new IOException("this Java has no reader of " + this + " pictures");
    }
    return found.next().createReaderInstance();
  }
}
