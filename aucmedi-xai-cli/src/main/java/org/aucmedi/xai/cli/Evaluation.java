package org.aucmedi.xai.cli;

import com.google.common.base.CharMatcher;
import com.google.common.base.Joiner;
import com.google.common.collect.Iterables;
import com.google.common.primitives.Ints;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.Objective;
import org.aucmedi.xai.decoder.DataGenerator;
import org.aucmedi.xai.decoder.ExplanationSink;
import org.aucmedi.xai.methods.Baseline;
import org.aucmedi.xai.metrics.BootstrapInterval;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/**
 * Measures maps as they come, and those that any method has to beat: random values, and a blob in
 * the middle of the image.
 */
final class Evaluation {

  private static final String RANDOM = "(random)";
  private static final String CENTRE = "(centre)";

  /** Of the blob, in half the length of an axis. */
  private static final double WIDTH = 0.5;

  private final ExplainableModel model;
  private final DataGenerator images;
  private final List<EvaluationMetric> metrics;
  private final ObjectRegions regions;
  private final Baseline fill;
  private final int steps;
  private final List<Row> rows = Collections.synchronizedList(new ArrayList<>());
  private final Set<List<Object>> compared = Collections.synchronizedSet(new HashSet<>());
  private final Set<String> withoutRegion = Collections.synchronizedSet(new TreeSet<>());

  /** One value; NaN where there is none. */
  private record Row(
      int index, String sample, String method, String label, MapStatus status, double[] values) {}

  /**
   * Prepares an evaluation.
   *
   * @param model explains the images, and predicts variants of them
   * @param images the images
   * @param metrics what is measured
   * @param regions where the objects are
   * @param fill what is behind the pixels that deletion hides
   * @param steps of deletion and insertion
   */
  Evaluation(
      ExplainableModel model,
      DataGenerator images,
      List<EvaluationMetric> metrics,
      ObjectRegions regions,
      Baseline fill,
      int steps) {
    this.model = model;
    this.images = images;
    this.metrics = metrics;
    this.regions = regions;
    this.fill = fill;
    this.steps = steps;
  }

  /** Takes the maps of a method, raw and in their own resolution. */
  ExplanationSink of(String method) {
    return (sample, map) -> {
      DataGenerator.Sample loaded = images.load(sample.index());
      boolean[] region = regions.of(sample.name(), loaded.original().spatialShape()).orElse(null);
      Explained explained =
          new Explained(sample.index(), sample.name(), map.objective(), loaded, region);
      boolean finite = map.status() != MapStatus.NON_FINITE;
      add(explained, method, map.status(), finite ? map.values() : null, map.shape());
      if (compared.add(List.of(sample.index(), map.objective().label()))) {
        int[] shape = loaded.input().spatialShape();
        add(explained, RANDOM, MapStatus.OK, random(shape, sample.index()), shape);
        add(explained, CENTRE, MapStatus.OK, centre(shape), shape);
      }
      return List.of();
    };
  }

  /** An image, what is explained of it, and where the object is if that is known. */
  private record Explained(
      int index,
      String sample,
      Objective objective,
      DataGenerator.Sample loaded,
      boolean @Nullable [] region) {}

  private void add(
      Explained explained, String method, MapStatus status, float @Nullable [] map, int[] shape) {
    double[] values = new double[metrics.size()];
    Arrays.fill(values, Double.NaN);
    if (map != null) {
      EvaluatedMap evaluated =
          EvaluatedMap.of(
              map,
              shape,
              explained.loaded,
              explained.region,
              onInput ->
                  new EvaluatedMap.Removal(
                      model, explained.objective, explained.loaded.input(), onInput, fill, steps));
      for (int m = 0; m < values.length; m++) {
        if (explained.region != null || !metrics.get(m).needsRegion()) {
          values[m] = metrics.get(m).of(evaluated);
        } else {
          withoutRegion.add(explained.sample);
        }
      }
    }
    rows.add(
        new Row(
            explained.index,
            explained.sample,
            method,
            explained.objective.label(),
            status,
            values));
  }

