package org.aucmedi.xai.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
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
    Map<String, Integer> maps = new HashMap<>();
    for (XAIMethodProvider<?> method : registry.providers()) {
      String key = registry.keysOf(method).get(0);
      String name = key + ".png";
      assertThat(DocTable.ROOT.resolve("docs").resolve("methods").resolve(name)).exists();
      maps.put(key, lowerRow(ImageIO.read(folder.resolve(name).toFile())));
    }
    // Right before a ReLU gradients are zero where activations are negative.
    assertThat(maps.remove("gradcamelementwise")).isEqualTo(maps.get("layercam"));
    assertThat(maps.values()).as("different maps").doesNotHaveDuplicates();
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
