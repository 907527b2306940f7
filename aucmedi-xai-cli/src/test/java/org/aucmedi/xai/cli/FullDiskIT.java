package org.aucmedi.xai.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.aucmedi.xai.manifest.Manifest;
import org.aucmedi.xai.manifest.RunStatus;
import org.aucmedi.xai.manifest.SampleRecord;
import org.aucmedi.xai.manifest.SampleRecords;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs that may write no more. A small disk needs rights that a test does not have, so the shell
 * limits how long a file may be (ulimit -f, in blocks of 512 bytes): the system refuses the rest of
 * a file as it does on a full disk.
 */
@EnabledOnOs(value = OS.LINUX, disabledReason = "the limit is tested with Linux's shells")
final class FullDiskIT {

  private static final int SMALL_IMAGES = 30;

  @TempDir private Path folder;
  private Path model;
  private Path images;
  private Path whole;
  private Path out;

  @BeforeEach
  void makeModelAndImages() throws IOException {
    model = Squares.write(folder);
    images = Files.createDirectories(folder.resolve("images"));
    for (int n = 0; n < SMALL_IMAGES; n++) {
      save(n + ".png", 8, 0x010203 * n);
    }
    whole = folder.resolve("whole");
    out = folder.resolve("out");
  }

  @Test
  void mapThatCannotBeWritten_isReported_andTheRestGoesOn() throws Exception {
    save("large.png", 256, 0x0a0b0c);

    // 64 KB are enough for the record and for the small maps, but not for 256 x 256 numbers.
    String err = explain(128, AucmediXai.SOME_FAILED);

    Path large = out.resolve("large.npy");
    assertThat(err).contains("failed: large.png", "cannot write " + large + ": File too large");
    assertThat(large).doesNotExist();
    assertThat(Run.maps(out)).hasSize(SMALL_IMAGES);
    assertNoTemporaryFile();
    assertThat(Manifest.read(out).status()).isEqualTo(RunStatus.FINISHED);
    assertThat(records())
        .filteredOn(record -> record.failure() != null)
        .singleElement()
        .satisfies(
            record -> {
              assertThat(record.sample()).isEqualTo("large.png");
              assertThat(record.failure().stage()).isEqualTo("writing");
              assertThat(record.maps()).isEmpty();
            });
    assertResumes();
  }

  @Test
  void recordThatCannotBeWritten_endsTheRun_whichGoesOnWhenThereIsRoom() throws Exception {
    // 8 KB are enough for a map and the manifest, but not for a line for each image.
    String err = explain(16, AucmediXai.ERROR);

    assertThat(err)
        .contains("error: cannot write " + out.resolve("samples.jsonl") + ": File too large");
    assertThat(records()).hasSizeBetween(1, SMALL_IMAGES - 1);
    assertThat(Manifest.read(out).status()).isEqualTo(RunStatus.FAILED);
    assertThat(Manifest.read(out).reason()).contains("samples.jsonl: File too large");
    assertNoTemporaryFile();
    assertResumes();
  }

  /** The folder becomes that of a run that had room all the time. */
  private void assertResumes() throws IOException {
    assertThat(Run.of(arguments(out, "--resume")).code()).isZero();
    assertThat(RunTree.of(out)).containsExactlyElementsOf(RunTree.of(whole));
  }

  private void assertNoTemporaryFile() {
    assertThat(out.toFile().list())
        .noneMatch(name -> name.endsWith(".tmp") || name.endsWith(".lock"));
  }

  /** Explains with a limit, and returns what was said. */
  private String explain(int blocks, int expected) throws IOException, InterruptedException {
    // First, so that the engine has unpacked its libraries.
    assertThat(Run.of(arguments(whole)).code()).isZero();
    List<String> command =
        new ArrayList<>(List.of("sh", "-c", "ulimit -f " + blocks + "; exec \"$@\"", "sh"));
    command.addAll(LauncherJvm.command(List.of("-XX:-UsePerfData"), arguments(out)));
    Process process =
        new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(err).isEqualTo(expected);
    return err;
  }

  private String[] arguments(Path to, String... more) {
    return Stream.concat(
            Stream.of(
                "explain",
                "--model",
                model.toString(),
                "--images",
                images.toString(),
                "--method=saliency",
                "--standardize=none",
                "--format=npy",
                "--batch-size=1",
                "--output",
                to.toString()),
            Arrays.stream(more))
        .toArray(String[]::new);
  }

  private List<SampleRecord> records() {
    List<SampleRecord> records = new ArrayList<>();
    SampleRecords.forEach(out, records::add);
    return records;
  }

  private void save(String name, int size, int colour) throws IOException {
    BufferedImage picture = new BufferedImage(size, size, BufferedImage.TYPE_INT_RGB);
    picture.setRGB(1, 1, colour);
    picture.setRGB(2, 1, 0x808080);
    ImageIO.write(picture, "png", images.resolve(name).toFile());
  }
}
