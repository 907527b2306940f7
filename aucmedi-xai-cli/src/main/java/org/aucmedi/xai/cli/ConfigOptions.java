package org.aucmedi.xai.cli;

import com.google.common.collect.ImmutableSet;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The options that name a file of options; {@link ConfigArguments} reads it and {@link SavedConfig}
 * writes it, for every command that has them.
 */
final class ConfigOptions {

  /** The option that names a file to read. */
  static final String CONFIG = "--config";

  /** The option that names a file to write. */
  static final String SAVE_CONFIG = "--save-config";

  /** The commands with so many options that one wants to keep them. */
  private static final ImmutableSet<String> COMMANDS =
      ImmutableSet.of("explain", "predict", "serve");

  private ConfigOptions() {}

  /** Adds them to the commands that keep options. */
  static void install(CommandLine root) {
    root.getSubcommands().values().stream()
        .filter(command -> COMMANDS.contains(command.getCommandName()))
        .map(CommandLine::getCommandSpec)
        .filter(command -> command.findOption(CONFIG) == null)
        .forEach(
            command ->
                command
                    .addOption(
                        option(
                            CONFIG,
                            "options from a file, one 'name = value' a line; the command line wins"
                                + " over it, and its paths are relative to its folder"))
                    .addOption(
                        option(
                            SAVE_CONFIG,
                            "when the command has done its work, write its options to a new file"
                                + " for --config")));
  }

  private static OptionSpec option(String name, String description) {
    return OptionSpec.builder(name)
        .type(Path.class)
        .paramLabel("FILE")
        .description(description)
        .build();
  }
}
