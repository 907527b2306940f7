package org.aucmedi.xai.cli;

import com.google.common.base.CharMatcher;
import com.google.common.base.Joiner;
import com.google.common.collect.Lists;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.metrics.BootstrapInterval;
import org.aucmedi.xai.metrics.Curve;
import org.aucmedi.xai.metrics.PairedComparison;
import org.aucmedi.xai.metrics.RegionSize;
import org.jspecify.annotations.Nullable;

/** What an evaluation has measured, as tables. */
final class EvaluationResults {

  /** More columns than these are too wide to read. */
  private static final int COLUMNS = 4;

  private final List<EvaluationMetric> metrics;
  private final List<Row> rows = Collections.synchronizedList(new ArrayList<>());
  private final Map<String, Map<EvaluationMetric, MeanCurve>> curves = new TreeMap<>();

  /** The rows in order, as far as they were there when that was asked for last. */
  private List<Row> ordered = List.of();

  private List<String> order = List.of();

  /**
   * One map; its values are NaN where there is none.
   *
   * @param size how large the object is, or null if nothing is known of it
   */
  record Row(
      int index,
      String sample,
      String method,
      String label,
      MapStatus status,
      @Nullable RegionSize size,
      double[] values) {}

  /**
   * The methods compared by one metric.
   *
   * @param metric the metric
   * @param methods those that have a value for some image, the baselines last
   * @param images how many have a value of all of them
   * @param comparison of them
   */
  record Comparison(
      EvaluationMetric metric, List<String> methods, int images, PairedComparison comparison) {

    /** The method with the best mean rank. */
    int best() {
      List<Double> ranks = comparison.meanRanks();
      return ranks.indexOf(Collections.min(ranks));
    }

    /** The one of some methods that has the best mean rank. */
    String best(List<String> some) {
      return some.stream()
          .min(Comparator.comparing(name -> comparison.meanRanks().get(methods.indexOf(name))))
          .orElseThrow();
    }

    /** Whether a method is better than another by more than chance; false if one has no value. */
    boolean beats(String one, String other) {
      int first = methods.indexOf(one);
      int second = methods.indexOf(other);
      return first >= 0 && second >= 0 && beats(first, second);
    }

    private boolean beats(int one, int other) {
      return comparison.differ(one, other)
          && comparison.meanRanks().get(one) < comparison.meanRanks().get(other);
    }
  }

  /** Adds up curves of as many points. */
  private static final class MeanCurve {

    private double[] shares = {};
    private double[] scores = {};
    private int count;

    void add(Curve curve) {
      int points = curve.scores().size();
      if (count == 0) {
        shares = new double[points];
        scores = new double[points];
      }
      // An image of fewer pixels than steps has a shorter one.
      if (points == scores.length) {
        count++;
        for (int i = 0; i < points; i++) {
          shares[i] += curve.shares().get(i);
          scores[i] += curve.scores().get(i);
        }
      }
    }

    Curve mean() {
      return new Curve(
          Arrays.stream(shares).mapToObj(sum -> sum / count).toList(),
          Arrays.stream(scores).mapToObj(sum -> sum / count).toList());
    }
  }

  EvaluationResults(List<EvaluationMetric> metrics) {
    this.metrics = metrics;
  }

  void add(Row row) {
    rows.add(row);
  }

  synchronized void addCurves(String method, Map<EvaluationMetric, Curve> own) {
    Map<EvaluationMetric, MeanCurve> sums = curves.computeIfAbsent(method, key -> new TreeMap<>());
    own.forEach((metric, curve) -> sums.computeIfAbsent(metric, key -> new MeanCurve()).add(curve));
  }

  /** The mean curves of a method, by the metric that they belong to. */
  synchronized Map<EvaluationMetric, Curve> curves(String method) {
    Map<EvaluationMetric, Curve> means = new LinkedHashMap<>();
    curves.getOrDefault(method, Map.of()).forEach((metric, sum) -> means.put(metric, sum.mean()));
    return means;
  }

  List<EvaluationMetric> metrics() {
    return metrics;
  }

  /** The number of images that were measured. */
  int images() {
    return (int) sorted(List.of()).stream().map(Row::index).distinct().count();
  }

  /** The metrics that have no value at all. */
  List<EvaluationMetric> withoutValue() {
    List<Row> all = sorted(List.of());
    return metrics.stream()
        .filter(
            metric ->
                all.stream().noneMatch(row -> Double.isFinite(row.values[metrics.indexOf(metric)])))
        .toList();
  }

