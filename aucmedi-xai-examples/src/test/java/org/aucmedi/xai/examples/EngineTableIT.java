package org.aucmedi.xai.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Keeps the table of {@code docs/engines.md} in step with what the engines' conformance tests have
 * measured. {@code mvn verify -Dtables.write} writes it anew.
 */
final class EngineTableIT {

  /** The operations, as the conformance tests name them, and the table's words for them. */
  private static final List<String[]> OPERATIONS =
      List.of(
          new String[] {"predict", "predictions"},
          new String[] {"layerActivations", "layer activations"},
          new String[] {"inputGradients", "input gradients"},
          new String[] {"layerGradients", "layer gradients"},
          new String[] {"guidedGradients", "guided"},
          new String[] {"deconvGradients", "deconvnet"});

  /** What was measured over all networks: the largest difference and the longest time. */
  private record Cell(double difference, double forwards) {

    Cell worse(Cell other) {
      return new Cell(Math.max(difference, other.difference), Math.max(forwards, other.forwards));
    }

    @Override
    public String toString() {
      return String.format(Locale.ROOT, "%.0e, %.1f×", difference, forwards);
    }
  }

  @Test
  void table_ofThePage_hasTheRowsThatWereMeasured() throws IOException {
    Map<String, Map<String, Cell>> measured = measured();
    assumeFalse(
        measured.isEmpty(),
        "skipped: no conformance test has run here, the golden files are absent");
    String table =
        new DocTable("engines.md", "written by EngineTableIT").writtenOr(table(measured));
    Map<String, String> rows =
        table
            .lines()
            .skip(2)
            .collect(Collectors.toMap(line -> line.split(" *\\| *", -1)[1], line -> line));
    measured.forEach(
        (kind, cells) -> {
          assertThat(rows).as("run mvn verify -Dtables.write").containsKey(kind);
          String[] columns = rows.get(kind).split(" *\\| *", -1);
          for (int i = 0; i < OPERATIONS.size(); i++) {
            assertThat(columns[i + 2].equals("no"))
                .as(kind + " " + OPERATIONS.get(i)[1])
                .isEqualTo(!cells.containsKey(OPERATIONS.get(i)[0]));
          }
        });
  }

  private static String table(Map<String, Map<String, Cell>> measured) {
    StringBuilder table = new StringBuilder("| engine, kind of model |");
    OPERATIONS.forEach(operation -> table.append(" ").append(operation[1]).append(" |"));
    table.append("\n|---").append("|---".repeat(OPERATIONS.size())).append("|\n");
    measured.forEach(
        (kind, cells) -> {
          table.append("| ").append(kind).append(" |");
          for (String[] operation : OPERATIONS) {
            Cell cell = cells.get(operation[0]);
            table.append(" ").append(cell == null ? "no" : cell.toString()).append(" |");
          }
          table.append("\n");
        });
    return table.toString();
  }

  private static Map<String, Map<String, Cell>> measured() throws IOException {
    Map<String, Map<String, Cell>> cells = new TreeMap<>();
    for (String modules : List.of("aucmedi-xai-engines", "aucmedi-xai-importers")) {
      for (Path report : reports(DocTable.ROOT.resolve(modules))) {
        for (String line : Files.readAllLines(report)) {
          String[] columns = line.split("\t", -1);
          cells
              .computeIfAbsent(columns[0], kind -> new TreeMap<>())
              .merge(
                  columns[2],
                  new Cell(Double.parseDouble(columns[3]), Double.parseDouble(columns[4])),
                  Cell::worse);
        }
      }
    }
    return cells;
  }

  private static List<Path> reports(Path modules) throws IOException {
    try (Stream<Path> files = Files.walk(modules, 4)) {
      return files
          .filter(file -> file.getParent().endsWith(Path.of("target", "conformance")))
          .toList();
    }
  }
}
