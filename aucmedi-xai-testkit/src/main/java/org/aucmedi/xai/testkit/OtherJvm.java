package org.aucmedi.xai.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Runs part of a test in a JVM of its own, since native libraries read some settings only once. */
public final class OtherJvm {

  /** Where the golden data is. */
  private static final String GOLDEN = "golden.dir";

  private OtherJvm() {}

  /**
   * Runs a program with this JVM's class path, and fails with what it printed if its exit code is
   * not 0, as after a failed assertion, or if it takes more than two minutes.
   *
   * @param program has a {@code main} method
   * @param environment changes the environment variables
   * @param arguments of the program
   * @throws IOException if it cannot be started
   * @throws InterruptedException if this thread is interrupted
   */
  public static void run(
      Class<?> program, Consumer<Map<String, String>> environment, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Dai.djl.offline=true");
    if (System.getProperty(GOLDEN) != null) {
      command.add("-D" + GOLDEN + "=" + System.getProperty(GOLDEN));
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
    command.addAll(List.of(arguments));
    Path log = Files.createTempFile(program.getSimpleName(), ".log");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    environment.accept(builder.environment());
    Process process = builder.start();
    try {
      assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
      assertThat(process.exitValue()).as(Files.readString(log)).isZero();
    } finally {
      process.destroyForcibly();
      Files.deleteIfExists(log);
    }
  }
}
