package org.aucmedi.xai.cli;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import com.google.common.util.concurrent.ExecutionError;
import com.google.common.util.concurrent.UncheckedExecutionException;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.Objective;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.decoder.DataGenerator;
import org.aucmedi.xai.decoder.ExplanationSink;
import org.aucmedi.xai.metrics.RegionSize;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/** Measures maps as they come, and {@linkplain BaselineMaps those that any method has to beat}. */
final class Evaluation {

  private final ExplainableModel model;
  private final DataGenerator images;
  private final List<EvaluationMetric> metrics;
  private final ObjectRegions regions;
  private final EvaluationSettings settings;
  private final EvaluationResults results;
  private final Set<List<Object>> compared = Collections.synchronizedSet(new HashSet<>());
  private final Set<String> withoutRegion = Collections.synchronizedSet(new TreeSet<>());

  /** Images that the next method will need again, as long as memory has room for them. */
  private final Cache<Integer, Prepared> prepared = CacheBuilder.newBuilder().softValues().build();

  /** An image, where the object is if that is known, and what hides its pixels. */
  private record Prepared(
      DataGenerator.Sample sample, boolean @Nullable [] region, float[] fill, float[] black) {}

  /**
   * Prepares an evaluation.
   *
   * @param model explains the images, and predicts variants of them
   * @param images the images
   * @param metrics what is measured
   * @param regions where the objects are
   * @param settings how it is measured
   */
  Evaluation(
      ExplainableModel model,
      DataGenerator images,
      List<EvaluationMetric> metrics,
      ObjectRegions regions,
      EvaluationSettings settings) {
    this.model = model;
    this.images = images;
    this.metrics = metrics;
    this.regions = regions;
    this.settings = settings;
    this.results = new EvaluationResults(metrics);
  }

  /**
   * Takes the maps of a method, raw and in their own resolution.
   *
   * @param method its key
   * @param makers makes its maps again
   */
  ExplanationSink of(String method, EvaluatedMap.Makers makers) {
    return (sample, map) -> {
      Prepared image = prepared(sample.index(), sample.name());
      Explained explained = new Explained(sample.index(), sample.name(), map.objective(), image);
      boolean finite = map.status() != MapStatus.NON_FINITE;
      add(explained, method, map.status(), finite ? map.values() : null, map.shape(), makers);
      if (compared.add(List.of(sample.index(), map.objective().label()))) {
        int[] shape = image.sample.input().spatialShape();
        float[] random = BaselineMaps.random(shape, sample.index());
        float[] other = BaselineMaps.random(shape, sample.index() + 1L + images.samples().size());
        float[] centre = BaselineMaps.centre(shape);
        add(
            explained,
            BaselineMaps.RANDOM,
            MapStatus.OK,
            random,
            shape,
            EvaluatedMap.Makers.fixed(random, shape, MapMaker.fixed(other, shape)));
        add(
            explained,
            BaselineMaps.CENTRE,
            MapStatus.OK,
            centre,
            shape,
            EvaluatedMap.Makers.fixed(centre, shape, null));
      }
      return List.of();
    };
  }

  /** An image, and what is explained of it. */
  private record Explained(int index, String sample, Objective objective, Prepared image) {}

  private Prepared prepared(int index, String name) {
    try {
      return prepared.get(index, () -> prepare(index, name));
    } catch (ExecutionException | UncheckedExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e);
    } catch (ExecutionError e) {
      // The run tries again where memory has run out.
      throw e.getCause() instanceof OutOfMemoryError cause ? cause : e;
    }
  }

  private Prepared prepare(int index, String name) {
    DataGenerator.Sample sample = images.load(index);
    boolean[] region = regions.of(name, sample.original().spatialShape()).orElse(null);
    ImageArray input = sample.input();
    float[] fill;
    try (var manager = model.newManager()) {
      fill = settings.fill().of(input.values(), ScoredImage.axes(input), manager);
    }
    return new Prepared(sample, region, fill, images.black(sample).values());
  }

  private void add(
      Explained explained,
      String method,
      MapStatus status,
      float @Nullable [] map,
      int[] shape,
      EvaluatedMap.Makers makers) {
    Prepared image = explained.image;
    double[] values = new double[metrics.size()];
    Arrays.fill(values, Double.NaN);
    if (map != null) {
      EvaluatedMap evaluated =
          new EvaluatedMap(
              map,
              shape,
              image.sample,
              image.region,
              new ScoredImage(
                  model, explained.objective, image.sample.input(), image.fill, image.black),
              makers,
              settings,
              explained.index);
      for (int m = 0; m < values.length; m++) {
        if (image.region != null || !metrics.get(m).needsRegion()) {
          values[m] = metrics.get(m).of(evaluated);
        } else {
          withoutRegion.add(explained.sample);
        }
      }
      results.addCurves(method, evaluated.curves());
    }
    results.add(
        new EvaluationResults.Row(
            explained.index,
            explained.sample,
            method,
            explained.objective.label(),
            status,
            image.region == null ? null : RegionSize.of(image.region, settings.sizes()),
            values));
  }

  /** The images of which nobody has said where the object is, though a metric asks. */
  Set<String> withoutRegion() {
    return withoutRegion;
  }

  /** What has been measured so far. */
  EvaluationResults results() {
    return results;
  }
}