  /** The methods, and then the baselines. */
  static List<String> withBaselines(List<String> methods) {
    return Stream.concat(methods.stream(), Stream.of(BaselineMaps.RANDOM, BaselineMaps.CENTRE))
        .toList();
  }

  /**
   * The means over all maps of each method, with their intervals at 95 %.
   *
   * @param methods in the order of the rows
   * @return tables of a few metrics each, their headers first
   */
  List<List<List<String>>> tables(List<String> methods) {
    return Lists.partition(metrics, COLUMNS).stream()
        .map(some -> table(methods, some, null))
        .toList();
  }

  /** As {@link #tables}, for the images whose objects have a size and the metrics of objects. */
  List<List<List<String>>> tables(List<String> methods, RegionSize size) {
    List<EvaluationMetric> asked = metrics.stream().filter(EvaluationMetric::needsRegion).toList();
    return Lists.partition(asked, COLUMNS).stream()
        .map(some -> table(methods, some, size))
        .toList();
  }

  private List<List<String>> table(
      List<String> methods, List<EvaluationMetric> some, @Nullable RegionSize size) {
    List<List<String>> table = new ArrayList<>();
    table.add(
        Stream.concat(Stream.of("METHOD"), some.stream().map(EvaluationMetric::title)).toList());
    for (String method : withBaselines(methods)) {
      List<String> line = new ArrayList<>(List.of(method));
      for (EvaluationMetric metric : some) {
        BootstrapInterval interval = interval(method, metric, size);
        line.add(interval == null ? "-" : text(interval));
      }
      table.add(line);
    }
    return table;
  }

  /** The mean of a method over its maps, or null if it has no value. */
  @Nullable BootstrapInterval interval(
      String method, EvaluationMetric metric, @Nullable RegionSize size) {
    int m = metrics.indexOf(metric);
    double[] values =
        sorted(List.of()).stream()
            .filter(row -> row.method.equals(method) && (size == null || row.size == size))
            .mapToDouble(row -> row.values[m])
            .filter(Double::isFinite)
            .toArray();
    return values.length == 0 ? null : BootstrapInterval.of(values);
  }

  static String text(BootstrapInterval interval) {
    return String.format(
        Locale.ROOT, "%.3f [%.3f, %.3f]", interval.mean(), interval.low(), interval.high());
  }

  /** How many images have an object of each size, small ones first; empty if nothing is known. */
  Map<RegionSize, Long> sizes() {
    return sorted(List.of()).stream()
        .filter(row -> row.size != null)
        .collect(
            Collectors.groupingBy(
                Row::size,
                TreeMap::new,
                Collectors.mapping(
                    Row::index,
                    Collectors.collectingAndThen(Collectors.toSet(), s -> (long) s.size()))));
  }

  /**
   * Compares the methods, and the baselines where they have maps that could change, by each metric
   * that says something of the map, on the images for which all have a value; several maps of an
   * image count as their mean.
   *
   * @param methods in their order
   * @return one for each metric with at least two methods and one image
   */
  List<Comparison> comparisons(List<String> methods) {
    return metrics.stream()
        .filter(EvaluationMetric::isCompared)
        .map(metric -> comparison(metric.hasBaselines() ? withBaselines(methods) : methods, metric))
        .flatMap(Optional::stream)
        .toList();
  }

  private Optional<Comparison> comparison(List<String> methods, EvaluationMetric metric) {
    int m = metrics.indexOf(metric);
    Map<String, Map<Integer, Double>> means = new LinkedHashMap<>();
    for (String method : methods) {
      Map<Integer, Double> own =
          sorted(List.of()).stream()
              .filter(row -> row.method.equals(method) && Double.isFinite(row.values[m]))
              .collect(
                  Collectors.groupingBy(
                      Row::index, TreeMap::new, Collectors.averagingDouble(row -> row.values[m])));
      if (!own.isEmpty()) {
        means.put(method, own);
      }
    }
    if (means.size() < 2) {
      return Optional.empty();
    }
    List<Integer> common =
        means.values().iterator().next().keySet().stream()
            .filter(index -> means.values().stream().allMatch(own -> own.containsKey(index)))
            .toList();
    if (common.isEmpty()) {
      return Optional.empty();
    }
    List<double[]> values =
        means.values().stream()
            .map(own -> common.stream().mapToDouble(own::get).toArray())
            .toList();
    return Optional.of(
        new Comparison(
            metric,
            List.copyOf(means.keySet()),
            common.size(),
            PairedComparison.of(values, metric.higherIsBetter())));
  }

