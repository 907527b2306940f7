package org.aucmedi.xai.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.Maps;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.assertj.core.data.Offset;
import org.aucmedi.xai.MethodCost;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.examples.Localisation.Score;
import org.aucmedi.xai.imaging.Standardize;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.testkit.Golden;
import org.aucmedi.xai.testkit.TorchScriptArchive;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class LocalisationIT {

  private static final int RED = 0xff0000;
  private static final int BLUE = 0x0000ff;

  /** Methods of more passes are measured only where the page lacks their rows. */
  private static final long FEW = 20;

  /** The passes up to which a method has to be in the table of all measures. */
  private static final long MANY = 500;

  @TempDir private Path folder;

  @Test
  void localise_networkOfRedAndBlue_countsPeaksOfRecognisedImages() throws IOException {
    // Two outputs: the mean squares of the red and of the blue channel, where they are positive.
    Path model =
        TorchScriptArchive.write(
            folder.resolve("net.pt"),
            """
            r = torch.relu(x)
            both = torch.slice(r, 1, 0, 3, 2)
            return torch.mean(torch.mul(both, both), [2, 3])
            """);
    draw("hit.png", RED, 5, 4);
    draw("miss.png", RED, 12, 12);
    draw("half.png", BLUE, 0, 0, 9, 9);
    draw("wrong.png", RED, 0, 0);
    Files.writeString(
        folder.resolve("boxes.json"),
        """
        [{"file": "hit.png", "label": "crimson", "boxes_xyxy": [[4, 4, 6, 6]]},
         {"file": "miss.png", "label": "crimson", "boxes_xyxy": [[4, 4, 6, 6]]},
         {"file": "half.png", "label": "navy", "boxes_xyxy": [[0, 0, 1, 1]]},
         {"file": "wrong.png", "label": "navy", "boxes_xyxy": [[0, 0, 1, 1]]}]
        """);
    StringWriter out = new StringWriter();
    CommandLine command = new CommandLine(new Localisation());
    command.setOut(new PrintWriter(out, true));

    int code =
        command.execute(
            "--model=" + model, "--images=" + folder, "--method=sm,IG", "--standardize=tf");

    assertThat(code).isZero();
    assertThat(out.toString().replace(System.lineSeparator(), "\n"))
        .isEqualTo(
            """
            METHOD                           PROFILE        ALL    crimson       navy
            Saliency map                     aucmedi     50.0 %     50.0 %     50.0 %
            Saliency map                     paper       50.0 %     50.0 %     50.0 %
            Integrated gradients             aucmedi     50.0 %     50.0 %     50.0 %
            Integrated gradients             paper       50.0 %     50.0 %     50.0 %
            chance                                        1.2 %      1.6 %      0.4 %
            3 of 4 images are recognised
            """);
  }

  /** Draws a black image with some bright pixels. */
  private void draw(String name, int colour, int... xy) throws IOException {
    BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < xy.length; i += 2) {
      image.setRGB(xy[i], xy[i + 1], colour);
    }
    File file = folder.resolve(name).toFile();
    assertThat(ImageIO.write(image, "png", file)).isTrue();
  }

  @Test
  void maps_bloodCells_peakInTheBoxesAsThePageSays() throws IOException {
    Path images = Golden.file("bccd");
    List<AnnotatedImage> annotated = AnnotatedImage.read(images.resolve("boxes.json"));
    List<String> classes = Localisation.classes(annotated);
    Map<String, Double> shares = new HashMap<>();
    DocTable page = new DocTable("methods.md", "localisation");
    boolean write = System.getProperty("tables.write") != null;
    Map<String, String> before = rows(page.read());
    Map<String, String> rows = new LinkedHashMap<>();
    try (ExplainableModel model =
        ExplainableModel.load(Golden.file("models/vanilla2d_scripted.pt"), "PyTorch")) {
      List<Score> last = List.of();
      for (XAIMethodProvider<?> method : methods()) {
        String key = method.description().keys().get(0);
        for (Profile profile : Profile.values()) {
          String name = method.description().name() + " | " + MethodOption.textOf(profile);
          String known = before.get(name);
          if (passes(method) <= FEW || (write && known == null)) {
            last = Localisation.measure(model, images, annotated, Standardize.TF, key, profile);
            shares.put(name, Localisation.means(last, List.of(), Score::hit).get(0));
            rows.put(name, row(name, last, classes, Score::hit));
          } else {
            assertThat(known).as("%s: mvn verify -Dtables.write", name).isNotNull();
            rows.put(name, known + "\n");
          }
        }
      }
      assertThat(last).as("recognised images").hasSize(63);
      shares.put("chance |", Localisation.means(last, List.of(), Score::chance).get(0));
      rows.put("chance |", row("chance |", last, classes, Score::chance));
    }
    String head = "| method | profile | all | " + String.join(" | ", classes) + " |\n";
    String line = "|---".repeat(3 + classes.size()) + "|\n";
    Map<String, Double> recorded =
        shares(rows(page.writtenOr(head + line + String.join("", rows.values()))));

    assertThat(recorded).containsOnlyKeys(rows.keySet());
    // Where a peak is no clear one, another machine's rounding may move it.
    shares.forEach(
        (name, share) ->
            assertThat(recorded.get(name)).as(name).isCloseTo(100 * share, Offset.offset(3.5)));

    double chance = shares.get("chance |");
    assertThat(chance).isCloseTo(0.5016, Offset.offset(1e-4));
    assertThat(recorded.get("Grad-CAM | paper")).isGreaterThan(100 * (chance + 0.35));
    for (String method :
        List.of(
            "Grad-CAM", "Grad-CAM++", "Guided Grad-CAM", "Saliency map", "Integrated gradients")) {
      for (String profile : List.of("aucmedi", "paper")) {
        assertThat(recorded.get(method + " | " + profile))
            .as(method)
            .isGreaterThan(100 * (chance + 0.2));
      }
    }
    assertThat(recorded.get("Occlusion sensitivity | paper")).isGreaterThan(100 * (chance + 0.2));
  }

  /**
   * With {@code -Dtables.write} rows that the page lacks are measured, about a minute for each;
   * with {@code -Dtables.write=all} every row anew, and those of methods with more than {@link
   * #MANY} passes a map, which take hours.
   */
  @Test
  void maps_bloodCells_areMeasuredAsThePageSays() throws IOException {
    List<AnnotatedImage> all = AnnotatedImage.read(Golden.file("bccd/boxes.json"));
    Map<String, String> names = new LinkedHashMap<>();
    for (XAIMethodProvider<?> method : methods()) {
      names.put(method.description().keys().get(0), method.description().name());
    }
    Set<String> quick =
        methods().stream()
            .filter(method -> passes(method) <= MANY)
            .map(method -> method.description().name())
            .collect(Collectors.toSet());
    names.put("(random)", "random maps");
    names.put("(centre)", "a blob in the middle");
    DocTable page = new DocTable("methods.md", "evaluation");
    String write = System.getProperty("tables.write");
    if (write != null) {
      writeRows(page, all, names, write.equals("all") ? Set.copyOf(names.values()) : quick);
    }

    assertThat(EvaluationTable.rows(page.read()).keySet())
        .as("mvn verify -Dtables.write")
        .isSubsetOf(names.values())
        .containsAll(quick)
        .contains("random maps", "a blob in the middle");
    // A few images tell that the numbers are of this kind.
    List<AnnotatedImage> few =
        IntStream.range(0, all.size()).filter(i -> i % 11 == 0).mapToObj(all::get).toList();
    Map<String, Map<String, Double>> means =
        EvaluationTable.measure(
            folder.resolve("few.csv"), few, List.of("gradcam"), List.of("rank-accuracy", "road"));
    Map<String, Double> gradCam = means.get("gradcam");
    Map<String, Double> random = means.get("(random)");
    assertThat(gradCam.get("road")).isGreaterThan(random.get("road") + 0.1);
    assertThat(gradCam.get("rank-accuracy")).isGreaterThan(random.get("rank-accuracy") + 0.1);
    assertThat(random.get("road")).isCloseTo(0, Offset.offset(0.1));
  }

  private void writeRows(
      DocTable page, List<AnnotatedImage> images, Map<String, String> names, Set<String> asked)
      throws IOException {
    boolean anew = asked.containsAll(names.values());
    Map<String, String> rows = anew ? new HashMap<>() : EvaluationTable.rows(page.read());
    for (Map.Entry<String, String> method : names.entrySet()) {
      boolean baseline = method.getKey().startsWith("(");
      if (baseline || rows.containsKey(method.getValue()) || !asked.contains(method.getValue())) {
        continue;
      }
      EvaluationTable.measure(
              folder.resolve(method.getKey() + ".csv"),
              images,
              List.of(method.getKey()),
              EvaluationTable.METRICS)
          .forEach((key, means) -> rows.put(names.get(key), EvaluationTable.row(means)));
      Map<String, String> ordered = new LinkedHashMap<>();
      names.values().stream()
          .filter(rows::containsKey)
          .forEach(name -> ordered.put(name, rows.get(name)));
      // What is measured stays, should the next one be interrupted.
      var unused = page.writtenOr(EvaluationTable.of(ordered));
    }
  }

  /** The methods for the golden networks, which have no attention. */
  private static List<XAIMethodProvider<?>> methods() {
    return new XAIMethodRegistry()
        .providers().stream().filter(method -> !method.description().readsAttention()).toList();
  }

  private static long passes(XAIMethodProvider<?> method) {
    MethodCost.Passes passes =
        method.description().passes(MethodOptions.of(Profile.PAPER), new int[] {64, 64}, 1);
    return passes.forward() + passes.backward();
  }

  private static String row(
      String name, List<Score> scores, List<String> classes, ToDoubleFunction<Score> value) {
    List<String> cells = new ArrayList<>(List.of(name));
    for (double mean : Localisation.means(scores, classes, value)) {
      cells.add(String.format(Locale.ROOT, "%.1f %%", 100 * mean));
    }
    return "| " + String.join(" | ", cells) + " |\n";
  }

  /** The rows of a table by method and profile. */
  private static Map<String, String> rows(String table) {
    return table
        .lines()
        .skip(2)
        .collect(
            Collectors.toMap(
                row -> {
                  String[] cells = row.split(" *\\| *", -1);
                  return (cells[1] + " | " + cells[2]).strip();
                },
                row -> row));
  }

  /** The share of all images in each row, in per cent. */
  private static Map<String, Double> shares(Map<String, String> rows) {
    return Maps.transformValues(
        rows, row -> Double.valueOf(row.split(" *\\| *", -1)[3].replace(" %", "")));
  }
}
