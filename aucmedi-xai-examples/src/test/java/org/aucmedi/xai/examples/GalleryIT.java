package org.aucmedi.xai.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import javax.imageio.ImageIO;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.XAIMethodRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class GalleryIT {

  @TempDir private Path folder;

  @Test
  void gallery_everyMethod_hasAPictureOfItsOwnAndOneOnThePage() throws IOException {
    CommandLine command = new CommandLine(new Gallery());
    command.setOut(new PrintWriter(new StringWriter()));

    assertThat(command.execute("--output", folder.toString())).isZero();

    XAIMethodRegistry registry = new XAIMethodRegistry();
    Set<Integer> maps = new HashSet<>();
    for (XAIMethodProvider<?> method : registry.providers()) {
      String name = registry.keysOf(method).get(0) + ".png";
      assertThat(DocTable.ROOT.resolve("docs").resolve("methods").resolve(name)).exists();
      maps.add(lowerRow(ImageIO.read(folder.resolve(name).toFile())));
    }
    assertThat(maps).as("different maps").hasSameSizeAs(registry.providers());
    try (var files = Files.list(folder)) {
      assertThat(files).hasSameSizeAs(registry.providers());
    }
  }

  /** Sums up the pixels of the maps in the paper's profile. */
  private static int lowerRow(BufferedImage picture) {
    int hash = 0;
    for (int y = picture.getHeight() * 3 / 4; y < picture.getHeight(); y++) {
      for (int x = picture.getWidth() / 2; x < picture.getWidth(); x++) {
        hash = 31 * hash + picture.getRGB(x, y);
      }
    }
    return hash;
  }
}
