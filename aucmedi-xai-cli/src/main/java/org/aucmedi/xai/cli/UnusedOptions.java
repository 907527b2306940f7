package org.aucmedi.xai.cli;

import java.io.PrintWriter;
import org.aucmedi.xai.decoder.OutputFormat;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Names the options of drawing that the format of the maps leaves without effect. */
final class UnusedOptions {

  private static final String WINDOW = "--window";
  private static final String NO_OVERLAY = "--no-overlay";

  private UnusedOptions() {}

  /**
   * Warns of each.
   *
   * @param spec the command, as it was parsed
   * @param format what is written
   * @param drawn whether that is drawn
   * @param page whether a report page shows the images, in the window
   */
  static void warn(CommandSpec spec, OutputFormat format, boolean drawn, boolean page) {
    PrintWriter err = spec.commandLine().getErr();
    for (OptionSpec option : spec.commandLine().getParseResult().matchedOptionsSet()) {
      if (HelpLayout.groupOf(option) == HelpLayout.Group.DRAWING) {
        String name = option.longestName();
        String reason = page && name.equals(WINDOW) ? "" : reason(name, format, drawn);
        if (!reason.isEmpty()) {
          err.println("warning: " + name + " has no effect: " + reason);
        }
      }
    }
  }

  private static String reason(String option, OutputFormat format, boolean drawn) {
    if (!drawn) {
      // It says what a format of numbers writes anyway.
      return option.equals(NO_OVERLAY)
          ? ""
          : "--format " + format.extension() + " writes numbers, not pictures";
    }
    return switch (option) {
      case "--gif-axis" -> format == OutputFormat.GIF ? "" : "it is about --format gif";
      case "--volume-view" -> format == OutputFormat.PNG ? "" : "it is about --format png";
      default -> "";
    };
  }
}
