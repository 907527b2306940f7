package org.aucmedi.xai.cli;

import java.nio.file.Path;
import org.aucmedi.xai.decoder.automl.AucmediFolder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which file a command works on. */
class ModelFileOptions {

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--model",
      required = true,
      paramLabel = "PATH",
      description =
          "the model file, or AUCMEDI's model folder, which also tells how images are prepared")
  private Path path;

  @Option(
      names = "--member",
      paramLabel = "NAME",
      description = "which model of an AUCMEDI ensemble, for instance cv_0")
  private @Nullable String member;

  @Option(
      names = "--weights",
      paramLabel = "FILE",
      description =
          "the weights, where the model file is an architecture as Keras's to_json() writes it")
  private @Nullable Path weights;

  /** What {@code --model} says. */
  final Path path() {
    return path;
  }

  /** The file of the weights, null if the model has them. */
  final @Nullable Path weights() {
    return weights;
  }

  /** The file of the model, also in AUCMEDI's folder. */
  final Path file() {
    AucmediFolder folder = folder();
    return folder == null ? path : folder.modelFile();
  }

  /** What AUCMEDI's folder says, or null for another model. */
  final @Nullable AucmediFolder folder() {
    if (AucmediFolder.isOne(path)) {
      return AucmediFolder.read(path, member);
    }
    if (member != null) {
      throw new ParameterException(
          spec.commandLine(),
          "--member names a model of AUCMEDI's model folder, and "
              + path
              + " is none; leave it out");
    }
    return null;
  }
}
