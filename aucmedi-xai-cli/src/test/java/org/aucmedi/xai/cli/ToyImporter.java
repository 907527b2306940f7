package org.aucmedi.xai.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.ModelImporter;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.aucmedi.xai.testkit.TorchScriptArchive;

/** Reads files {@code .toy}, or their weights, that hold the body of a TorchScript function. */
public final class ToyImporter implements ModelImporter {

  @Override
  public boolean canImport(Path path) {
    return path.toString().endsWith(".toy");
  }

  @Override
  public Path importInto(Path path, Path folder, LoadOptions options) throws IOException {
    String code = Files.readString(options.weights() == null ? path : options.weights());
    if (code.isEmpty()) {
      throw new UnsupportedModelException(path + " is empty; write something");
    }
    return TorchScriptArchive.write(folder.resolve("toy.pt"), code);
  }
}
