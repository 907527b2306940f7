package org.aucmedi.xai.engine.pytorch;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file in the temporary folder, readable by its owner alone, which is deleted when closed. */
final class ScratchFile implements Closeable {

  private final Path path;

  private ScratchFile(Path path) {
    this.path = path;
  }

  /** Creates an empty file. */
  static ScratchFile create() throws IOException {
    Path folder = Path.of(System.getProperty("java.io.tmpdir"));
    return new ScratchFile(Files.createTempFile(folder, "aucmedi-xai-", ".pt"));
  }

  /** Returns where it is. */
  Path path() {
    return path;
  }

  @Override
  public void close() {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      path.toFile().deleteOnExit();
    }
  }
}
