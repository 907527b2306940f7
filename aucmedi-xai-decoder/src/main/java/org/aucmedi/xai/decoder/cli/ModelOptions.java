package org.aucmedi.xai.decoder.cli;

import java.nio.file.Path;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which model a command works on. */
final class ModelOptions {

  @Option(names = "--model", required = true, paramLabel = "PATH", description = "the model file")
  private Path path;

  @Option(
      names = "--engine",
      paramLabel = "NAME",
      description = "the engine that reads the model; by default told from the file")
  private @Nullable String engine;

  ExplainableModel load() {
    return ExplainableModel.load(path, engine);
  }
}
