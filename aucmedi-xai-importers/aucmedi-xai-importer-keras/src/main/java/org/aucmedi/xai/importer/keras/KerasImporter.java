package org.aucmedi.xai.importer.keras;

import com.google.common.base.Ascii;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.aucmedi.xai.importer.TorchScriptWriter;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.ModelImporter;

/**
 * Compiles Keras models to TorchScript: {@code .keras} files of Keras 3, whole models in HDF5
 * ({@code .h5}, {@code .hdf5}) of Keras 2, tf.keras and Keras 3, and the text of {@code to_json()}
 * with the weights in a {@linkplain LoadOptions#weights() file of their own}.
 *
 * <p>Every layer of the file is a layer of the result, under its own name; those of a nested model
 * have the nested model's name before theirs, {@code backbone/conv1}. Layers that only act in
 * training, as dropout, pass their input on. Custom Python code is never run.
 */
public final class KerasImporter implements ModelImporter {

  private static final List<String> SUFFIXES = List.of(".keras", ".h5", ".hdf5");

  /** Constructs the importer; ServiceLoader calls this. */
  public KerasImporter() {}

  @Override
  public boolean canImport(Path path) {
    String name = Ascii.toLowerCase(path.toString());
    return Files.isRegularFile(path)
        && (SUFFIXES.stream().anyMatch(name::endsWith) || KerasFile.isArchitecture(path));
  }

  @Override
  public Path importInto(Path path, Path folder, LoadOptions options) throws IOException {
    try (KerasFile file = KerasFile.open(path, options.weights())) {
      // The name of the model stays that of the file.
      String name = path.getFileName().toString();
      Path target = folder.resolve(name.substring(0, name.lastIndexOf('.')) + ".pt");
      TorchScriptWriter.write(KerasCompiler.compile(file), target);
      return target;
    }
  }
}
