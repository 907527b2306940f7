package org.aucmedi.xai.model;

import ai.djl.Model;
import java.nio.file.Path;
import java.util.List;

/** Makes one kind of model explainable. Engine modules register theirs with ServiceLoader. */
public interface ExplainableModelProvider {

  /**
   * Returns DJL's name of the engine.
   *
   * @return the name, for instance "PyTorch"
   */
  String engineName();

  /**
   * Returns the kinds of model that {@link #create} and {@link #load} make explainable.
   *
   * @return one kind or more, in the same order every time; asking starts no engine
   */
  List<ModelKind> kinds();

  /**
   * Tells whether {@link #create} works for a model.
   *
   * @param model a loaded DJL model
   * @return whether its engine and its block are of this provider's kind
   */
  boolean accepts(Model model);

  /**
   * Makes a model explainable.
   *
   * @param model a model that {@link #accepts accepts} said yes to; it stays the caller's
   * @param options what is not to be read from the model
   * @return the explainable model
   * @throws org.aucmedi.xai.model.UnsupportedModelException if it cannot be explained as asked
   */
  ExplainableModel create(Model model, LoadOptions options);

  /**
   * Tells, by name and kind only, whether a path may be a model file of this provider.
   *
   * @param path an existing file or folder
   * @return whether {@link #load} is worth trying
   */
  boolean canLoad(Path path);

  /**
   * Loads a model file.
   *
   * @param path an existing file or folder
   * @param options what is not to be read from the file
   * @return an explainable model that owns what it loaded
   * @throws org.aucmedi.xai.error.XAIException if the file cannot be read, naming file, reason and
   *     remedy
   */
  ExplainableModel load(Path path, LoadOptions options);
}
