package org.aucmedi.xai.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How a run treats its folder, and how much it says. */
final class RunOptions {

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--resume",
      description =
          "go on with a run that was interrupted: what is done, with the same image, model and"
              + " settings, is kept; images that failed are tried again")
  private boolean resume;

  @Option(
      names = "--overwrite",
      description = "begin anew in a folder that has results: those are removed, and nothing else")
  private boolean overwrite;

  @Option(
      names = "--shard",
      paramLabel = "I/N",
      converter = ShardConverter.class,
      description =
          "only part I of N of the images, chosen by their names, for instance 3/16; 'merge' joins"
              + " the parts")
  private @Nullable Shard shard;

  @Option(names = "--json", description = "print the summary as one JSON object on stdout")
  private boolean json;

  @Option(names = "--quiet", description = "no progress and no warnings; failures are still told")
  private boolean quiet;

  @Option(names = "--verbose", description = "a line for every image, and every failure by name")
  private boolean verbose;

  /** Refuses options that contradict each other. */
  void check() {
    if (resume && overwrite) {
      throw new ParameterException(
          spec.commandLine(),
          "--resume keeps what is there and --overwrite removes it; give one of them");
    }
    if (quiet && verbose) {
      throw new ParameterException(
          spec.commandLine(), "--quiet and --verbose contradict each other; give one of them");
    }
  }

  boolean resume() {
    return resume;
  }

  boolean overwrite() {
    return overwrite;
  }

  @Nullable Shard shard() {
    return shard;
  }

  boolean json() {
    return json;
  }

  boolean quiet() {
    return quiet;
  }

  boolean verbose() {
    return verbose;
  }

  private static final class ShardConverter extends TextConverter<Shard> {
    ShardConverter() {
      super(Shard::of);
    }
  }
}
