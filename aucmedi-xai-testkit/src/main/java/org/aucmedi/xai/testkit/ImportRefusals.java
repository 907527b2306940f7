package org.aucmedi.xai.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.ModelImporter;
import org.aucmedi.xai.model.UnsupportedModelException;

/** What an importer does with files that it cannot compile: one sentence, and nothing worse. */
public final class ImportRefusals {

  private final ModelImporter importer;
  private final Path folder;

  /**
   * Constructs the checks of an importer.
   *
   * @param importer the importer
   * @param folder a folder for what it makes
   */
  public ImportRefusals(ModelImporter importer, Path folder) {
    this.importer = importer;
    this.folder = folder;
  }

  /** Makes a file that may be damaged. */
  @FunctionalInterface
  public interface Mutation {

    /**
     * Writes a file.
     *
     * @param random decides what is changed
     * @return the file
     * @throws IOException if it cannot be written
     */
    Path write(Random random) throws IOException;
  }

  /**
   * Compiles a file.
   *
   * @param file the file
   * @return what it is compiled to
   * @throws IOException if the file cannot be read
   */
  public Path compile(Path file) throws IOException {
    return importer.importInto(file, Files.createTempDirectory(folder, "out"), LoadOptions.NONE);
  }

  /**
   * Asserts that a file is sound but cannot be compiled, so that another engine may read it.
   *
   * @param file the file
   * @param parts what the message, one line that starts with the file, must contain
   */
  public void assertUnsupported(Path file, String... parts) {
    assertThatExceptionOfType(UnsupportedModelException.class)
        .isThrownBy(() -> compile(file))
        .withMessageStartingWith(file.toString())
        .satisfies(e -> assertThat(e.getMessage()).contains(parts).doesNotContain("\n"));
  }

  /**
   * Asserts that a file is refused as damaged.
   *
   * @param file the file
   * @param parts what the message, one line that starts with the file, must contain
   */
  public void assertDamaged(Path file, String... parts) {
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> compile(file))
        .isNotInstanceOf(UnsupportedModelException.class)
        .withMessageStartingWith(file.toString())
        .satisfies(e -> assertThat(e.getMessage()).contains(parts).doesNotContain("\n"));
  }

  /**
   * Asserts that of many files, some of which are damaged, each is compiled or refused with an
   * exception that users are meant to see.
   *
   * @param files how many; fewer if they take longer than five seconds
   * @param mutation makes them
   * @throws IOException if a file cannot be written
   */
  public void assertNothingWorse(int files, Mutation mutation) throws IOException {
    Random random = new Random(1);
    long end = System.nanoTime() + Duration.ofSeconds(5).toNanos();
    int refused = 0;
    int compiled = 0;
    for (int i = 0; i < files && System.nanoTime() < end; i++) {
      Path file = mutation.write(random);
      try {
        Files.delete(compile(file));
        compiled++;
      } catch (XAIException | IOException e) {
        assertThat(e.getMessage()).isNotBlank();
        refused++;
      }
    }
    assertThat(refused).as("refused files").isPositive();
    assertThat(compiled).as("compiled files").isPositive();
  }

  /**
   * Returns a copy with some bytes changed, half of the time at its start, where the structure
   * lies.
   *
   * @param sound the bytes of a sound file
   * @param random decides which
   * @param start the length of the start
   * @return the copy
   */
  public static byte[] mutated(byte[] sound, Random random, int start) {
    byte[] bytes = sound.clone();
    for (int changes = 1 + random.nextInt(5); changes > 0; changes--) {
      int range = random.nextBoolean() ? bytes.length : Math.min(bytes.length, start);
      bytes[random.nextInt(range)] = (byte) random.nextInt(256);
    }
    return bytes;
  }
}