  private static float[] random(int[] shape, int index) {
    SplittableRandom random = new SplittableRandom(index);
    float[] values = new float[Ints.checkedCast(size(shape))];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble();
    }
    return values;
  }

  private static float[] centre(int[] shape) {
    float[] values = new float[Ints.checkedCast(size(shape))];
    for (int i = 0; i < values.length; i++) {
      double square = 0;
      int rest = i;
      for (int a = shape.length - 1; a >= 0; a--) {
        double fromCentre = (rest % shape[a] + 0.5) / shape[a] * 2 - 1;
        square += fromCentre * fromCentre;
        rest /= shape[a];
      }
      values[i] = (float) Math.exp(-square / (2 * WIDTH * WIDTH));
    }
    return values;
  }

  private static long size(int[] shape) {
    return Arrays.stream(shape).asLongStream().reduce(1, Math::multiplyExact);
  }

  /** The images of which nobody has said where the object is, though a metric asks. */
  Set<String> withoutRegion() {
    return withoutRegion;
  }

  /** The number of images that were measured. */
  int images() {
    return (int) sorted(List.of()).stream().map(Row::index).distinct().count();
  }

  /**
   * The means over all maps of each method, with their intervals at 95 %.
   *
   * @param methods in the order of the rows
   * @return the table, its header first
   */
  List<List<String>> table(List<String> methods) {
    List<List<String>> table = new ArrayList<>();
    table.add(
        Stream.concat(Stream.of("METHOD"), metrics.stream().map(EvaluationMetric::title)).toList());
    for (String method : Iterables.concat(methods, List.of(RANDOM, CENTRE))) {
      List<Row> own = sorted(methods).stream().filter(row -> row.method.equals(method)).toList();
      List<String> line = new ArrayList<>(List.of(method));
      for (int m = 0; m < metrics.size(); m++) {
        int metric = m;
        double[] values =
            own.stream().mapToDouble(row -> row.values[metric]).filter(Double::isFinite).toArray();
        line.add(values.length == 0 ? "-" : text(BootstrapInterval.of(values)));
      }
      table.add(line);
    }
    return table;
  }

  private static String text(BootstrapInterval interval) {
    return String.format(
        Locale.ROOT, "%.3f [%.3f, %.3f]", interval.mean(), interval.low(), interval.high());
  }

  /**
   * One line for each image, method and metric.
   *
   * @param methods in the order of the lines of an image
   * @return CSV as of RFC 4180; an empty value where there is none
   */
  String csv(List<String> methods) {
    StringBuilder csv = new StringBuilder("sample,method,explained,status,metric,value\n");
    for (Row row : sorted(methods)) {
      for (int m = 0; m < metrics.size(); m++) {
        double value = row.values[m];
        Joiner.on(',')
            .appendTo(
                csv,
                quoted(row.sample),
                quoted(row.method),
                quoted(row.label),
                MethodOption.textOf(row.status),
                metrics.get(m),
                Double.isFinite(value) ? Double.toString(value) : "")
            .append('\n');
      }
    }
    return csv.toString();
  }

  private static String quoted(String text) {
    return CharMatcher.anyOf(",\"\r\n").matchesAnyOf(text)
        ? '"' + text.replace("\"", "\"\"") + '"'
        : text;
  }

  /** Maps come from several threads in any order. */
  private List<Row> sorted(List<String> methods) {
    synchronized (rows) {
      return rows.stream()
          .sorted(
              Comparator.comparingInt(Row::index)
                  .thenComparing(Row::label)
                  .thenComparingInt(row -> place(methods, row.method)))
          .toList();
    }
  }

  private static int place(List<String> methods, String method) {
    int place = methods.indexOf(method);
    return place >= 0 ? place : method.equals(RANDOM) ? methods.size() : methods.size() + 1;
  }
}
