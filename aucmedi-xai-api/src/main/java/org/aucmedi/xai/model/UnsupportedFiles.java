package org.aucmedi.xai.model;

import com.google.common.collect.ImmutableList;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Common model files that no engine module reads, each with a remedy. */
enum UnsupportedFiles {
  KERAS(
      "a Keras file",
      "add aucmedi-xai-importer-keras to the class path, which compiles it",
      ".keras",
      ".h5",
      ".hdf5"),
  PYTORCH_WEIGHTS(
      "a file of weights or Python objects, not a model",
      "load it in Python and use the file that torch.jit.trace(model.eval(),"
          + " example).save('model.pt') writes",
      ".safetensors",
      ".ckpt",
      ".pkl",
      ".pickle"),
  PYTORCH_EXPORT(
      "a torch.export program",
      "use the file that torch.jit.trace(model.eval(), example).save('model.pt') writes",
      ".pt2"),
  TENSORFLOW_LITE(
      "a TensorFlow Lite file", "use the SavedModel folder that it was converted from", ".tflite"),
  TENSORFLOW_GRAPH(
      "a TensorFlow graph without variables",
      "use the SavedModel folder, which holds saved_model.pb and variables",
      ".pb");

  private final String what;
  private final String remedy;
  private final ImmutableList<String> suffixes;

  UnsupportedFiles(String what, String remedy, String... suffixes) {
    this.what = what;
    this.remedy = remedy;
    this.suffixes = ImmutableList.copyOf(suffixes);
  }

  /**
   * Explains why a file cannot be loaded.
   *
   * @param path the file
   * @return the explanation, or empty if the suffix is not one of these
   */
  static Optional<String> explain(Path path) {
    String name = path.toString().toLowerCase(Locale.ROOT);
    return Arrays.stream(values())
        .filter(kind -> kind.suffixes.stream().anyMatch(name::endsWith))
        .map(kind -> path + " is " + kind.what + ", which no engine module reads; " + kind.remedy)
        .findFirst();
  }
}
