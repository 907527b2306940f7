package org.aucmedi.xai.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.aucmedi.xai.MethodCost;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.XAIMethodRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class GalleryIT {

  @TempDir private Path folder;

  /** Methods of more passes for a map are drawn with {@code -Dtables.write} only. */
  private static final long FEW_PASSES = 60;

  private static final int SIZE = 64;

  @Test
  void gallery_everyMethod_hasAPictureOfItsOwnAndOneOnThePage() throws IOException {
    XAIMethodRegistry registry = new XAIMethodRegistry();
    List<String> drawn = new ArrayList<>();
    for (XAIMethodProvider<?> method : registry.providers()) {
      String key = registry.keysOf(method).get(0);
      assertThat(DocTable.ROOT.resolve("docs").resolve("methods").resolve(key + ".png")).exists();
      MethodCost.Passes passes =
          method.description().passes(MethodOptions.of(Profile.PAPER), new int[] {SIZE, SIZE}, 1);
      if (passes.forward() + passes.backward() <= FEW_PASSES
          || System.getProperty("tables.write") != null) {
        drawn.add(key);
      }
    }
    CommandLine command = new CommandLine(new Gallery());
    command.setOut(new PrintWriter(new StringWriter()));

    assertThat(command.execute("--output", folder.toString(), "--method", String.join(",", drawn)))
        .isZero();

    Map<String, Integer> maps = new HashMap<>();
    for (String key : drawn) {
      maps.put(key, lowerRow(ImageIO.read(folder.resolve(key + ".png").toFile())));
    }
    // Right before a ReLU gradients are zero where activations are negative.
    assertThat(maps.remove("gradcamelementwise")).isEqualTo(maps.get("layercam"));
    // Before pooling and one dense layer, HiRes-CAM of a logit is CAM, up to rounding.
    maps.remove("cam");
    assertThat(maps.values()).as("different maps").hasSizeGreaterThan(10).doesNotHaveDuplicates();
    try (var files = Files.list(folder)) {
      assertThat(files).hasSameSizeAs(drawn);
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
