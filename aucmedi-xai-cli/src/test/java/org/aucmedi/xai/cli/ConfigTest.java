package org.aucmedi.xai.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.aucmedi.xai.error.XAIException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ConfigTest {

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("run.conf");
  }

  @Test
  void expand_everyKindOfOption_isAppended() throws IOException {
    write(
        "\ufeff# a remark",
        "",
        "images = a b.png",
        "images=sub/c.png",
        "model = /models/net.pt",
        "option = steps=100",
        "option = baseline=mean",
        "color-bar = true",
        "no-overlay = false",
        "class = \" a\\tb \\\"c\\\\ \"");

    assertThat(expand("--debug", "explain", "--config", file.toString(), "--method", "ig"))
        .containsExactly(
            "--debug",
            "explain",
            "--config",
            file.toString(),
            "--method",
            "ig",
            "--images=" + folder.resolve("a b.png"),
            "--images=" + folder.resolve("sub/c.png"),
            "--model=/models/net.pt",
            "--option=steps=100",
            "--option=baseline=mean",
            "--color-bar",
            "--class= a\tb \"c\\ ");
  }

  @Test
  void expand_whatIsOnTheCommandLine_wins() throws IOException {
    write(
        "images = a.png",
        "images = b.png",
        "alpha = 0.5",
        "option = steps=100",
        "option = seed=1",
        "color-bar = true");

    String config = "--config=" + file;
    assertThat(
            expand(
                "explain", config, "--images", "c.png", "--color-bar=false", "--option", "steps=5"))
        .containsExactly(
            "explain",
            config,
            "--images",
            "c.png",
            "--color-bar=false",
            "--option",
            "steps=5",
            "--alpha=0.5",
            "--option=seed=1");
  }

  @Test
  void expand_commandsWithoutConfig_areLeftAsTheyAre() {
    assertThat(expand("layers", "--config", "x")).containsExactly("layers", "--config", "x");
    assertThat(expand("explain", "--model", "x")).containsExactly("explain", "--model", "x");
    assertThat(expand()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "colourmap = jet -> line 2: 'explain' has no option 'colourmap'; did you mean 'colormap'?",
        "wavelength = 3 -> line 2: 'explain' has no option 'wavelength'; see 'aucmedi-xai explain --help'",
        "alpha 3 -> line 2: 'alpha 3' is no option; write 'name = value', or # before a remark",
        "raw = yes -> line 2: 'raw' must be true or false, got 'yes'",
        "help = true -> line 2: 'help' belongs on the command line, not in a file",
        "class = \"a -> line 2: \"a is no text in double quotes; end it with one, and write \\\" and \\\\"
            + " for those in it"
      })
  void execute_badLine_namesFileLineAndRemedy(String lineAndMessage) throws IOException {
    List<String> parts = List.of(lineAndMessage.split(" -> "));
    write("# first", parts.get(0));

    assertThat(Run.of("explain", "--config", file.toString()))
        .isEqualTo(new Run(2, "", "error: " + Printable.of(file + ", " + parts.get(1)) + "\n"));
  }

  @Test
  void execute_optionTwice_namesBothLines() throws IOException {
    write("alpha = 0.1", "", "alpha = 0.2");

    assertThat(Run.of("explain", "--config", file.toString()).err())
        .isEqualTo("error: " + file + ", line 3: 'alpha' is given in line 1 already\n");
  }

  @Test
  void execute_valueThatCannotBe_namesTheLine() throws IOException {
    write("method = saliency", "model = m", "images = i", "format = pgn");

    assertThat(Run.of("explain", "--config", file.toString()).err())
        .contains("did you mean 'png'? (" + file + ", line 4)\n");
  }

  @Test
  void execute_fileThatIsNotThere_isNamed() {
    assertThat(Run.of("explain", "--config", file.toString()).err())
        .isEqualTo(
            "error: cannot read the configuration " + file + ": there is no such file or folder\n");
  }

  @Test
  void read_quotedValues_areAsTheyWere() throws IOException {
    for (String value : List.of("plain", " a ", "\"", "a\nb\r\t\\", "C:\\new", "", "a=b # c")) {
      Files.writeString(file, "class = " + ConfigFile.quoted(value) + "\n");
      assertThat(ConfigFile.read(file)).containsExactly(new ConfigFile.Entry(1, "class", value));
    }
  }

  @Test
  void read_largeFile_isRefused() throws IOException {
    Files.writeString(file, "#".repeat(1_000_001));

    assertThatThrownBy(() -> ConfigFile.read(file))
        .isInstanceOf(XAIException.class)
        .hasMessageContaining("so it is no configuration");
  }

  @Test
  void saveConfig_fileThatIsThere_isRefusedAndStays() throws IOException {
    write("# mine");

    Run run =
        Run.of("explain", "--model=m", "--images=i", "--method=saliency", "--save-config=" + file);

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .startsWith("error: " + file + " is there already; give another file to --save-config");
    assertThat(file).hasContent("# mine");
  }

  @Test
  void saveConfig_commandThatFails_writesNothing() {
    Run run =
        Run.of("explain", "--model=m", "--images=i", "--method=saliency", "--save-config=" + file);

    assertThat(run.code()).isEqualTo(2);
    assertThat(file).doesNotExist();
  }

  private void write(String... lines) throws IOException {
    Files.writeString(file, String.join("\r\n", lines));
  }

  private static String[] expand(String... arguments) {
    Map<String, String> origins = new HashMap<>();
    return ConfigArguments.expand(AucmediXai.commandLine(), arguments, origins);
  }
}
