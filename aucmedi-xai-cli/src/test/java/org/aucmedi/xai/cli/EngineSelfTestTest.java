package org.aucmedi.xai.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EngineSelfTestTest {

  @TempDir private Path folder;

  @Test
  void read_result_isAsItWas() {
    assertThat(
            EngineSelfTest.read(
                "{\"version\":\"2.7\",\"gpus\":1,\"gradients\":true,\"milliseconds\":12}"))
        .isEqualTo(new EngineSelfTest.Result("2.7", 1, true, 12, null));
  }

  @Test
  void read_processThatCrashed_isNoResult() {
    assertThat(EngineSelfTest.read("")).isNull();
    assertThat(EngineSelfTest.read("{\"ver")).isNull();
  }

  @Test
  void doctor_engineThatThereIsNot_namesThem() {
    assertThat(Run.of("doctor", "--engine", "Torch").err())
        .startsWith(
            "error: there is no engine 'Torch'; use PyTorch, TensorFlow, OnnxRuntime, MXNet\n");
    assertThat(Run.of("doctor", "--timeout=0").err())
        .startsWith("error: --timeout must be at least 1 second, got 0\n");
  }

  /** The models are what the script writes. */
  @Test
  void models_writtenAgain_areTheSame() throws IOException, InterruptedException {
    Path script = Path.of("..", "tools", "self_test_models.py");
    Optional<Path> python =
        Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
            .map(place -> Path.of(place, "python3"))
            .filter(Files::isExecutable)
            .findFirst();
    assumeThat(python).as("this test runs Python").isPresent();
    Process process =
        new ProcessBuilder(List.of(python.get().toString(), script.toString(), folder.toString()))
            .inheritIO()
            .start();

    assertThat(process.waitFor()).isZero();
    Path models = Path.of("src/main/resources/org/aucmedi/xai/cli/selftest");
    assertThat(folder.toFile().list()).hasSize(5).containsExactlyInAnyOrder(models.toFile().list());
    for (String name : folder.toFile().list()) {
      assertThat(folder.resolve(name)).hasSameBinaryContentAs(models.resolve(name));
    }
    assertThat(Files.size(models.resolve("pytorch.pt"))).isLessThan(1000);
  }
}
