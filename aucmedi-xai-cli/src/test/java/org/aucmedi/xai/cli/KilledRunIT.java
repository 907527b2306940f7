package org.aucmedi.xai.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.aucmedi.xai.manifest.Manifest;
import org.aucmedi.xai.manifest.RunStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A run of 500 images in a JVM of its own that is killed, ended and interrupted. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "it has no such signals")
final class KilledRunIT {

  private static final int IMAGES = 500;

  @TempDir private Path folder;

  @Test
  void run_killedEndedAndInterrupted_resumesToTheFolderOfAnUndisturbedRun() throws Exception {
    SoakFiles files = SoakFiles.make(folder, IMAGES);
    Path whole = folder.resolve("whole");
    Path out = folder.resolve("out");
    assertThat(Run.of(files.arguments(whole)).code()).isEqualTo(AucmediXai.SOME_FAILED);

    Process killed = files.start(out, List.of());
    SoakFiles.awaitRecords(killed, out, 100);
    killed.destroyForcibly().waitFor();
    assertThat(Manifest.read(out).status()).isEqualTo(RunStatus.RUNNING);

    assertThat(end(files, out, 200, "TERM")).isEqualTo(143);
    if (!Signals.isIgnored(Signals.INT)) {
      assertThat(end(files, out, 300, "INT")).isEqualTo(130);
    }

    Run last = Run.of(files.arguments(out, "--resume"));

    assertThat(last.code()).isEqualTo(AucmediXai.SOME_FAILED);
    assertThat(last.out()).contains("495 of 500 images explained, ", " of them by an earlier run");
    assertThat(RunTree.of(out)).containsExactlyElementsOf(RunTree.of(whole));
    Manifest manifest = Manifest.read(out);
    assertThat(manifest.summary().failed()).isEqualTo(5);
    assertThat(manifest.summary().maps()).isEqualTo(495);
  }

  /** Resumes, sends a signal after so many records, and returns the exit code. */
  private int end(SoakFiles files, Path out, int records, String signal)
      throws IOException, InterruptedException {
    Process process = files.start(out, List.of("--resume"));
    SoakFiles.awaitRecords(process, out, records);
    new ProcessBuilder("kill", "-" + signal, String.valueOf(process.pid())).start().waitFor();
    int code = process.waitFor();
    Manifest manifest = Manifest.read(out);
    assertThat(manifest.status()).isEqualTo(RunStatus.INTERRUPTED);
    assertThat(manifest.reason()).isEqualTo("ended by Ctrl-C or a signal");
    assertThat(manifest.ended()).isNotNull();
    assertThat(manifest.summary().maps()).isBetween(records - 6, 494);
    assertThat(out.toFile().list())
        .noneMatch(name -> name.endsWith(".tmp") || name.endsWith(".lock"));
    return code;
  }
}
