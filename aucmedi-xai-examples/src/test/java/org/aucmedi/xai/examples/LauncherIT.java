package org.aucmedi.xai.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Runs the script itself, which the build made ready one phase earlier. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the launcher is a POSIX script")
final class LauncherIT {

  @TempDir private Path folder;

  private record Run(int code, String out, String err) {}

  @Test
  void launcher_fromAnotherFolderAndThroughALink_isQuiet() throws Exception {
    Path link = Files.createSymbolicLink(folder.resolve("xai"), script());

    Run run = run(link.toString(), "methods");

    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isZero();
    assertThat(run.out()).contains("saliency");
  }

  @Test
  void launcher_usageError_exitsWithTwo() throws Exception {
    Run run = run(script().toString(), "explain", "--model", "none.pt");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("error: Missing required options");
  }

  private static Path script() {
    Path script = Path.of(System.getProperty("launcher"));
    assumeTrue(Files.isExecutable(script), () -> "skipped: " + script + " cannot be run here");
    return script.toAbsolutePath();
  }

  private Run run(String... command) throws IOException, InterruptedException {
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    int code =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start()
            .waitFor();
    return new Run(
        code,
        Files.readString(out, StandardCharsets.UTF_8),
        Files.readString(err, StandardCharsets.UTF_8));
  }
}
