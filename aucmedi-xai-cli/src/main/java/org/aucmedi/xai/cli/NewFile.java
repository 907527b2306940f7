package org.aucmedi.xai.cli;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** A file that a command is to write. */
final class NewFile {

  private NewFile() {}

  /**
   * Checks that a file can be written before any work is done.
   *
   * @throws ParameterException if it is a folder, or is there and may not be replaced
   */
  static void check(CommandSpec spec, Path file, boolean overwrite) {
    if (Files.isDirectory(file)) {
      throw new ParameterException(
          spec.commandLine(), file + " is a folder; give a file as --output");
    }
    if (!overwrite && Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new ParameterException(
          spec.commandLine(),
          file + " is there already; give another --output, or --overwrite to replace it");
    }
  }
}
