package org.aucmedi.xai.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CompletionCommandTest {

  private static final Path BASH = Path.of("/bin/bash");

  @TempDir private Path folder;

  @BeforeEach
  void checkBash() {
    assumeThat(BASH).as("this test runs bash").isExecutable();
  }

  @Test
  void bash_words_areCompleted() throws Exception {
    assertThat(complete("expl")).containsExactly("explain");
    assertThat(complete("explain", "--sam")).containsExactly("--same-scale", "--samples");
    assertThat(complete("explain", "--method", "grad"))
        .containsExactly(
            "gradcam", "gradcam++", "gradcamelementwise", "gradientxinput", "gradientshap");
    assertThat(complete("explain", "--model", "m", "--format", "n"))
        .containsExactly("npy", "nii.gz", "nrrd");
    assertThat(complete("explain", "--profile", "")).containsExactly("aucmedi", "paper");
    assertThat(complete("predict", "--standardize", "t")).containsExactly("tf", "torch");
    assertThat(complete("layers", "--layout", "channels-l")).containsExactly("channels-last");
  }

  @Test
  void zsh_script_loadsWhatBashsNeeds() {
    assertThat(Run.of("completion", "zsh").out())
        .startsWith("autoload -Uz compinit bashcompinit\ncompinit\nbashcompinit\n")
        .contains("_complete_aucmedi-xai");
  }

  @Test
  void completion_otherShell_isRefused() {
    Run run = Run.of("completion", "fish");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("fish", "BASH, ZSH");
  }

  /** What bash offers for the last of the words. */
  private List<String> complete(String... words) throws IOException, InterruptedException {
    Run script = Run.of("completion", "bash");
    assertThat(script.code()).isZero();
    Files.writeString(folder.resolve("completion"), script.out());
    String last = words[words.length - 1];
    Files.writeString(
        folder.resolve("ask"),
        "source ./completion\n"
            + "COMP_WORDS=(aucmedi-xai \"$@\"); COMP_CWORD=$#; COMP_TYPE=9\n"
            + "$(complete -p aucmedi-xai | sed 's/.*-F \\([^ ]*\\).*/\\1/') aucmedi-xai '"
            + last
            + "'\n"
            + "printf '%s\\n' \"${COMPREPLY[@]}\"\n");
    List<String> command = new ArrayList<>(List.of(BASH.toString(), "./ask"));
    command.addAll(List.of(words));
    Process bash =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    bash.getOutputStream().close();
    String out = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(bash.waitFor(10, TimeUnit.SECONDS)).isTrue();
    return out.lines().map(String::strip).toList();
  }
}
