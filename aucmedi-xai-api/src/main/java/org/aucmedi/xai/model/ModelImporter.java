package org.aucmedi.xai.model;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Makes a model file that an engine module loads of one that no engine reads. Importers are found
 * by {@link java.util.ServiceLoader}; {@link ExplainableModel#load(Path)} asks them for files that
 * no {@link ExplainableModelProvider} loads.
 */
public interface ModelImporter {

  /**
   * {@return whether this importer reads a file, judging by its name or its first bytes}
   *
   * @param path a file or folder
   */
  boolean canImport(Path path);

  /**
   * Imports a model.
   *
   * @param path the file or folder
   * @param folder an empty folder of its own, which is deleted once the model is loaded
   * @return a file or folder there that an engine module loads
   * @throws IOException if the file cannot be read, or nothing can be written
   * @throws org.aucmedi.xai.error.XAIException if the model has a part that cannot be imported,
   *     with its name
   */
  Path importInto(Path path, Path folder) throws IOException;
}
