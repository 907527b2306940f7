package org.aucmedi.xai.decoder.automl;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.ModelImporter;
import org.aucmedi.xai.model.Services;

/** Takes the model out of a folder of AUCMEDI's, wherever a model file is expected. */
public final class AucmediFolderImporter implements ModelImporter {

  /** Constructs it, for {@link java.util.ServiceLoader}. */
  public AucmediFolderImporter() {}

  @Override
  public boolean canImport(Path path) {
    return AucmediFolder.isOne(path);
  }

  /** Imports the model's file, or returns that if no importer takes it but perhaps an engine. */
  @Override
  public Path importInto(Path path, Path folder, LoadOptions options) throws IOException {
    Path file = AucmediFolder.read(path, null).modelFile();
    Optional<ModelImporter> importer =
        Services.load(ModelImporter.class).stream()
            .filter(candidate -> candidate.canImport(file))
            .findFirst();
    return importer.isPresent() ? importer.get().importInto(file, folder, options) : file;
  }
}
