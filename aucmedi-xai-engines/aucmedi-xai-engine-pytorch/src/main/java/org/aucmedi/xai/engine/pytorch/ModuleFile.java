package org.aucmedi.xai.engine.pytorch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;

/**
 * A TorchScript file as it was when it was checked.
 *
 * @param path its path
 * @param size its size in bytes
 * @param modified when it was written
 * @param properties what it tells about its input and outputs
 */
record ModuleFile(Path path, long size, FileTime modified, FileProperties properties) {

  /**
   * Checks a file, see {@link ModuleArchive#check}.
   *
   * @param path the file
   * @return the file
   * @throws IOException if it cannot be read or must not be loaded; the message gives the reason
   */
  static ModuleFile check(Path path) throws IOException {
    long size = Files.size(path);
    FileTime modified = Files.getLastModifiedTime(path);
    try (ModuleArchive archive = ModuleArchive.open(path)) {
      archive.check(size);
      return new ModuleFile(path, size, modified, FileProperties.read(archive));
    }
  }

  /** Returns whether the file is unchanged since it was checked. */
  boolean isUnchanged() {
    try {
      return Files.size(path) == size && Files.getLastModifiedTime(path).equals(modified);
    } catch (IOException e) {
      return false;
    }
  }
}
