package org.aucmedi.xai.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/** Collects the measurements of {@link ModelConformance}, one line per network and operation. */
final class ConformanceReport {

  private static final class Row {
    private double difference;
    private double forwards;
  }

  private final Map<String, Row> rows = new ConcurrentSkipListMap<>();

  /** Records the largest difference from the golden file, relative to that file's maximum. */
  void addDifference(String network, String operation, double difference) {
    Row row = row(network, operation);
    row.difference = Math.max(row.difference, difference);
  }

  /** Records the time, in units of forward passes of the same batch. */
  void addTime(String network, String operation, double forwards) {
    Row row = row(network, operation);
    row.forwards = Math.max(row.forwards, forwards);
  }

  private Row row(String network, String operation) {
    return rows.computeIfAbsent(network + "\t" + operation, key -> new Row());
  }

  /** Writes the lines to {@code target/conformance}, where the documentation's test finds them. */
  void write(String kind) {
    StringBuilder text = new StringBuilder();
    rows.forEach(
        (key, row) ->
            text.append(
                String.format(
                    Locale.ROOT, "%s\t%s\t%.1e\t%.1f%n", kind, key, row.difference, row.forwards)));
    try {
      Path folder = Files.createDirectories(Path.of("target", "conformance"));
      Files.writeString(folder.resolve(kind.replaceAll("\\W+", "-") + ".tsv"), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
