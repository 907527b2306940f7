package org.aucmedi.xai.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that makes its report page. */
final class ReportIT {

  @TempDir private Path folder;

  private Path model;
  private Path images;
  private Path out;

  @BeforeEach
  void makeModelAndImages() throws IOException {
    model = Squares.write(folder);
    images = Files.createDirectories(folder.resolve("images"));
    out = folder.resolve("out");
    save("a");
    save("b");
  }

  private void save(String name) throws IOException {
    BufferedImage picture = new BufferedImage(2, 1, BufferedImage.TYPE_INT_RGB);
    picture.setRGB(1, 0, 0xffffff);
    ImageIO.write(picture, "png", images.resolve(name + ".png").toFile());
  }

  private Run explain(String... more) {
    return Run.of(
        Stream.concat(
                Stream.of(
                    "explain",
                    "--model",
                    model.toString(),
                    "--images",
                    images.toString(),
                    "--method=Saliency",
                    "--standardize=none",
                    "--class=0,1",
                    "--batch-size=1",
                    "--output",
                    out.toString()),
                Stream.of(more))
            .toArray(String[]::new));
  }

  @Test
  void explain_reportOfAResumedRun_showsOldAndNewSamples() throws IOException {
    // The first run kept no pictures, the second only of what it did.
    assertThat(explain("--format=npy").code()).isZero();
    save("c");
    Files.write(images.resolve("cut.png"), new byte[] {1});
    assertThat(explain("--format=npy", "--resume", "--report").code())
        .isEqualTo(AucmediXai.SOME_FAILED);

    JsonArray samples = samples();
    assertThat(names(samples)).containsExactly("a.png", "b.png", "c.png", "cut.png");
    for (int n = 0; n < 3; n++) {
      assertThat(samples.get(n).getAsJsonObject().keySet()).contains("thumb", "overlay");
      assertThat(media(n).getAsJsonObject("maps").keySet()).containsExactly("0/0", "0/1");
      assertThat(media(n).getAsJsonObject("maps").toString()).doesNotContain("note", "drawn");
      // The same picture, from the run or from the file.
      assertThat(samples.get(n).getAsJsonObject().get("thumb"))
          .isEqualTo(samples.get(0).getAsJsonObject().get("thumb"));
    }
    assertThat(samples.get(3).getAsJsonObject().get("unseen").getAsBoolean()).isTrue();
    assertThat(pictures(".image.png")).isEqualTo(1);

    // What failed is mended; the rest is as it was.
    Path page = out.resolve("report.html");
    save("cut");
    Run mended = explain("--format=npy", "--resume", "--report");
    assertThat(mended.code()).isZero();
    assertThat(mended.out()).contains("3 of them by an earlier run, 2 maps written");
    assertThat(mended.err()).isEqualTo("report of 4 images: " + page + " (0.1 MB)\n");
    assertThat(names(samples())).containsExactly("a.png", "b.png", "c.png", "cut.png");
    assertThat(samples().get(3).getAsJsonObject().keySet())
        .contains("thumb", "overlay")
        .doesNotContain("unseen");
    assertThat(pictures(".map.png")).isEqualTo(4);
  }

  private JsonArray samples() throws IOException {
    return json("report-data").getAsJsonArray("samples");
  }

  private JsonObject media(int sample) throws IOException {
    return json("media-" + sample);
  }

  private JsonObject json(String id) throws IOException {
    String page = Files.readString(out.resolve("report.html"));
    String start = "id=\"" + id + "\">";
    int from = page.indexOf(start) + start.length();
    return JsonParser.parseString(page.substring(from, page.indexOf("</script>", from)))
        .getAsJsonObject();
  }

  private static List<String> names(JsonArray samples) {
    return samples.asList().stream()
        .map(sample -> sample.getAsJsonObject().get("name").getAsString())
        .toList();
  }

  private long pictures(String ending) {
    String[] all = Objects.requireNonNull(out.resolve("report").toFile().list());
    return Arrays.stream(all).filter(name -> name.endsWith(ending)).count();
  }

  @Test
  void explain_report_keepsPicturesAndMakesThePage() throws IOException {
    Run run = explain("--report");

    Path page = out.resolve("report.html");
    assertThat(run.err()).startsWith("report of 2 images: " + page + " (0.1 MB)\n");
    assertThat(run.code()).isZero();
    assertThat(page).content().contains("id=\"media-1\"", "\"name\":\"b.png\"");
    assertThat(pictures(".image.png")).isEqualTo(2);
    assertThat(pictures(".map.png")).isEqualTo(4);

    // The page finds the pictures again, and the maps are as they would be without it.
    Files.delete(page);
    Files.delete(out.resolve("a.class_0.png"));
    assertThat(Run.of("report", out.toString()))
        .isEqualTo(new Run(0, "report of 2 images: " + page + " (0.1 MB)\n", ""));
    assertThat(page).content().doesNotContain("\"drawn\"");
  }

  @Test
  void explain_viewer_isAskedForBesideAReport() {
    assertThat(explain("--viewer=niivue").err())
        .startsWith("error: --viewer makes a page beside the report's; give --report as well");
    assertThat(explain("--report", "--viewer=papaya").err())
        .startsWith(
            "error: Invalid value for option '--viewer': there is no viewer 'papaya'; present:"
                + " niivue");
    // The window is that of the page, though the maps are numbers.
    assertThat(explain("--report", "--viewer=niivue", "--format=npy", "--window=none").err())
        .doesNotContain("warning")
        .endsWith("niivue: no page, since the run has no volume to show\n");
    assertThat(out.resolve("report-niivue.html")).doesNotExist();
  }
}
