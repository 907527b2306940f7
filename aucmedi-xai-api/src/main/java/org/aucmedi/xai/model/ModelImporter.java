package org.aucmedi.xai.model;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Converts a model file that no engine reads into one that an engine module loads. Importers are
 * found by {@link java.util.ServiceLoader}; {@link ExplainableModel#load(Path)} uses them for files
 * that no {@link ExplainableModelProvider} loads.
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
   * @param folder an empty folder to write to, which is deleted once the model is loaded
   * @return a file or folder in it that an engine module loads
   * @throws IOException if the file cannot be read, or the result cannot be written
   * @throws org.aucmedi.xai.error.XAIException if a part of the model cannot be imported; the
   *     message names it
   */
  Path importInto(Path path, Path folder) throws IOException;
}
