package org.aucmedi.xai.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.aucmedi.xai.manifest.Manifest;
import org.aucmedi.xai.manifest.RunStatus;
import org.aucmedi.xai.testkit.TorchScriptArchive;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** SIGTERM in a pass of libtorch that takes longer than a run has to end its record. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "it has no such signals")
final class EndedPassIT {

  /**
   * As long as an image's largest value says, it adds zeros, one call of libtorch after another.
   */
  private static final String CODE =
      """
      c = torch.sum(torch.flatten(x, 1), [1], True)
      end = torch.add(ops.prim.TimePoint(), torch.mul(int(torch.max(x)), 1000000000))
      s = c
      while torch.lt(ops.prim.TimePoint(), end):
        s = torch.add(s, torch.mul(c, 0.))
      return torch.cat([s, torch.neg(c)], 1)
      """;

  private static final int SECONDS = 12;
  private static final int SIGNALS = Boolean.getBoolean("soak") ? 6 : 1;

  @TempDir private Path folder;
  private Path out;

  @BeforeEach
  void write() throws IOException {
    TorchScriptArchive.write(folder.resolve("slow.pt"), CODE);
    Path images = Files.createDirectories(folder.resolve("images"));
    BufferedImage picture = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
    picture.setRGB(3, 3, 0x010101 * SECONDS);
    ImageIO.write(picture, "png", images.resolve("slow.png").toFile());
    out = folder.resolve("out");
  }

  /** The patch hides the whole image, so that the first pass is slow and the other is not. */
  private String[] arguments(String... more) {
    return Stream.concat(
            Stream.of(
                "explain",
                "--model",
                folder.resolve("slow.pt").toString(),
                "--images",
                folder.resolve("images").toString(),
                "--standardize=none",
                "--method=occlusionsensitivity",
                "--option=patch=8",
                "--option=fill=0",
                "--batch-size=1",
                "--output",
                out.toString()),
            Arrays.stream(more))
        .toArray(String[]::new);
  }

  @Test
  @Timeout(600)
  void sigterm_inALongPass_endsTheProcessInOrder() throws Exception {
    Path log = folder.resolve("log");
    for (int n = 0; n < SIGNALS; n++) {
      Process process =
          new ProcessBuilder(LauncherJvm.command(List.of(), arguments("--resume")))
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      awaitRunning(process);
      // Until it is in the pass.
      Thread.sleep(2500);

      process.destroy();

      assertThat(process.waitFor()).isEqualTo(143);
      assertThat(folder.toFile().list()).noneMatch(name -> name.startsWith("hs_err"));
      assertThat(out.toFile().list())
          .noneMatch(name -> name.endsWith(".tmp") || name.endsWith(".lock"));
      Manifest manifest = Manifest.read(out);
      assertThat(manifest.status()).isEqualTo(RunStatus.INTERRUPTED);
      assertThat(manifest.summary().maps()).isZero();
      assertThat(Files.readString(log)).contains(Interrupt.WAITING);
    }

    Run last = Run.of(arguments("--resume"));

    assertThat(last.code()).isZero();
    assertThat(last.out()).contains("1 of 1 images explained");
    assertThat(Manifest.read(out).status()).isEqualTo(RunStatus.FINISHED);
  }

  private void awaitRunning(Process process) throws InterruptedException {
    Path manifest = out.resolve("manifest.json");
    while (!Files.exists(manifest) || Manifest.read(out).status() != RunStatus.RUNNING) {
      assertThat(process.isAlive()).isTrue();
      Thread.sleep(20);
    }
  }
}
