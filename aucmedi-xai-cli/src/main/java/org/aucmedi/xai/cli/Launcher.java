package org.aucmedi.xai.cli;

import org.aucmedi.xai.model.Services;
import picocli.CommandLine;

/**
 * What the {@code aucmedi-xai} script runs: the commands here and the {@linkplain Subcommand ones
 * that other modules bring}.
 */
public final class Launcher {

  private Launcher() {}

  /**
   * Runs a command and exits with its code.
   *
   * @param args the command line
   */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  /** Returns the commands here and those that other modules bring. */
  static CommandLine commandLine() {
    CommandLine commandLine = AucmediXai.commandLine();
    Services.load(Subcommand.class).forEach(commandLine::addSubcommand);
    // Once more: it does not reach what is added later.
    return HelpLayout.install(commandLine.setCaseInsensitiveEnumValuesAllowed(true));
  }
}
