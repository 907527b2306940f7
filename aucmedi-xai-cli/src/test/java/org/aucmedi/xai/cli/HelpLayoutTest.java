package org.aucmedi.xai.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.OptionSpec;

final class HelpLayoutTest {

  private static final List<String> TITLES =
      Arrays.stream(HelpLayout.Group.values()).map(group -> group.title() + ":").toList();

  @ParameterizedTest
  @ValueSource(ints = {80, 120})
  void help_ofExplain_hasEachOptionOnceBelowItsGroup(int width) {
    CommandLine explain = AucmediXai.commandLine().getSubcommands().get("explain");
    String help =
        explain.setUsageHelpAutoWidth(false).setUsageHelpWidth(width).getUsageMessage(Ansi.OFF);

    assertThat(help.lines().filter(TITLES::contains)).containsExactlyElementsOf(TITLES);
    assertThat(help.lines()).allMatch(line -> line.length() <= width);
    for (OptionSpec option : explain.getCommandSpec().options()) {
      String name = option.longestName();
      assertThat(
              help.lines()
                  .filter(line -> line.matches(" {2}(-., | {4})" + name + "([= ].*|$)"))
                  .count())
          .as(name)
          .isEqualTo(1);
    }
    assertThat(section(help, "Model:"))
        .contains("--model=PATH", "--engine=")
        .doesNotContain("--images=");
    assertThat(section(help, "Method:"))
        .contains("--method=KEY", "--layer=")
        .doesNotContain("--alpha=");
    assertThat(section(help, "Drawing:")).contains("--alpha=", "--colormap=");
    assertThat(section(help, "Run:")).contains("--help", "--config=FILE", "--debug");
  }

  @Test
  void help_ofPreparing_isInTheOrderOfTheSteps() {
    String help = Run.of("explain", "--help").out();

    assertThat(section(help, "Preparing images, in this order:"))
        .containsSubsequence(
            "--resample",
            "1.",
            "--clip",
            "2.",
            "--color-constancy",
            "6.",
            "--resize",
            "--standardize");
  }

  @Test
  void help_synopsis_namesWhatIsRequired() {
    assertThat(Run.of("explain", "--help").out())
        .startsWith(
            "Usage: aucmedi-xai explain --model PATH --images PATH --method KEY [OPTIONS]\n");
    assertThat(Run.of("methods", "--help").out())
        .startsWith("Usage: aucmedi-xai methods [OPTIONS]\n");
  }

  private static String section(String help, String title) {
    return help.lines()
        .dropWhile(line -> !line.equals(title))
        .skip(1)
        .takeWhile(line -> !line.isEmpty())
        .collect(Collectors.joining("\n"));
  }
}
