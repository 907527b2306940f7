package org.aucmedi.xai.cli;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.aucmedi.xai.error.Suggestion;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What may have been meant on a command line that cannot be read. */
final class Typo {

  private Typo() {}

  /**
   * Returns the message with a suggestion, if there is one.
   *
   * @param e what is wrong with the command line
   * @param message what is said of it
   */
  static String explained(ParameterException e, String message) {
    CommandLine command = e.getCommandLine();
    if (e instanceof UnmatchedArgumentException unmatched) {
      return unmatched.getUnmatched().isEmpty()
          ? message
          : message + asked(suggestion(command.getCommandSpec(), unmatched.getUnmatched().get(0)));
    }
    if (e instanceof MissingParameterException) {
      // An option whose name is misspelt is missing, and that is what picocli sees first.
      return command.getUnmatchedArguments().stream()
          .filter(argument -> argument.startsWith("-"))
          .findFirst()
          .map(argument -> unknown(command.getCommandSpec(), argument))
          .orElse(message);
    }
    if (e.getArgSpec() != null && e.getValue() != null) {
      return message + asked(Suggestion.of(e.getValue(), Choices.of(e.getArgSpec())));
    }
    return message;
  }

  /** Says that there is no such option. */
  static String unknown(CommandSpec spec, String argument) {
    return "unknown option '" + name(argument) + "'" + asked(suggestion(spec, argument));
  }

  /** Finds the option or command that an argument may be. */
  static Optional<String> suggestion(CommandSpec spec, String argument) {
    Collection<String> names =
        argument.startsWith("-") ? optionNames(spec) : spec.subcommands().keySet();
    return Suggestion.of(name(argument), names);
  }

  private static List<String> optionNames(CommandSpec spec) {
    return spec.options().stream()
        .filter(option -> !option.hidden())
        .map(OptionSpec::longestName)
        .toList();
  }

  private static String name(String argument) {
    int end = argument.indexOf('=');
    return end < 0 ? argument : argument.substring(0, end);
  }

  private static String asked(Optional<String> suggestion) {
    return suggestion.map(name -> "; did you mean '" + name + "'?").orElse("");
  }
}
