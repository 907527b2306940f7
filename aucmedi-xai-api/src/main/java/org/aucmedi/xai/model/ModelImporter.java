package org.aucmedi.xai.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Compiles a model file into one that an engine module loads with more capabilities than the
 * original has, if any engine reads that at all. Importers are found by {@link
 * java.util.ServiceLoader}; {@link ExplainableModel#load(Path)} prefers them to the engines, unless
 * {@link LoadOptions#engine} names one that reads the file itself.
 */
public interface ModelImporter {

  /**
   * {@return whether this importer reads a file, judging by its name or its first bytes}
   *
   * @param path a file or folder
   */
  boolean canImport(Path path);

  /**
   * Names all files of a model, so that a change of any of them can be noticed.
   *
   * @param path a path for which {@link #canImport} returned true
   * @return the files, or the folder that has them; by default the path alone
   * @throws org.aucmedi.xai.error.XAIException if the path cannot be read, or a file is missing
   */
  default List<Path> files(Path path) {
    return List.of(path);
  }

  /**
   * Imports a model.
   *
   * @param path the file or folder
   * @param folder an empty folder to write to, which is deleted once the model is loaded
   * @param options what the caller knows about the model
   * @return a file or folder in it that an engine module loads
   * @throws IOException if the file cannot be read, or the result cannot be written
   * @throws UnsupportedModelException if a part of the model cannot be imported; the message names
   *     file, part and remedy. If an engine reads the file, it is loaded there instead.
   * @throws org.aucmedi.xai.error.XAIException if the file is damaged
   */
  Path importInto(Path path, Path folder, LoadOptions options) throws IOException;
}
