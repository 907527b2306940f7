package org.aucmedi.xai.model;

import ai.djl.Model;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

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

  /**
   * Lists the layers with weights of a model file.
   *
   * @param path an existing file or folder for which {@link #canLoad} returned true
   * @return their names, in the order in which the file declares them, at least one
   * @throws UnsupportedModelException if weights of such a file cannot be replaced, as by default
   */
  default List<String> weightedLayers(Path path) {
    throw new UnsupportedModelException(
        "the weights of "
            + path
            + " cannot be replaced: "
            + engineName()
            + " has no way to; give a TorchScript, Keras or ONNX file that is loaded with PyTorch, or"
            + " a network of DJL blocks to ModelRandomisation");
  }

  /**
   * Writes a copy of a model file in which the weights of some layers are random: each array is
   * drawn from a normal distribution with its mean and standard deviation. Running statistics of
   * normalisations stay.
   *
   * @param path as of {@link #weightedLayers}
   * @param layers some of its layers; a layer's weights depend on its name and the seed alone
   * @param seed the random seed
   * @param copy the file to write
   * @throws UnsupportedModelException if weights of such a file cannot be replaced, as by default
   * @throws org.aucmedi.xai.error.XAIException if a file cannot be read or written
   */
  default void writeRandomised(Path path, Set<String> layers, long seed, Path copy) {
    var unused = weightedLayers(path);
  }
}
