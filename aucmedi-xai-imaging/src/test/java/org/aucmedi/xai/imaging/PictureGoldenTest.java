package org.aucmedi.xai.imaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.common.base.Splitter;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.aucmedi.xai.array.ImageArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every sample of the pictures that tools/picture_fixtures.py wrote with Pillow and tifffile, as
 * these read them.
 */
final class PictureGoldenTest {

  static Stream<String> expected() throws IOException {
    return Files.readAllLines(fixture("expected.txt")).stream();
  }

  static Stream<String> refused() throws IOException {
    return Files.readAllLines(fixture("refused.txt")).stream();
  }

  @ParameterizedTest
  @MethodSource("expected")
  void load_picture_givesEverySample(String line) {
    List<String> parts = Splitter.on(' ').splitToList(line);
    boolean turned = parts.get(1).equals("turned");
    List<Integer> shape =
        Splitter.on(',').splitToStream(parts.get(2)).map(Integer::parseInt).toList();
    int channels = shape.size() == 3 ? 3 : shape.get(3);
    int copies = channels / shape.get(shape.size() - 1);
    float[] values = new float[(parts.size() - 3) * copies];
    for (int i = 0; i < values.length; i++) {
      values[i] = Float.parseFloat(parts.get(i / copies + 3));
    }

    ImageArray image =
        ImageLoader.load(
            fixture(parts.get(0)), ImageLoader.Options.DEFAULT.withExifOrientation(turned));

    assertThat(Arrays.stream(image.spatialShape()).boxed().toList())
        .isEqualTo(shape.subList(0, shape.size() - 1));
    assertThat(image.channels()).isEqualTo(channels);
    assertThat(image.values()).containsExactly(values);
  }

  @ParameterizedTest
  @MethodSource("refused")
  void load_pictureOfAKindThatIsNotRead_saysWhatToDo(String line) {
    Path file = fixture(line.substring(0, line.indexOf(' ')));

    assertThatExceptionOfType(UnreadableImageException.class)
        .isThrownBy(() -> ImageLoader.load(file, false))
        .withMessageContaining(file + ": " + line.substring(line.indexOf(' ') + 1))
        .withMessageContaining("; save");
  }

  @Test
  void expected_hasAllPicturesThatAreNotRefused() throws IOException {
    List<String> named =
        Stream.concat(expected(), refused())
            .map(line -> line.substring(0, line.indexOf(' ')))
            .toList();

    try (Stream<Path> files = Files.list(fixture("."))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .allMatch(name -> name.endsWith(".txt") || named.contains(name))
          .hasSizeGreaterThan(100);
    }
  }

  private static Path fixture(String name) {
    URL url = Objects.requireNonNull(PictureGoldenTest.class.getResource("/pictures/" + name));
    try {
      return Path.of(url.toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
