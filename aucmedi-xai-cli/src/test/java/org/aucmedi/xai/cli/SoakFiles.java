package org.aucmedi.xai.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.imageio.ImageIO;

/**
 * Many small images of which one in a hundred is damaged, a model, and runs over them.
 *
 * @param folder where they are
 */
record SoakFiles(Path folder) {

  private static final int SIZE = 64;
  private static final int ONE_BAD_OF = 100;

  static SoakFiles make(Path folder, int images) throws IOException {
    Squares.write(folder);
    Path to = Files.createDirectories(folder.resolve("images"));
    Random random = new Random(1);
    for (int n = 0; n < images; n++) {
      BufferedImage picture = new BufferedImage(SIZE, SIZE, BufferedImage.TYPE_INT_RGB);
      for (int i = 0; i < SIZE * SIZE; i++) {
        picture.setRGB(i % SIZE, i / SIZE, random.nextInt());
      }
      Path file = to.resolve(n + ".png");
      ImageIO.write(picture, "png", file.toFile());
      if (n % ONE_BAD_OF == ONE_BAD_OF / 2) {
        Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 1000));
      }
    }
    return new SoakFiles(folder);
  }

  String[] arguments(Path output, String... more) {
    return Stream.concat(
            Stream.of(
                "explain",
                "--model",
                folder.resolve("squares.pt").toString(),
                "--images",
                folder.resolve("images").toString(),
                "--method=ig",
                "--option=steps=6",
                "--batch-size=8",
                "--quiet",
                "--output",
                output.toString()),
            Arrays.stream(more))
        .toArray(String[]::new);
  }

  /** Starts a run in a JVM of its own, as the launcher does. */
  Process start(Path output, List<String> more) throws IOException {
    List<String> command =
        LauncherJvm.command(
            List.of("-Xms256m", "-Xmx256m", "-XX:+AlwaysPreTouch"),
            arguments(output, more.toArray(String[]::new)));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()))
        .start();
  }

  /** Waits until a run has so many records; a slow run is not one that hangs. */
  static void awaitRecords(Process process, Path output, long records)
      throws IOException, InterruptedException {
    Path file = output.resolve("samples.jsonl");
    long found = -1;
    long end = 0;
    while (found < records) {
      long now = Files.exists(file) ? count(file) : 0;
      if (now > found) {
        found = now;
        end = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
        continue;
      }
      assertThat(process.isAlive()).as("%s records are not reached", records).isTrue();
      assertThat(System.nanoTime()).as("a run that hangs").isLessThan(end);
      Thread.sleep(2);
    }
  }

  static long count(Path file) throws IOException {
    long lines = 0;
    for (byte next : Files.readAllBytes(file)) {
      lines += next == '\n' ? 1 : 0;
    }
    return lines;
  }
}
