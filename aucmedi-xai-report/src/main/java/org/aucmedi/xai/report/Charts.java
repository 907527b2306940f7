package org.aucmedi.xai.report;

import static org.aucmedi.xai.report.EvaluationPage.escaped;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;
import org.aucmedi.xai.report.EvaluationPage.Curves;
import org.aucmedi.xai.report.EvaluationPage.Interval;
import org.aucmedi.xai.report.EvaluationPage.Intervals;
import org.aucmedi.xai.report.EvaluationPage.Line;

/** Charts as SVG, whose colours and letters come from the page's styles. */
final class Charts {

  private static final int WIDTH = 560;
  private static final int HEIGHT = 330;
  private static final int LEFT = 56;
  private static final int RIGHT = 14;
  private static final int TOP = 10;
  private static final int BOTTOM = 44;

  private static final int NAMES = 150;
  private static final int ROW = 24;

  /** Colours that are told apart by everybody (Okabe and Ito). */
  private static final int COLOURS = 7;

  private Charts() {}

  /**
   * An axis with about five round numbers.
   *
   * @param low its lower end
   * @param high its upper end, above it
   * @param step between the numbers
   */
  record Axis(double low, double high, double step) {

    /** Holds all values, and 0 if that is near. */
    static Axis of(double least, double most) {
      double low = least > 0 && least < most - least ? 0 : least;
      double high = most < 0 && -most < most - least ? 0 : most;
      if (low == high) {
        double room = low == 0 ? 1 : Math.abs(low) / 10;
        low -= room;
        high += room;
      }
      double rough = (high - low) / 5;
      double power = Math.pow(10, Math.floor(Math.log10(rough)));
      double factor = rough / power;
      double step = power * (factor < 1.5 ? 1 : factor < 3.5 ? 2 : factor < 7.5 ? 5 : 10);
      return new Axis(Math.floor(low / step) * step, Math.ceil(high / step) * step, step);
    }

    List<Double> numbers() {
      List<Double> numbers = new ArrayList<>();
      for (long i = Math.round(low / step); i <= Math.round(high / step); i++) {
        numbers.add(i * step);
      }
      return numbers;
    }

    String text(double number) {
      int digits = (int) Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
      return String.format(Locale.ROOT, "%." + digits + "f", number == 0 ? 0 : number);
    }

    double share(double value) {
      return (value - low) / (high - low);
    }
  }

  /** A row for each mean, with a line for its interval. */
  static String intervals(Intervals chart) {
    List<Interval> rows = chart.rows();
    Axis axis =
        Axis.of(
            rows.stream().mapToDouble(Interval::low).min().orElseThrow(),
            rows.stream().mapToDouble(Interval::high).max().orElseThrow());
    int bottom = TOP + ROW * rows.size();
    StringBuilder svg = start(bottom + 24, chart.title());
    for (double number : axis.numbers()) {
      double x = NAMES + axis.share(number) * (WIDTH - NAMES - RIGHT);
      svg.append(line("grid", x, TOP, x, bottom));
      svg.append(text("number", "middle", x, bottom + 16, axis.text(number)));
    }
    for (int i = 0; i < rows.size(); i++) {
      Interval row = rows.get(i);
      double y = TOP + ROW * (i + 0.5);
      double[] x =
          DoubleStream.of(row.low(), row.mean(), row.high())
              .map(value -> NAMES + axis.share(value) * (WIDTH - NAMES - RIGHT))
              .toArray();
      svg.append("<g class=\"").append(row.baseline() ? "baseline" : "method").append("\">");
      svg.append("<title>")
          .append(escaped(row.name()))
          .append(
              String.format(Locale.ROOT, ": %.4g [%.4g, %.4g]", row.mean(), row.low(), row.high()))
          .append("</title>");
      svg.append(text("label", "end", NAMES - 10, y + 4, shortened(row.name())));
      svg.append(line("whisker", x[0], y, x[2], y));
      svg.append(
          String.format(
              Locale.ROOT, "<circle class=\"mean\" cx=\"%.1f\" cy=\"%.1f\" r=\"4\"/>", x[1], y));
      svg.append("</g>\n");
    }
    return svg.append("</svg>").toString();
  }

