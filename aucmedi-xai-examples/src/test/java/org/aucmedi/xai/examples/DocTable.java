package org.aucmedi.xai.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A table of a page below {@code docs/} that a test keeps true. It stands between {@code <!--
 * table: NAME -->} and {@code <!-- end of table -->}; {@code mvn verify -Dtables.write} writes it
 * anew.
 */
final class DocTable {

  /** The root of the source tree. */
  static final Path ROOT = Path.of("").toAbsolutePath().getParent();

  private static final String END = "<!-- end of table -->";

  private final Path page;
  private final String begin;

  /**
   * Names a table.
   *
   * @param page the file's name
   * @param name the table's name
   */
  DocTable(String page, String name) {
    this.page = ROOT.resolve("docs").resolve(page);
    this.begin = "<!-- table: " + name + " -->\n";
  }

  /** Writes the table if that is asked for, and returns what the page has. */
  String writtenOr(String table) throws IOException {
    if (System.getProperty("tables.write") == null) {
      return read();
    }
    String text = Files.readString(page);
    int from = from(text);
    Files.writeString(page, text.substring(0, from) + table + text.substring(to(text, from)));
    return table;
  }

  /** Returns what the page has. */
  String read() throws IOException {
    String text = Files.readString(page);
    int from = from(text);
    return text.substring(from, to(text, from));
  }

  private int from(String text) {
    int from = text.indexOf(begin);
    assertThat(from).as(page + " has " + begin.strip()).isNotNegative();
    return from + begin.length();
  }

  private int to(String text, int from) {
    int to = text.indexOf(END, from);
    assertThat(to).as(page + ": the end of " + begin.strip()).isNotNegative();
    return to;
  }
}
