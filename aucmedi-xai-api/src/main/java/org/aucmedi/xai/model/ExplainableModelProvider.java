package org.aucmedi.xai.model;

import ai.djl.Model;
import java.nio.file.Path;
import java.util.List;

/** Makes one kind of model explainable. Engine modules register theirs with ServiceLoader. */
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
   * Makes a model explainable.
   *
   * @param model a model that {@link #accepts accepts} said yes to; it stays the caller's
   * @param options what is not to be read from the model
   * @return the explainable model
   * @throws org.aucmedi.xai.model.UnsupportedModelException if it cannot be explained as asked
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
