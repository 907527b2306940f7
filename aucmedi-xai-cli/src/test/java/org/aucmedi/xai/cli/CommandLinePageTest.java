package org.aucmedi.xai.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * The page names every command and option as the program has them. With {@code -Dtables.write} this
 * test writes that part of the page instead.
 */
final class CommandLinePageTest {

  private static final Path PAGE = Path.of("..", "docs", "command-line.md");
  private static final String BEGIN = "<!-- commands -->\n";
  private static final String END = "<!-- end of commands -->\n";

  /** What every command has, told once on the page. */
  private static final List<String> COMMON = List.of("--help", "--version", "--debug");

  @Test
  void page_commandsAndOptions_areThoseOfTheProgram() throws IOException {
    String page = Files.readString(PAGE);
    int begin = page.indexOf(BEGIN) + BEGIN.length();
    int end = page.indexOf(END);
    assertThat(end).isGreaterThanOrEqualTo(begin);
    if (System.getProperty("tables.write") != null) {
      Files.writeString(PAGE, page.substring(0, begin) + commands() + page.substring(end));
      return;
    }
    assertThat(page.substring(begin, end))
        .as("docs/command-line.md; run mvn verify -Dtables.write")
        .isEqualTo(commands());
  }

  private static String commands() {
    return AucmediXai.commandLine().getSubcommands().values().stream()
        .map(CommandLinePageTest::command)
        .collect(Collectors.joining());
  }

  private static String command(CommandLine command) {
    CommandSpec spec = command.getCommandSpec();
    StringBuilder text = new StringBuilder("\n## " + spec.name() + "\n\n");
    text.append("`").append(synopsis(command)).append("`\n\n");
    text.append(String.join(" ", spec.usageMessage().description())).append("\n");
    for (PositionalParamSpec parameter : spec.positionalParameters()) {
      text.append("\n`").append(parameter.paramLabel()).append("`: ");
      text.append(String.join(" ", parameter.description())).append("\n");
    }
    HelpLayout.groups(spec).forEach((group, options) -> append(text, group, options));
    String footer = String.join("\n\n", spec.usageMessage().footer()).strip();
    return text + (footer.isEmpty() ? "" : "\n" + footer + "\n");
  }

  private static String synopsis(CommandLine command) {
    return command.getHelp().synopsis(0).replaceAll("\\s+", " ").strip();
  }

  private static void append(StringBuilder text, HelpLayout.Group group, List<OptionSpec> options) {
    List<OptionSpec> own =
        options.stream().filter(option -> !COMMON.contains(option.longestName())).toList();
    if (own.isEmpty()) {
      return;
    }
    text.append("\n| ").append(group.title()).append(" | |\n|---|---|\n");
    for (OptionSpec option : own) {
      text.append("| `").append(option.longestName());
      if (!ConfigArguments.isSwitch(option)) {
        text.append(' ').append(cell(option.paramLabel()));
      }
      text.append("` | ")
          .append(cell(description(option)))
          .append(option.required() ? " (required)" : "")
          .append(" |\n");
    }
  }

  private static String description(OptionSpec option) {
    String text = String.join(" ", option.description());
    return text.replace("${DEFAULT-VALUE}", String.valueOf(option.defaultValue()));
  }

  private static String cell(String text) {
    return Ansi.OFF.string(text).replace("|", "\\|");
  }
}
