package org.aucmedi.xai.examples;

import org.aucmedi.xai.decoder.cli.AucmediXai;

/** What the {@code aucmedi-xai} script runs: the decoder's command line and the examples. */
public final class Launcher {

  private Launcher() {}

  /**
   * Runs a command and exits with its code.
   *
   * @param args the command line
   */
  public static void main(String[] args) {
    System.exit(
        AucmediXai.commandLine()
            .addSubcommand(new Quickstart())
            .addSubcommand(new Gallery())
            .addSubcommand(new Localisation())
            // Once more: it does not reach what is added later.
            .setCaseInsensitiveEnumValuesAllowed(true)
            .execute(args));
  }
}
