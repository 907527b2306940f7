package org.aucmedi.xai.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.aucmedi.xai.cli.AucmediXai;
import org.aucmedi.xai.testkit.Golden;
import picocli.CommandLine;

/** Methods measured by {@code evaluate}, on images of blood cells that the network recognises. */
final class EvaluationTable {

  static final List<String> METRICS =
      List.of(
          "pointing-game", "rank-accuracy", "average-precision", "insertion", "deletion", "road");

  private EvaluationTable() {}

  /**
   * Measures methods in their papers' profile.
   *
   * @param csv where the values go
   * @param images some of the blood-cell images
   * @param methods their keys
   * @param metrics what is measured
   * @return for each method, and the two baselines, the mean of each metric
   */
  static Map<String, Map<String, Double>> measure(
      Path csv, List<AnnotatedImage> images, List<String> methods, List<String> metrics)
      throws IOException {
    Path folder = Golden.file("bccd");
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "evaluate",
                "--model",
                Golden.file("models/vanilla2d_scripted.pt").toString(),
                "--standardize",
                "tf",
                "--profile",
                "paper",
                "--method",
                String.join(",", methods),
                "--metric",
                String.join(",", metrics),
                "--boxes",
                folder.resolve("boxes.json").toString(),
                "--samples",
                samples(csv.resolveSibling("samples.csv"), images).toString(),
                "--images",
                folder.toString(),
                "--output",
                csv.toString()));
    StringWriter err = new StringWriter();
    CommandLine command = AucmediXai.commandLine();
    command.setOut(new PrintWriter(new StringWriter(), true)).setErr(new PrintWriter(err, true));
    assertThat(command.execute(arguments.toArray(String[]::new))).as(err.toString()).isZero();
    return means(csv, images);
  }

  private static Path samples(Path file, List<AnnotatedImage> images) throws IOException {
    return Files.writeString(
        file,
        images.stream()
            .map(AnnotatedImage::file)
            .collect(Collectors.joining("\n", "SAMPLE\n", "\n")));
  }

  /** The means over the images whose explained class is their own. */
  private static Map<String, Map<String, Double>> means(Path csv, List<AnnotatedImage> images)
      throws IOException {
    List<String> classes = List.of("Platelets", "RBC", "WBC");
    Map<String, Integer> labels =
        images.stream()
            .collect(
                Collectors.toMap(AnnotatedImage::file, image -> classes.indexOf(image.label())));
    return Files.readAllLines(csv).stream()
        .skip(1)
        .map(line -> line.split(",", -1))
        .filter(cells -> labels.get(cells[0]) == Integer.parseInt(cells[2]))
        .collect(
            Collectors.groupingBy(
                cells -> cells[1],
                LinkedHashMap::new,
                Collectors.groupingBy(
                    cells -> cells[4],
                    Collectors.averagingDouble(cells -> Double.parseDouble(cells[5])))));
  }

  /** A row of the page, without its name. */
  static String row(Map<String, Double> means) {
    return METRICS.stream()
        .map(metric -> String.format(Locale.ROOT, "%.3f", means.get(metric)))
        .collect(Collectors.joining(" | "));
  }

  /** The rows of the page by their names. */
  static Map<String, String> rows(String table) {
    Map<String, String> rows = new LinkedHashMap<>();
    table
        .lines()
        .skip(2)
        .map(line -> line.split("\\|", 3))
        .forEach(
            cells ->
                rows.put(cells[1].strip(), cells[2].substring(0, cells[2].length() - 1).strip()));
    return rows;
  }

  /** The table of some rows, in their order. */
  static String of(Map<String, String> rows) {
    String head = "| method | " + String.join(" | ", METRICS) + " |\n|---";
    return rows.entrySet().stream()
        .map(row -> "| " + row.getKey() + " | " + row.getValue() + " |\n")
        .collect(Collectors.joining("", head + "|---".repeat(METRICS.size()) + "|\n", ""));
  }
}
