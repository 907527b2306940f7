package org.aucmedi.xai.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.aucmedi.xai.error.XAIException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

final class RunLockTest {

  @TempDir private Path folder;

  @Test
  void take_twice_isRefusedUntilTheFirstIsGivenBack() {
    Path file = folder.resolve("lock");
    RunLock first = RunLock.take(file);
    for (int attempt = 0; attempt < 2; attempt++) {
      assertThatExceptionOfType(XAIException.class)
          .isThrownBy(() -> RunLock.take(folder.resolve(".").resolve("lock")))
          .withMessageStartingWith("another run writes to ")
          .withMessageContaining("(process " + ProcessHandle.current().pid() + "); wait until");
    }
    first.close();
    assertThat(file).doesNotExist();
    RunLock.take(file).close();
  }

  @Test
  void take_fileOfAKilledRun_tellsWhichOne() throws IOException {
    Path file = Files.writeString(folder.resolve("lock"), "12345\n");
    RunLock lock = RunLock.take(file);

    assertThat(lock.killed()).isEqualTo(OptionalLong.of(12345));
    lock.close();
    lock = RunLock.take(file);
    assertThat(lock.killed()).isEmpty();
    lock.close();
  }

  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "nobody can write there on Linux")
  void take_folderThatCannotBeWritten_isSaid() {
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> RunLock.take(Path.of("/proc/self/lock")))
        .withMessageStartingWith("cannot write to the output folder /proc/self: ");
  }
}
