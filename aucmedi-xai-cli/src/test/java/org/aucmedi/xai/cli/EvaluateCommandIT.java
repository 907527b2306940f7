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
import java.util.Objects;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.aucmedi.xai.testkit.Golden;
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
        .contains("1 of 1 images measured")
        // The outputs are no probabilities.
        .contains("average-drop and average-gain need probabilities");
    assertThat(found.get("a.png saliency average-drop")).isEmpty();
    assertThat(found.get("a.png saliency increase")).isEqualTo("0.0");
    // The blob is flat on four pixels.
    assertThat(found.get("a.png (centre) road")).isEqualTo("0.0");
    assertThat(Double.parseDouble(found.get("a.png saliency road"))).isPositive();
    assertThat(found).doesNotContainKey("a.png saliency infidelity");
  }

  @Test
  void evaluate_methodThatDoesNotSuitTheModel_isLeftOutInOneLine() throws IOException {
    Run run = evaluate("--method", "attentionrollout,saliency");

    assertThat(run.code()).as(run.err()).isEqualTo(AucmediXai.SOME_FAILED);
    assertThat(run.err().lines().filter(line -> line.startsWith("left out: ")))
        .singleElement()
        .asString()
        .startsWith("left out: attentionrollout: ");
    assertThat(run.out()).contains("1 of 1 images measured").doesNotContain("attentionrollout");
    assertThat(Files.readString(csv)).contains(",saliency,").doesNotContain("attention");

    run = evaluate("--method", "attentionrollout", "--overwrite");
    assertThat(run.code()).isEqualTo(AucmediXai.ERROR);
    assertThat(run.err()).startsWith("error: ");
  }

  @Test
  void evaluate_allMetrics_areTheNumbersByHand() throws IOException {
    Run run = evaluate("--method", "saliency", "--metric", "all", "--boxes", boxes().toString());

    assertThat(run.code()).as(run.err()).isZero();
    // The network has no weights.
    assertThat(run.err()).contains("no weights that can be replaced", "randomisation is left out");
    Map<String, String> found = values();
    // The map's sum of 20 for a score of 90.
    assertThat(found.get("a.png saliency completeness-delta")).isEqualTo("70.0");
    // Class 1 is the negative of class 0, and so are its gradients.
    assertThat(number(found, "saliency random-logit")).isCloseTo(-1, within(1e-12));
    assertThat(number(found, "saliency repeatability")).isEqualTo(1);
    assertThat(number(found, "(random) repeatability")).isLessThan(1);
    // Each value moves by up to 0.02 of the range of 3, each of four gradients by twice that.
    assertThat(number(found, "saliency max-sensitivity"))
        .isBetween(1e-4, 2 * 2 * 0.06 / Math.sqrt(120));
    assertThat(number(found, "(centre) max-sensitivity")).isZero();
    // A pixel x is worth 3 x^2 and said to be worth 2 x.
    assertThat(number(found, "saliency faithfulness-correlation")).isBetween(0.9, 1.0);
    assertThat(number(found, "saliency infidelity")).isBetween(1e-3, 0.2);
    assertThat(number(found, "saliency road"))
        .isCloseTo(
            (number(found, "saliency road-lerf") - number(found, "saliency road-morf")) / 2,
            within(1e-9));
    assertThat(Files.readAllLines(csv)).anyMatch(line -> line.endsWith(",large"));
  }

  private static double number(Map<String, String> values, String name) {
    return Double.parseDouble(values.get("a.png " + name));
  }

  @Test
  void evaluate_sevenImages_tellsWhatDiffersByMoreThanChance() throws IOException {
    for (int i = 0; i < 6; i++) {
      save(images.resolve("b" + i + ".png"), 9 + i, 1, 30 - i, 2);
    }

    Run run =
        evaluate(
            "--method",
            "saliency,gradientxinput",
            "--metric",
            "completeness-delta,sparseness,deletion,road-morf",
            "--report");

    assertThat(run.code()).as(run.err()).isZero();
    List<String> lines = Files.readAllLines(folder.resolve("evaluation-tests.csv"));
    assertThat(lines)
        .hasSize(1 + 3 * 6)
        .first()
        .asString()
        .startsWith("metric,first,second,images,");
    String pair =
        lines.stream()
            .filter(line -> line.startsWith("completeness-delta,saliency,gradientxinput,7,"))
            .findFirst()
            .orElseThrow();
    // All seven on one side: two of 2^7 signs, of six pairs.
    String[] cells = pair.split(",", -1);
    assertThat(Double.parseDouble(cells[5])).isCloseTo(2.0 / 128, within(1e-9));
    assertThat(Double.parseDouble(cells[6])).isBetween(2.0 / 128, 6 * 2.0 / 128 + 1e-9);
    assertThat(run.out())
        .contains("NOT SHOWN TO BE WORSE")
        .contains("completeness-delta (low)  gradientxinput")
        .contains("evaluation-tests.csv", "the page to look at is")
        .contains("evaluation.html");
    assertThat(folder.resolve("evaluation.html"))
        .content()
        .contains(
            "squares.pt", "7 of 7 images measured", "lower is better; the score&#39;s range; 9")
        .contains("aria-label=\"Deletion\"", "aria-label=\"ROAD, most relevant first\"")
        .contains("<td>gradientxinput</td>", "<td>--fill</td><td>0.0</td>");
  }

  @Test
  void evaluate_objectsOfSeveralSizes_areToldApart() throws IOException {
    save(images.resolve("b.png"), 1, 2, 3, 4);
    Path boxes =
        Files.writeString(
            folder.resolve("boxes.json"),
            """
            [{"file": "a.png", "boxes_xyxy": [[0, 0, 1, 1]]},
             {"file": "b.png", "boxes_xyxy": [[0, 0, 1, 2]]}]
            """);

    Run run =
        evaluate(
            "--method",
            "saliency",
            "--metric",
            "pointing-game",
            "--boxes",
            boxes.toString(),
            "--sizes",
            "0.2,0.4",
            "--tolerance",
            "1");

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("objects of size medium, 1 images:", "objects of size large, 1 images:");
    // The peak of b is in its last corner, one beside the box.
    assertThat(values().get("b.png saliency pointing-game")).isEqualTo("1.0");
    // All of a but the corner across from its object are near.
    assertThat(values().get("a.png (centre) pointing-game")).isEqualTo("0.75");
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
        .hasSize(8);
  }

  @Test
  void evaluate_wrongUse_isRefusedWithTheRemedy() throws IOException {
    assertThat(evaluate("--method", "saliency", "--metric", "iou-area").err())
        .contains("give --masks or --boxes");
    assertThat(evaluate("--method", "saliency", "--metric", "beauty").err())
        .contains("'beauty' is no metric", "pointing-game");
    assertThat(evaluate("--method", "saliency", "--metric", "reproducibility").err())
        .contains("give the other as --second-model");
    assertThat(evaluate("--method", "saliency", "--sizes", "0.3").err())
        .contains("'0.3' is no pair of sizes");
    assertThat(evaluate("--method", "saliency", "--sizes", "0.3,0.2").err())
        .contains("ascending", "0.3 and 0.2");
    assertThat(evaluate("--method", "saliency", "--tolerance", "-1").err())
        .contains("--tolerance must be from 0 to 1000, got -1.0");
    assertThat(evaluate("--method", "saliency", "--subsets", "1").err())
        .contains("--subsets must be at least 2, got 1");
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

  @Test
  void evaluate_randomisation_tellsWhoseMapsStay() throws IOException {
    Path network = Golden.file("models/vanilla2d_traced.pt");
    Path cells = Golden.file("bccd/WBC");

    Run run =
        Run.of(
            "evaluate",
            "--model",
            network.toString(),
            "--images",
            cells.resolve(first(cells)).toString(),
            "--standardize",
            "tf",
            "--method",
            "saliency",
            "--metric",
            "randomisation,random-logit,reproducibility",
            "--second-model",
            Golden.file("models/vanilla2d_scripted.pt").toString(),
            "--output",
            csv.toString());

    assertThat(run.code()).as(run.err()).isZero();
    Map<String, String> found = new HashMap<>();
    values().forEach((name, value) -> found.put(name.substring(name.indexOf(' ') + 1), value));
    assertThat(Double.parseDouble(found.get("saliency randomisation"))).isBetween(-0.5, 0.6);
    assertThat(Double.parseDouble(found.get("saliency random-logit"))).isBetween(-1.0, 0.99);
    // The same network in another file.
    assertThat(Double.parseDouble(found.get("saliency reproducibility"))).isGreaterThan(0.999);
    // A blob is the same whatever the network.
    assertThat(found.get("(centre) randomisation")).isEqualTo("1.0");
    assertThat(found.get("(centre) random-logit")).isEqualTo("1.0");
  }

  @Test
  void recommend_squares_takesAMethodThatFollowsTheSquares() throws IOException {
    for (int i = 0; i < 12; i++) {
      BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
      for (int p = 0; p < 64; p++) {
        // One bright spot in the dark, somewhere else in each image.
        image.setRGB(p % 8, p / 8, p == 5 * i ? 0xf0f0f0 : 0x010101 * (p % 7));
      }
      assertThat(ImageIO.write(image, "png", images.resolve(i + ".png").toFile())).isTrue();
    }
    Files.delete(images.resolve("a.png"));
    String[] common = {
      "recommend",
      "--model",
      model.toString(),
      "--images",
      images.toString(),
      "--standardize",
      "none",
      "--fill",
      "0"
    };

    Run run = Run.of(with(common, "--method", "gradientxinput,attentionrollout,saliency"));

    assertThat(run.code()).as(run.err() + run.out()).isZero();
    assertThat(run.err()).contains("left out: attentionrollout: ");
    assertThat(run.out())
        .contains("PASSES A MAP", "1 forward, 1 backward")
        .contains("recommended: gradientxinput, by 12 of 12 images")
        .contains("whether maps change when the network forgets is not known")
        .doesNotContain("attentionrollout");

    run = Run.of(with(common, "--max-passes", "1"));
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("no method with up to 1 passes", "raise --max-passes");
    assertThat(Run.of(with(common, "--max-passes", "0")).err()).contains("must be at least 1");
  }

  private static String[] with(String[] common, String... more) {
    return Stream.concat(Arrays.stream(common), Arrays.stream(more)).toArray(String[]::new);
  }

  private static String first(Path folder) {
    return Arrays.stream(Objects.requireNonNull(folder.toFile().list()))
        .sorted()
        .findFirst()
        .orElseThrow();
  }
}
