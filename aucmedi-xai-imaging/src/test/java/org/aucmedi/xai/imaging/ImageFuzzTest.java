package org.aucmedi.xai.imaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.Npy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Damaged files are refused in one sentence, or read; nothing else happens. */
final class ImageFuzzTest {

  private static final int MUTANTS = 20;
  private static final int MAX_PIXELS = 100_000;

  @TempDir private Path folder;

  @Test
  @Timeout(60)
  void load_mutants_areReadOrRefused() throws IOException, URISyntaxException {
    Random random = new Random(7);
    int refused = 0;
    int read = 0;
    for (Path original : originals()) {
      byte[] whole = Files.readAllBytes(original);
      Path file = folder.resolve(original.getFileName().toString());
      for (int i = 0; i < MUTANTS; i++) {
        Files.write(file, mutate(whole, random));
        try {
          ImageArray image =
              ImageLoader.load(file, new ImageLoader.Options(false, null, MAX_PIXELS));
          assertThat(image.values().length).isLessThanOrEqualTo(3 * MAX_PIXELS);
          read++;
        } catch (UnreadableImageException e) {
          assertThat(e.getMessage())
              .startsWith("cannot read " + file + ": ")
              .doesNotContain("null", "java.", "Exception");
          refused++;
        }
      }
    }
    assertThat(refused).isGreaterThan(600);
    assertThat(read).isGreaterThan(600);
  }

  /** The pictures that other tests read, and arrays. */
  private List<Path> originals() throws IOException, URISyntaxException {
    Path arrays = Files.createDirectory(folder.resolve("arrays"));
    List<Path> originals = new ArrayList<>();
    originals.add(arrays.resolve("array.npy"));
    Npy.write(originals.get(0), new int[] {4, 5}, new float[20]);
    byte[] array = Files.readAllBytes(originals.get(0));
    for (int level : new int[] {0, 9}) {
      Path zip = arrays.resolve("zip" + level + ".npz");
      try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
        out.setLevel(level);
        out.putNextEntry(new ZipEntry("image.npy"));
        out.write(array);
      }
      originals.add(zip);
    }
    Path pictures =
        Path.of(
            Objects.requireNonNull(ImageFuzzTest.class.getResource("/pictures/rgb.png")).toURI());
    try (Stream<Path> files = Files.list(pictures.resolveSibling("."))) {
      files.filter(file -> !file.toString().endsWith(".txt")).sorted().forEach(originals::add);
    }
    return originals;
  }

  /** Some bytes become others, often those that are extreme, or the end is cut off. */
  private static byte[] mutate(byte[] whole, Random random) {
    byte[] mutant = whole.clone();
    if (random.nextInt(8) == 0) {
      return Arrays.copyOf(mutant, random.nextInt(mutant.length));
    }
    byte[] extremes = {0, 1, -1, 127, -128};
    int header = Math.min(mutant.length, 300);
    for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
      int at = random.nextInt(random.nextBoolean() ? header : mutant.length);
      mutant[at] = random.nextBoolean() ? extremes[random.nextInt(5)] : (byte) random.nextInt();
    }
    return mutant;
  }
}
