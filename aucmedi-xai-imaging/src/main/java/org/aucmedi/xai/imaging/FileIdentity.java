package org.aucmedi.xai.imaging;

import java.io.IOException;
import java.nio.file.Path;

/** The one path of a file, however it is named. */
public final class FileIdentity {

  private FileIdentity() {}

  /**
   * Returns the path of a file without links, by which two names of one file are found out.
   *
   * @param file a file or folder, which need not exist
   * @return its real path; of one that is not there its absolute path, as far as names tell
   */
  public static Path of(Path file) {
    try {
      return file.toRealPath();
    } catch (IOException e) {
      return file.toAbsolutePath().normalize();
    }
  }
}
