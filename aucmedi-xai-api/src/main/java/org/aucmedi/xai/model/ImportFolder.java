package org.aucmedi.xai.model;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.aucmedi.xai.error.XAIException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A temporary folder for what a {@link ModelImporter} writes; closing it deletes it. */
public final class ImportFolder implements AutoCloseable {

  private static final Logger logger = LoggerFactory.getLogger(ImportFolder.class);

  private final Path path;

  private ImportFolder(Path path) {
    this.path = path;
  }

  /**
   * Makes an empty folder in the temporary folder of this JVM.
   *
   * @param model the model that is imported, for the message
   * @return the folder, which the caller closes
   * @throws XAIException if the temporary folder does not exist or cannot be written to
   */
  public static ImportFolder create(Path model) {
    Path temp = Path.of(System.getProperty("java.io.tmpdir"));
    try {
      return new ImportFolder(Files.createTempDirectory(temp, "aucmedi-xai-import"));
    } catch (IOException e) {
      throw new XAIException(
          "compiling "
              + model
              + " needs the temp folder "
              + temp
              + (Files.isDirectory(temp) ? " (not writable)" : " (does not exist)")
              + "; make sure that it exists, is writable and has free space, or set another one"
              + " with JAVA_TOOL_OPTIONS=-Djava.io.tmpdir=FOLDER",
          e);
    }
  }

  /** {@return where it is} */
  public Path path() {
    return path;
  }

  @Override
  public void close() {
    try {
      MoreFiles.deleteRecursively(path, RecursiveDeleteOption.ALLOW_INSECURE);
    } catch (IOException e) {
      logger.warn("cannot delete the temporary folder {}", path, e);
    }
  }
}
