package org.aucmedi.xai.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A score that is the sum of squares of all values, so that saliency is twice the brightest channel
 * and every curve is known.
 */
final class EvaluateCommandIT {

  private static final int[] GREYS = {4, 1, 3, 2};

  @TempDir private Path folder;
  private Path model;
  private Path images;
  private Path csv;

  @BeforeEach
  void makeModelAndImage() throws IOException {
    model = Squares.write(folder);
    images = Files.createDirectories(folder.resolve("images"));
    csv = folder.resolve("evaluation.csv");
    save(images.resolve("a.png"), GREYS);
  }

  private static void save(Path file, int... greys) throws IOException {
    BufferedImage image = new BufferedImage(2, 2, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < greys.length; i++) {
      image.setRGB(i % 2, i / 2, greys[i] * 0x010101);
    }
    assertThat(ImageIO.write(image, "png", file.toFile())).isTrue();
  }

  private Run evaluate(String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "evaluate",
                "--model",
                model.toString(),
                "--images",
                images.toString(),
                "--standardize",
                "none",
                "--fill",
                "0",
                "--output",
                csv.toString()));
    arguments.addAll(Arrays.asList(more));
    return Run.of(arguments.toArray(new String[0]));
  }

  /** The values of the file, by sample, method and metric. */
  private Map<String, String> values() throws IOException {
    Map<String, String> values = new HashMap<>();
    for (String line : Files.readAllLines(csv)) {
      String[] cells = line.split(",", -1);
      values.put(cells[0] + " " + cells[1] + " " + cells[4], cells[5]);
    }
    return values;
  }

  private Path boxes() throws IOException {
    return Files.writeString(
        folder.resolve("boxes.json"),
        "[{\"file\": \"a.png\", \"label\": \"ignored\", \"boxes_xyxy\": [[0, 0, 1, 1]]}]");
  }

  @Test
  void evaluate_squares_areTheNumbersByHand() throws IOException {
    Run run = evaluate("--method", "saliency", "--boxes", boxes().toString());

    assertThat(run.code()).as(run.err()).isZero();
    Map<String, Double> expected =
        Map.of(
            "pointing-game", 1.0,
            "mass-accuracy", 8.0 / 20,
            "rank-accuracy", 1.0,
            "average-precision", 1.0,
            "iou-otsu", 1.0 / 2,
            "iou-area", 1.0,
            // Of three channels 90, 42, 15, 3, 0 are left; 0, 48, 75, 87, 90 are shown.
            "deletion", (90 / 2.0 + 42 + 15 + 3) / 4,
            "insertion", (48 + 75 + 87 + 90 / 2.0) / 4,
            "sparseness", 0.25,
            "complexity", 1.2798542);
    Map<String, String> found = values();
    expected.forEach(
        (metric, value) ->
            assertThat(Double.parseDouble(found.get("a.png saliency " + metric)))
                .as(metric)
                .isCloseTo(value, within(1e-4)));
    // The blob is the same in all four corners.
    assertThat(found.get("a.png (centre) pointing-game")).isEqualTo("0.25");
    assertThat(found).containsKey("a.png (random) deletion");
    assertThat(run.out())
        .contains("METHOD", "deletion (low)", "insertion (high)", "26.250 [26.250, 26.250]")
        .contains("1 of 1 images measured");
  }

  @Test
  void evaluate_masks_areFilesOfTheImagesNames() throws IOException {
    Path masks = Files.createDirectories(folder.resolve("masks"));
    save(masks.resolve("a.png"), 0, 200, 0, 200);
    save(images.resolve("b.png"), 1, 2, 3, 4);

    Run run =
        evaluate(
            "--method",
            "saliency",
            "--masks",
            masks.toString(),
            "--metric",
            "rank-accuracy,mass-accuracy");

    assertThat(run.code()).as(run.err()).isZero();
    Map<String, String> found = values();
    assertThat(found.get("a.png saliency rank-accuracy")).isEqualTo("0.0");
    assertThat(Double.parseDouble(found.get("a.png saliency mass-accuracy")))
        .isCloseTo(6.0 / 20, within(1e-6));
    assertThat(found.get("b.png saliency rank-accuracy")).isEmpty();
    assertThat(run.out())
        .contains("2 of 2 images measured")
        .contains("nothing says where the object is in 1 of them, for instance b.png");
  }

  @Test
  void evaluate_maskOfAnotherSize_failsThatImageAlone() throws IOException {
    Path masks = Files.createDirectories(folder.resolve("masks"));
    BufferedImage large = new BufferedImage(3, 2, BufferedImage.TYPE_INT_RGB);
    assertThat(ImageIO.write(large, "png", masks.resolve("a.png").toFile())).isTrue();
    save(images.resolve("b.png"), 1, 2, 3, 4);
    save(masks.resolve("b.png"), 0, 0, 0, 9);

    Run run = evaluate("--method", "saliency", "--masks", masks.toString());

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("failed: a.png", "[2, 3]", "give a mask of the image's size");
    assertThat(values().get("b.png saliency pointing-game")).isEqualTo("1.0");
    assertThat(run.out()).contains("1 of 2 images measured");
  }

  @Test
  void evaluate_withoutRegions_measuresWhatNeedsNone() throws IOException {
    Run run = evaluate("--method", "saliency,integratedgradients", "--option", "steps=3");

    assertThat(run.code()).as(run.err()).isEqualTo(2);
    assertThat(run.err()).contains("steps");
    run = evaluate("--method", "saliency,integratedgradients", "--steps", "2");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(values().keySet().stream().filter(key -> key.startsWith("a.png integrated")))
        .hasSize(4);
  }

  @Test
  void evaluate_wrongUse_isRefusedWithTheRemedy() throws IOException {
    assertThat(evaluate("--method", "saliency", "--metric", "iou-area").err())
        .contains("give --masks or --boxes");
    assertThat(evaluate("--method", "saliency", "--metric", "beauty").err())
        .contains("'beauty' is no metric", "pointing-game");
    assertThat(evaluate("--method", "saliency", "--fill", "red").err())
        .contains("'red' is no fill");
    Path broken = Files.writeString(folder.resolve("broken.json"), "[{\"file\": \"a.png\"}]");
    Run run = evaluate("--method", "saliency", "--boxes", broken.toString());
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("broken.json", "a.png has not");
    Files.writeString(csv, "mine");
    run = evaluate("--method", "saliency");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("is there already");
    assertThat(csv).hasContent("mine");
  }
}
