package org.aucmedi.xai.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.metrics.BootstrapInterval;
import org.aucmedi.xai.metrics.Curve;
import org.aucmedi.xai.metrics.RegionSize;
import org.aucmedi.xai.report.EvaluationPage.Contents;
import org.aucmedi.xai.report.EvaluationPage.Curves;
import org.aucmedi.xai.report.EvaluationPage.Group;
import org.aucmedi.xai.report.EvaluationPage.Interval;
import org.aucmedi.xai.report.EvaluationPage.Intervals;
import org.aucmedi.xai.report.EvaluationPage.Item;
import org.aucmedi.xai.report.EvaluationPage.Line;
import org.aucmedi.xai.report.EvaluationPage.Table;
import org.jspecify.annotations.Nullable;

/** What an evaluation has measured, as the contents of its page. */
final class EvaluationReport {

  /** The charts of curves: whose they are, and what they show. */
  private static final Map<EvaluationMetric, String> CURVES =
      Map.of(
          EvaluationMetric.DELETION, "Deletion",
          EvaluationMetric.INSERTION, "Insertion",
          EvaluationMetric.ROAD_MORF, "ROAD, most relevant first",
          EvaluationMetric.ROAD_LERF, "ROAD, least relevant first");

  private final EvaluationOptions.Measured measured;
  private final EvaluationResults results;
  private final List<String> methods;

  /**
   * Prepares a page.
   *
   * @param measured what was measured
   * @param methods in their order
   */
  EvaluationReport(EvaluationOptions.Measured measured, List<String> methods) {
    this.measured = measured;
    this.results = measured.results();
    this.methods = methods;
  }

  /**
   * Makes the contents.
   *
   * @param model its name
   * @param comparisons of the methods
   * @param settings how it was measured, by name
   */
  Contents contents(
      String model, List<EvaluationResults.Comparison> comparisons, Map<String, String> settings) {
    List<Group> groups = new ArrayList<>();
    if (!comparisons.isEmpty()) {
      groups.add(
          new Group(
              "What differs by more than chance",
              "Wilcoxon's signed-rank test of each pair on the same images, at 5 %, corrected for all"
                  + " pairs of a metric (Holm). That no difference is shown does not mean that there is"
                  + " none.",
              List.of(new Table(EvaluationResults.summary(comparisons)))));
    }
    groups.add(
        new Group(
            "Means",
            "With intervals at 95 %, by bootstrap over the images. In grey: what random maps and a blob"
                + " in the middle score on the same images.",
            results.metrics().stream().flatMap(metric -> intervals(metric).stream()).toList()));
    List<Item> curves = curves();
    if (!curves.isEmpty()) {
      groups.add(
          new Group(
              "Curves",
              "The mean score of all maps, against the share of pixels that have been exchanged.",
              curves));
    }
    groups.add(new Group("Numbers", "", tables(null)));
    if (results.sizes().size() > 1) {
      results
          .sizes()
          .forEach(
              (size, images) ->
                  groups.add(
                      new Group(
                          "Objects of size "
                              + MethodOption.textOf(size)
                              + ", "
                              + images
                              + (images == 1 ? " image" : " images"),
                          "",
                          tables(size))));
    }
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("SETTING", "VALUE"));
    settings.forEach((name, value) -> rows.add(List.of(name, value)));
    groups.add(new Group("How it was measured", "", List.of(new Table(rows))));
    return new Contents(
        model,
        String.format(
            Locale.ROOT,
            "%d of %d images measured; explained: %s; methods: %s",
            results.images(),
            measured.samples(),
            measured.explained(),
            String.join(", ", methods)),
        groups);
  }

  /** A chart, or nothing for a metric without values. */
  private List<Item> intervals(EvaluationMetric metric) {
    List<Interval> rows = new ArrayList<>();
    for (String method : EvaluationResults.withBaselines(methods)) {
      BootstrapInterval mean = results.interval(method, metric, null);
      if (mean != null) {
        rows.add(new Interval(method, mean.mean(), mean.low(), mean.high(), isBaseline(method)));
      }
    }
    return rows.isEmpty()
        ? List.of()
        : List.of(new Intervals(metric.toString(), metric.about(), rows));
  }

  private boolean isBaseline(String method) {
    return !methods.contains(method);
  }

  private List<Item> curves() {
    List<Item> charts = new ArrayList<>();
    for (EvaluationMetric metric : EvaluationMetric.values()) {
      List<Line> lines = new ArrayList<>();
      for (String method : EvaluationResults.withBaselines(methods)) {
        Curve curve = results.curves(method).get(metric);
        if (curve != null) {
          lines.add(new Line(method, curve.shares(), curve.scores(), isBaseline(method)));
        }
      }
      String title = CURVES.get(metric);
      if (title != null && !lines.isEmpty()) {
        charts.add(
            new Curves(
                title,
                metric.higherIsBetter() ? "higher is better" : "lower is better",
                metric == EvaluationMetric.INSERTION
                    ? "share of pixels shown"
                    : "share of pixels removed",
                "score",
                lines));
      }
    }
    return charts;
  }

  private List<Item> tables(@Nullable RegionSize size) {
    return (size == null ? results.tables(methods) : results.tables(methods, size))
        .stream().<Item>map(Table::new).toList();
  }
}
