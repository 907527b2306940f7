package org.aucmedi.xai.report;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.html.HtmlEscapers;
import com.google.common.io.Resources;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.imaging.OutputFolder;

/**
 * The page of an evaluation: tables, intervals and curves of methods, in one HTML file that loads
 * nothing and runs no script. What comes from outside is shown as text.
 */
public final class EvaluationPage {

  private static final List<String> STYLES = List.of("theme.css", "evaluation.css", "print.css");

  private EvaluationPage() {}

  /**
   * What a page shows.
   *
   * @param title for instance the model's name
   * @param summary what was measured, a sentence
   * @param groups its parts, in their order
   */
  public record Contents(String title, String summary, List<Group> groups) {

    /** Copies the groups. */
    public Contents {
      groups = List.copyOf(groups);
    }
  }

  /**
   * A part of a page.
   *
   * @param heading its heading
   * @param text what it is about, a few sentences; may be empty
   * @param items what it shows
   */
  public record Group(String heading, String text, List<Item> items) {

    /** Copies the items. */
    public Group {
      items = List.copyOf(items);
    }
  }

  /** A table or a chart. */
  public sealed interface Item permits Table, Intervals, Curves {}

  /**
   * A table.
   *
   * @param rows the header first, all of one length, at least one
   */
  public record Table(List<List<String>> rows) implements Item {

    /** Copies the rows. */
    public Table {
      rows = rows.stream().map(List::copyOf).toList();
      checkArgument(!rows.isEmpty(), "a table needs a header");
    }
  }

  /**
   * Means with their intervals, a row for each.
   *
   * @param title what is measured
   * @param note which values are better, and the like; may be empty
   * @param rows at least one
   */
  public record Intervals(String title, String note, List<Interval> rows) implements Item {

    /** Copies the rows. */
    public Intervals {
      rows = List.copyOf(rows);
      checkArgument(!rows.isEmpty(), "a chart of intervals needs at least one");
    }
  }

  /**
   * A mean with its interval.
   *
   * @param name whose
   * @param mean the mean, finite, as both ends
   * @param low the lower end
   * @param high the upper end
   * @param baseline whether it is something to compare with
   */
  public record Interval(String name, double mean, double low, double high, boolean baseline) {

    /** Checks the numbers. */
    public Interval {
      checkArgument(
          Double.isFinite(mean) && Double.isFinite(low) && Double.isFinite(high),
          "%s has an interval that is not finite",
          name);
    }
  }

  /**
   * Curves in one chart.
   *
   * @param title what they are
   * @param note which are better, and the like; may be empty
   * @param xTitle the horizontal axis
   * @param yTitle the vertical axis
   * @param lines at least one
   */
  public record Curves(String title, String note, String xTitle, String yTitle, List<Line> lines)
      implements Item {

    /** Copies the lines. */
    public Curves {
      lines = List.copyOf(lines);
      checkArgument(!lines.isEmpty(), "a chart of curves needs at least one");
    }
  }

  /**
   * A curve.
   *
   * @param name whose
   * @param x where its points are, ascending, at least two
   * @param y their values, finite, as many
   * @param baseline whether it is something to compare with
   */
  public record Line(String name, List<Double> x, List<Double> y, boolean baseline) {

    /** Copies the points. */
    public Line {
      x = List.copyOf(x);
      y = List.copyOf(y);
      checkArgument(
          x.size() == y.size() && x.size() >= 2 && y.stream().allMatch(Double::isFinite),
          "a curve needs as many finite values as positions and at least two, got %s and %s",
          y,
          x);
    }
  }

  /**
   * Writes a page, over an earlier one.
   *
   * @param file the page; its folder is made where it does not exist
   * @param contents what it shows
   * @throws XAIException if it cannot be written, or would replace what this program did not write
   */
  public static void write(Path file, Contents contents) {
    Path whole = file.toAbsolutePath();
    Path folder = whole.getParent();
    checkArgument(folder != null, "%s is no file", file);
    byte[] page = html(contents).getBytes(StandardCharsets.UTF_8);
    var unused =
        OutputFolder.open(folder, List.of())
            .writePage(String.valueOf(whole.getFileName()), out -> out.write(page));
  }

  /** Everything after the document type. */
  static String html(Contents contents) {
    StringBuilder page = new StringBuilder();
    page.append("<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
        .append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';")
        .append(" style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n")
        .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
        .append("<meta name=\"referrer\" content=\"no-referrer\">\n<title>AUCMEDI-XAI evaluation: ")
        .append(escaped(contents.title))
        .append("</title>\n<style>\n")
        .append(STYLES.stream().map(EvaluationPage::resource).collect(Collectors.joining("\n")))
        .append("</style>\n</head>\n<body>\n<div id=\"app\">\n")
        .append("<header class=\"page-head\"><div><p class=\"kicker\">AUCMEDI-XAI evaluation</p>")
        .append("<h1 class=\"run name\">")
        .append(escaped(contents.title))
        .append("</h1><p class=\"muted\">")
        .append(escaped(contents.summary))
        .append("</p></div></header>\n");
    for (Group group : contents.groups) {
      page.append("<section class=\"group\">\n<h2>").append(escaped(group.heading));
      page.append("</h2>\n");
      if (!group.text.isEmpty()) {
        page.append("<p class=\"text\">").append(escaped(group.text)).append("</p>\n");
      }
      page.append("<div class=\"items\">\n");
      group.items.forEach(item -> page.append(item(item)));
      page.append("</div>\n</section>\n");
    }
    return page.append("</div>\n</body>\n</html>\n").toString();
  }

  private static String item(Item item) {
    if (item instanceof Table table) {
      return table(table);
    }
    if (item instanceof Intervals intervals) {
      return figure(intervals.title, intervals.note, Charts.intervals(intervals), "");
    }
    Curves curves = (Curves) item;
    return figure(curves.title, curves.note, Charts.curves(curves), Charts.legend(curves));
  }

  private static String figure(String title, String note, String chart, String legend) {
    return "<figure class=\"chart\"><figcaption>"
        + escaped(title)
        + (note.isEmpty() ? "" : " <small>" + escaped(note) + "</small>")
        + "</figcaption>"
        + chart
        + legend
        + "</figure>\n";
  }

  private static String table(Table table) {
    StringBuilder text = new StringBuilder("<div class=\"numbers\"><table class=\"plain\"><thead>");
    for (int i = 0; i < table.rows.size(); i++) {
      String cell = i == 0 ? "th" : "td";
      text.append(i == 1 ? "</thead><tbody>" : "").append("<tr>");
      for (String value : table.rows.get(i)) {
        text.append("<").append(cell).append(">").append(escaped(value));
        text.append("</").append(cell).append(">");
      }
      text.append("</tr>\n");
    }
    return text.append(table.rows.size() == 1 ? "</thead>" : "</tbody>")
        .append("</table></div>\n")
        .toString();
  }

  static String escaped(String text) {
    return HtmlEscapers.htmlEscaper().escape(text);
  }

  private static String resource(String name) {
    try {
      return Resources.toString(
          Resources.getResource(EvaluationPage.class, "page/" + name), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