  /**
   * One line for each image, method and metric.
   *
   * @param methods in the order of the lines of an image
   * @return CSV as of RFC 4180; an empty value where there is none
   */
  String csv(List<String> methods) {
    StringBuilder csv = new StringBuilder("sample,method,explained,status,metric,value,size\n");
    for (Row row : sorted(methods)) {
      for (int m = 0; m < metrics.size(); m++) {
        line(
            csv,
            row.sample,
            row.method,
            row.label,
            MethodOption.textOf(row.status),
            metrics.get(m).toString(),
            number(row.values[m]),
            row.size == null ? "" : MethodOption.textOf(row.size));
      }
    }
    return csv.toString();
  }

  /**
   * One line for each metric and pair of methods.
   *
   * @param comparisons what is compared
   * @return CSV as of RFC 4180; an empty value where there is none
   */
  static String testsCsv(List<Comparison> comparisons) {
    StringBuilder csv =
        new StringBuilder(
            "metric,first,second,images,difference,p,p_holm,rank_first,rank_second,"
                + "critical_difference,p_friedman\n");
    for (Comparison compared : comparisons) {
      PairedComparison all = compared.comparison;
      for (PairedComparison.Pair pair : all.pairs()) {
        line(
            csv,
            compared.metric.toString(),
            compared.methods.get(pair.first()),
            compared.methods.get(pair.second()),
            String.valueOf(compared.images),
            number(pair.difference()),
            number(pair.p()),
            number(pair.adjusted()),
            number(all.meanRanks().get(pair.first())),
            number(all.meanRanks().get(pair.second())),
            number(all.criticalDifference()),
            number(all.friedman()));
      }
    }
    return csv.toString();
  }

  private static void line(StringBuilder csv, String... cells) {
    Joiner.on(',')
        .appendTo(csv, Arrays.stream(cells).map(EvaluationResults::quoted).iterator())
        .append('\n');
  }

  private static String number(double value) {
    return Double.isFinite(value) ? Double.toString(value) : "";
  }

  private static String quoted(String text) {
    return CharMatcher.anyOf(",\"\r\n").matchesAnyOf(text)
        ? '"' + text.replace("\"", "\"\"") + '"'
        : text;
  }

  /**
   * What the comparisons say, in a table: which method is the best of each metric, which are not
   * shown to be worse, and which are not shown to be better than random maps.
   */
  static List<List<String>> summary(List<Comparison> comparisons) {
    List<List<String>> table = new ArrayList<>();
    table.add(List.of("METRIC", "BEST", "NOT SHOWN TO BE WORSE", "NOT SHOWN TO BEAT RANDOM MAPS"));
    for (Comparison compared : comparisons) {
      List<String> methods = compared.methods;
      int best = compared.best();
      int random = methods.indexOf(BaselineMaps.RANDOM);
      List<String> ties = new ArrayList<>();
      List<String> weak = new ArrayList<>();
      for (int i = 0; i < methods.size(); i++) {
        if (i != best && !compared.comparison.differ(best, i)) {
          ties.add(methods.get(i));
        }
        if (random >= 0 && i != random && !compared.beats(i, random)) {
          weak.add(methods.get(i));
        }
      }
      table.add(List.of(compared.metric.title(), methods.get(best), listed(ties), listed(weak)));
    }
    return table;
  }

  private static String listed(List<String> methods) {
    return methods.isEmpty() ? "-" : String.join(" ", methods);
  }

  /** Maps come from several threads in any order. */
  private List<Row> sorted(List<String> methods) {
    synchronized (rows) {
      if (!methods.equals(order) || rows.size() != ordered.size()) {
        order = methods;
        ordered =
            rows.stream()
                .sorted(
                    Comparator.comparingInt(Row::index)
                        .thenComparing(Row::label)
                        .thenComparingInt(row -> place(methods, row.method)))
                .toList();
      }
      return ordered;
    }
  }

  private static int place(List<String> methods, String method) {
    int place = methods.indexOf(method);
    return place >= 0
        ? place
        : method.equals(BaselineMaps.RANDOM) ? methods.size() : methods.size() + 1;
  }
}
