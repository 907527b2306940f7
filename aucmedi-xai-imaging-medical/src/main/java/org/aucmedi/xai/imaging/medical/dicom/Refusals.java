package org.aucmedi.xai.imaging.medical.dicom;

import java.io.IOException;
import java.nio.file.Path;
import java.util.zip.ZipException;
import org.aucmedi.xai.imaging.FileErrors;
import org.aucmedi.xai.imaging.UnreadableImageException;

/** What damaged files say. */
final class Refusals {

  private Refusals() {}

  /** Something that is read from a file. */
  @FunctionalInterface
  interface Reading<T> {

    /**
     * Reads it.
     *
     * @throws IOException if the file cannot be read
     * @throws IllegalArgumentException if it is damaged or unsupported; the message says how
     */
    T read() throws IOException;
  }

  /**
   * {@return what is read}
   *
   * @throws UnreadableImageException if it cannot be
   */
  static <T> T named(Path file, Reading<T> reading) {
    try {
      return reading.read();
    } catch (ZipException e) {
      throw new UnreadableImageException(file, "its compressed data is damaged", e);
    } catch (IOException e) {
      throw new UnreadableImageException(file, FileErrors.reason(e), e);
    } catch (IllegalArgumentException e) {
      throw new UnreadableImageException(file, e.getMessage(), e);
    }
  }
}
