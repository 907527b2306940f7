package org.aucmedi.xai.imaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.aucmedi.xai.array.Overlay;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ImageWriterTest {

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"png", "PNG", "bmp", "gif", "jpg", "jpeg"})
  void write_thenLoad_givesTheSame(String extension) throws IOException {
    Path file = folder.resolve("a." + extension);

    float[] white = new float[64];
    Arrays.fill(white, 1);

    ImageWriter.write(Overlay.gray(white, 8, 8), file);

    assertThat(ImageLoader.load(file, true).data()).containsOnly(255).hasSize(64);
    assertThat(folder.toFile().list()).containsExactly("a." + extension);
  }

  /** Interlacing loses rows of so small a picture. */
  @Test
  void write_gifOfThreeRows_keepsThem() throws IOException {
    Path file = folder.resolve("rows.gif");

    ImageWriter.write(Overlay.gray(new float[] {0, 0.2f, 1}, 3, 1), file);

    assertThat(ImageLoader.load(file, true).data()).containsExactly(0, 51, 255);
  }

  @Test
  void write_png_isLosslessAndCompressed() throws IOException {
    BufferedImage ramp = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 64 * 64; i++) {
      ramp.setRGB(i % 64, i / 64, 0x010203 * (i % 64));
    }
    Path file = folder.resolve("ramp.png");

    ImageWriter.write(ramp, file);

    float[] read = ImageLoader.load(file, false).data();
    for (int i = 0; i < 64 * 64; i++) {
      int rgb = ramp.getRGB(i % 64, i / 64);
      assertThat(Arrays.copyOfRange(read, 3 * i, 3 * i + 3))
          .containsExactly((rgb >> 16) & 0xff, (rgb >> 8) & 0xff, rgb & 0xff);
    }
    // A third of its 12,288 bytes; a level of 0 would not compress.
    assertThat(Files.size(file)).isLessThan(4096);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.tif", "png", "a."})
  void write_anotherExtension_listsThoseAllowed(String name) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImageWriter.write(picture(), folder.resolve(name)))
        .withMessageContaining("png, jpg, jpeg, bmp, gif");
    assertThat(folder.toFile().list()).isEmpty();
  }

  @Test
  void write_kindWithoutWriter_leavesTheOldFile() throws IOException {
    Path file = Files.writeString(folder.resolve("a.jpg"), "old");

    // JPEG has no alpha.
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(
            () -> ImageWriter.write(new BufferedImage(1, 1, BufferedImage.TYPE_INT_ARGB), file))
        .withMessageContaining("no writer");

    assertThat(file).hasContent("old");
    assertThat(folder.toFile().list()).containsExactly("a.jpg");
  }

  @Test
  void writeAndLoad_withoutATemporaryFolder_work() throws IOException {
    Path cache = Files.createDirectory(folder.resolve("cache"));
    ImageIO.setCacheDirectory(cache.toFile());
    try {
      Files.delete(cache);
      for (String extension : List.of("png", "jpg", "bmp", "gif")) {
        Path file = folder.resolve("a." + extension);
        ImageWriter.write(picture(), file);
        assertThat(ImageLoader.load(file, false).data()).containsExactly(0, 0, 0);
      }
      Path map = OutputFolder.open(folder, List.of()).writePicture("map.png", picture());
      assertThat(ImageLoader.load(map, false).data()).containsExactly(0, 0, 0);
    } finally {
      ImageIO.setCacheDirectory(null);
    }
  }

  private static BufferedImage picture() {
    return new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB);
  }
}
