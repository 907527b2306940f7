package org.aucmedi.xai.cli;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Lays out rows of text in columns as wide as their widest cell. Cells come out as they are;
 * picocli's own table would take {@code @|...|@} in the name of a layer for markup.
 */
final class TextTable {

  private TextTable() {}

  /**
   * Lays out a table of {@linkplain Printable printable} cells.
   *
   * @param texts the rows, the header first, all of one length
   * @return the lines
   */
  static List<String> lines(List<List<String>> texts) {
    List<List<String>> rows =
        texts.stream().map(row -> row.stream().map(Printable::of).toList()).toList();
    int[] widths =
        IntStream.range(0, rows.get(0).size())
            .map(column -> rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0))
            .toArray();
    return rows.stream().map(row -> line(row, widths)).toList();
  }

  private static String line(List<String> cells, int[] widths) {
    return IntStream.range(0, widths.length)
        .mapToObj(i -> cells.get(i) + " ".repeat(widths[i] - cells.get(i).length()))
        .collect(Collectors.joining("  "))
        .stripTrailing();
  }
}
