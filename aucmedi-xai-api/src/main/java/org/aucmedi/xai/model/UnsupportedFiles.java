package org.aucmedi.xai.model;

import com.google.common.collect.ImmutableList;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Model files that people have and no engine module reads, with what to do about each. */
enum UnsupportedFiles {
  KERAS(
      "a Keras file",
      "run model.export('folder') in Keras and give that SavedModel folder",
      ".keras",
      ".h5",
      ".hdf5"),
  PYTORCH_WEIGHTS(
      "a file of weights or Python objects, not a model",
      "load it in Python and give what torch.jit.trace(model.eval(), example).save('model.pt')"
          + " writes",
      ".safetensors",
      ".ckpt",
      ".pkl",
      ".pickle"),
  PYTORCH_EXPORT(
      "a program of torch.export",
      "give what torch.jit.trace(model.eval(), example).save('model.pt') writes",
      ".pt2"),
  TENSORFLOW_LITE(
      "a TensorFlow Lite file", "give the SavedModel folder that it was made from", ".tflite"),
  TENSORFLOW_GRAPH(
      "a TensorFlow graph alone",
      "give the SavedModel folder, with saved_model.pb and variables in it",
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
   * @return the sentence, or empty if the suffix is none of these
   */
  static Optional<String> explain(Path path) {
    String name = path.toString().toLowerCase(Locale.ROOT);
    return Arrays.stream(values())
        .filter(kind -> kind.suffixes.stream().anyMatch(name::endsWith))
        .map(kind -> path + " is " + kind.what + ", which no engine here reads; " + kind.remedy)
        .findFirst();
  }
}