  private static String shortened(String name) {
    return name.length() <= 21 ? name : name.substring(0, 20) + "…";
  }

  /** All curves in one chart. */
  static String curves(Curves chart) {
    Axis x = axis(chart.lines().stream().flatMap(line -> line.x().stream()).toList());
    Axis y = axis(chart.lines().stream().flatMap(line -> line.y().stream()).toList());
    double right = WIDTH - RIGHT;
    double bottom = HEIGHT - BOTTOM;
    StringBuilder svg = start(HEIGHT, chart.title());
    for (double number : x.numbers()) {
      double at = LEFT + x.share(number) * (right - LEFT);
      svg.append(line("grid", at, TOP, at, bottom));
      svg.append(text("number", "middle", at, bottom + 16, x.text(number)));
    }
    for (double number : y.numbers()) {
      double at = bottom - y.share(number) * (bottom - TOP);
      svg.append(line("grid", LEFT, at, right, at));
      svg.append(text("number", "end", LEFT - 8, at + 4, y.text(number)));
    }
    svg.append(text("axis", "middle", (LEFT + right) / 2, HEIGHT - 6, chart.xTitle()));
    svg.append(
        String.format(
            Locale.ROOT,
            "<text class=\"axis\" text-anchor=\"middle\" transform=\"translate(13 %.1f)"
                + " rotate(-90)\">%s</text>",
            (TOP + bottom) / 2,
            escaped(chart.yTitle())));
    List<Line> lines = chart.lines();
    for (int i = 0; i < lines.size(); i++) {
      Line line = lines.get(i);
      StringBuilder points = new StringBuilder();
      for (int k = 0; k < line.x().size(); k++) {
        points.append(
            String.format(
                Locale.ROOT,
                "%.1f,%.1f ",
                LEFT + x.share(line.x().get(k)) * (right - LEFT),
                bottom - y.share(line.y().get(k)) * (bottom - TOP)));
      }
      svg.append("<polyline class=\"").append(style(lines, i)).append("\" points=\"");
      svg.append(points.toString().strip()).append("\"><title>").append(escaped(line.name()));
      svg.append("</title></polyline>\n");
    }
    return svg.append("</svg>").toString();
  }

  private static Axis axis(List<Double> values) {
    return Axis.of(
        values.stream().mapToDouble(Double::doubleValue).min().orElseThrow(),
        values.stream().mapToDouble(Double::doubleValue).max().orElseThrow());
  }

  /** The names of the curves beside their strokes. */
  static String legend(Curves chart) {
    StringBuilder list = new StringBuilder("<ul class=\"legend\">");
    for (int i = 0; i < chart.lines().size(); i++) {
      list.append("<li><svg width=\"28\" height=\"10\" aria-hidden=\"true\"><polyline class=\"")
          .append(style(chart.lines(), i))
          .append("\" points=\"1,5 27,5\"/></svg> ")
          .append(escaped(chart.lines().get(i).name()))
          .append("</li>");
    }
    return list.append("</ul>").toString();
  }

  /** A colour, and another kind of stroke each time the colours are used up; grey for baselines. */
  private static String style(List<Line> lines, int index) {
    int before =
        (int)
            lines.subList(0, index).stream()
                .filter(l -> l.baseline() == lines.get(index).baseline())
                .count();
    return lines.get(index).baseline()
        ? "curve baseline dash-" + (1 + before % 2)
        : "curve colour-" + before % COLOURS + " dash-" + before / COLOURS % 4;
  }

  private static StringBuilder start(int height, String title) {
    return new StringBuilder()
        .append("<svg viewBox=\"0 0 ")
        .append(WIDTH)
        .append(" ")
        .append(height)
        .append("\" role=\"img\" aria-label=\"")
        .append(escaped(title))
        .append("\">\n");
  }

  private static String line(String style, double x1, double y1, double x2, double y2) {
    return String.format(
        Locale.ROOT,
        "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n",
        style,
        x1,
        y1,
        x2,
        y2);
  }

  private static String text(String style, String anchor, double x, double y, String text) {
    return String.format(
        Locale.ROOT,
        "<text class=\"%s\" text-anchor=\"%s\" x=\"%.1f\" y=\"%.1f\">%s</text>\n",
        style,
        anchor,
        x,
        y,
        escaped(text));
  }
}
