package org.aucmedi.xai.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that makes its report page. */
final class ReportIT {

  @TempDir private Path folder;

  @Test
  void explain_report_keepsPicturesAndMakesThePage() throws IOException {
    Path model = Squares.write(folder);
    Path images = Files.createDirectories(folder.resolve("images"));
    for (String name : new String[] {"a", "b"}) {
      BufferedImage picture = new BufferedImage(2, 1, BufferedImage.TYPE_INT_RGB);
      picture.setRGB(1, 0, 0xffffff);
      ImageIO.write(picture, "png", images.resolve(name + ".png").toFile());
    }
    Path out = folder.resolve("out");

    Run run =
        Run.of(
            "explain",
            "--model",
            model.toString(),
            "--images",
            images.toString(),
            "--method",
            "Saliency",
            "--standardize",
            "none",
            "--class",
            "0,1",
            "--output",
            out.toString(),
            "--report");

    Path page = out.resolve("report.html");
    assertThat(run.err()).startsWith("report of 2 images: " + page + " (0.1 MB)\n");
    assertThat(run.code()).isZero();
    assertThat(page).content().contains("id=\"media-1\"", "\"name\":\"b.png\"");
    String[] pictures = Objects.requireNonNull(out.resolve("report").toFile().list());
    assertThat(Arrays.stream(pictures).filter(name -> name.endsWith(".image.png"))).hasSize(2);
    assertThat(Arrays.stream(pictures).filter(name -> name.endsWith(".map.png"))).hasSize(4);

    // The page finds the pictures again, and the maps are as they would be without it.
    Files.delete(page);
    Files.delete(out.resolve("a.class_0.png"));
    assertThat(Run.of("report", out.toString()))
        .isEqualTo(new Run(0, "report of 2 images: " + page + " (0.1 MB)\n", ""));
    assertThat(page).content().doesNotContain("\"drawn\"");
  }
}
