package org.aucmedi.xai.model;

import ai.djl.Model;
import java.nio.file.Path;
import java.util.List;

/** Creates explainable models for one engine. Engine modules register theirs with ServiceLoader. */
public interface ExplainableModelProvider {

  /** {@return DJL's name of the engine, for instance "PyTorch"} */
  String engineName();

  /**
   * {@return the kinds of model that {@link #create} and {@link #load} support, at least one,
   * always in the same order} Does not start the engine.
   */
  List<ModelKind> kinds();

  /**
   * {@return whether {@link #create} supports a model, judging by its engine and its block}
   *
   * @param model a loaded DJL model
   */
  boolean accepts(Model model);

  /**
   * Wraps a loaded model.
   *
   * @param model a model for which {@link #accepts accepts} returned true; the caller still owns it
   * @param options settings that override what the model declares
   * @return the explainable model
   * @throws org.aucmedi.xai.model.UnsupportedModelException if the model cannot be explained with
   *     these settings
   */
  ExplainableModel create(Model model, LoadOptions options);

  /**
   * {@return whether a path may be a model file of this provider, judging by its name and kind
   * only}
   *
   * @param path an existing file or folder
   */
  boolean canLoad(Path path);

  /**
   * Names all files of a model, so that a change of any of them can be noticed.
   *
   * @param path a path for which {@link #canLoad} returned true
   * @return the files, or the folder that has them; by default the path alone
   * @throws org.aucmedi.xai.error.XAIException if the path cannot be read, or a file is missing
   */
  default List<Path> files(Path path) {
    return List.of(path);
  }

  /**
   * Loads a model file.
   *
   * @param path an existing file or folder
   * @param options settings that override what the file declares
   * @return an explainable model that owns what it loaded
   * @throws org.aucmedi.xai.error.XAIException if the file cannot be read; the message gives file,
   *     reason and remedy
   */
  ExplainableModel load(Path path, LoadOptions options);
}
