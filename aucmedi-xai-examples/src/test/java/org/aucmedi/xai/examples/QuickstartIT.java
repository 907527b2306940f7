package org.aucmedi.xai.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class QuickstartIT {

  @TempDir private Path folder;

  @Test
  void quickstart_defaultSeed_learnsAndFindsTheLesions() throws IOException {
    StringWriter out = new StringWriter();
    CommandLine command = new CommandLine(new Quickstart());
    command.setOut(new PrintWriter(out, true));

    int code = command.execute("--output", folder.toString(), "--images", "40");

    assertThat(code).isZero();
    assertThat(number(out, "accuracy on 40 held-out images: ([\\d.]+) %")).isGreaterThan(95);
    // A lesion covers about two per cent of an image, and a patch is as large as a small one.
    for (String method :
        List.of("Grad-CAM", "Saliency map", "Integrated gradients", "Occlusion sensitivity")) {
      assertThat(number(out, "(?m)^" + method + ": the peak lies inside .* in ([\\d.]+) %"))
          .as(method)
          .isGreaterThan(85);
    }
    assertThat(number(out, "chance: ([\\d.]+) %")).isBetween(1.0, 4.0);
    BufferedImage sheet = ImageIO.read(folder.resolve("contact-sheet.png").toFile());
    assertThat(sheet.getHeight()).isGreaterThan(8 * 128);
    assertThat(sheet.getRGB(sheet.getWidth() / 2, 200)).isNotEqualTo(0xffffffff);
    assertThat(folder.resolve("cell_039.saliency.png")).exists();
    assertThat(folder.resolve("cell_039.occlusionsensitivity.png")).exists();
  }

  private static double number(StringWriter out, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(out.toString());
    assertThat(matcher.find()).as(out.toString()).isTrue();
    return Double.parseDouble(matcher.group(1));
  }
}
