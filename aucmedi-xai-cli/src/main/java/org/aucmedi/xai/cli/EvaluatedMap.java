package org.aucmedi.xai.cli;

import com.google.common.base.Supplier;
import com.google.common.base.Suppliers;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.aucmedi.xai.Objective;
import org.aucmedi.xai.array.LinearInterpolation;
import org.aucmedi.xai.array.LinearInterpolation.BorderMode;
import org.aucmedi.xai.array.Placement;
import org.aucmedi.xai.array.Range;
import org.aucmedi.xai.decoder.DataGenerator;
import org.aucmedi.xai.metrics.CompletenessDelta;
import org.aucmedi.xai.metrics.Curve;
import org.aucmedi.xai.metrics.Infidelity;
import org.aucmedi.xai.metrics.MaskedScore;
import org.aucmedi.xai.metrics.MaxSensitivity;
import org.aucmedi.xai.metrics.PixelRemoval;
import org.aucmedi.xai.metrics.PointingGame;
import org.aucmedi.xai.metrics.RankCorrelation;
import org.aucmedi.xai.metrics.Road;
import org.aucmedi.xai.metrics.SensitivityN;
import org.jspecify.annotations.Nullable;

/** A map as the metrics look at it; what several of them need is computed once. */
final class EvaluatedMap {

  /** The share of pixels in the sets of the faithfulness correlation. */
  private static final double SUBSET = 0.1;

  private final float[] raw;
  private final float[] onImage;
  private final float[] onInput;
  private final int[] sizes;
  private final boolean @Nullable [] where;
  private final ScoredImage image;
  private final Makers makers;
  private final EvaluationSettings settings;
  private final long seed;
  private final Map<EvaluationMetric, Curve> curves = new LinkedHashMap<>();
  private final Supplier<MaskedScore> masked = Suppliers.memoize(this::computeMasked);

  /**
   * What makes the map of an image again.
   *
   * @param again as it was made
   * @param otherSeed with another random seed; null if the method has none
   * @param forgetful of the model with random weights; null if that is not asked for
   * @param second of another model; null if that is not asked for
   */
  record Makers(
      MapMaker again,
      @Nullable MapMaker otherSeed,
      @Nullable MapMaker forgetful,
      @Nullable MapMaker second) {

    /** Of a map that is the same whatever the image and the model. */
    static Makers fixed(float[] map, int[] shape, @Nullable MapMaker otherSeed) {
      MapMaker same = MapMaker.fixed(map, shape);
      return new Makers(same, otherSeed, same, same);
    }
  }

  /**
   * Looks at a map.
   *
   * @param raw its values, row-major
   * @param shape its own resolution
   * @param sample the image that it explains
   * @param where whether the object is there, for each pixel of the file's image, or null
   * @param image its score
   * @param makers makes the map again
   * @param settings how it is measured
   * @param seed of everything random, the same for all maps of an image
   */
  EvaluatedMap(
      float[] raw,
      int[] shape,
      DataGenerator.Sample sample,
      boolean @Nullable [] where,
      ScoredImage image,
      Makers makers,
      EvaluationSettings settings,
      long seed) {
    this.raw = raw;
    this.where = where;
    this.image = image;
    this.makers = makers;
    this.settings = settings;
    this.seed = seed;
    sizes = sample.original().spatialShape();
    Placement placement = sample.placement();
    onImage =
        placement == null || placement.isSame()
            ? resized(raw, shape, sizes)
            : placement.back(resized(raw, shape, placement.after()), 0);
    onInput = resized(raw, shape, sample.input().spatialShape());
  }

  private static float[] resized(float[] values, int[] from, int[] to) {
    return Arrays.equals(from, to)
        ? values
        : LinearInterpolation.resize(values, from, to, 1, BorderMode.ofRank(to.length));
  }

  /** The map in the size of the image in the file. */
  float[] values() {
    return onImage;
  }

  boolean[] region() {
    return Objects.requireNonNull(where, "region");
  }

  double pointingGame() {
    return PointingGame.score(onImage, region(), sizes, settings.tolerance());
  }

  /** The curve that deletion, insertion or a part of ROAD is made of. */
  Curve curve(EvaluationMetric metric) {
    Curve known = curves.get(metric);
    if (known == null) {
      known = compute(metric);
      curves.put(metric, known);
    }
    return known;
  }

  /** The curves that were computed, by the metric that they belong to. */
  Map<EvaluationMetric, Curve> curves() {
    return Map.copyOf(curves);
  }

  private Curve compute(EvaluationMetric metric) {
    int steps = Math.min(settings.steps(), onInput.length);
    return switch (metric) {
      case DELETION ->
          PixelRemoval.deletion(
              image.values(), image.fill(), image.axes(), onInput, steps, image.scorer());
      case INSERTION ->
          PixelRemoval.insertion(
              image.values(), image.fill(), image.axes(), onInput, steps, image.scorer());
      case ROAD_MORF ->
          Road.mostRelevantFirst(image.values(), image.axes(), onInput, seed, image.scorer());
      case ROAD_LERF ->
          Road.leastRelevantFirst(image.values(), image.axes(), onInput, seed, image.scorer());
      default -> throw new IllegalArgumentException(metric + " has no curve");
    };
  }

  double road() {
    return Road.combined(curve(EvaluationMetric.ROAD_MORF), curve(EvaluationMetric.ROAD_LERF));
  }

  MaskedScore masked() {
    return masked.get();
  }

  private MaskedScore computeMasked() {
    return MaskedScore.of(image.values(), image.black(), image.axes(), onInput, image.scorer());
  }

  double infidelity() {
    return Infidelity.normalised(
        image.values(),
        image.fill(),
        image.axes(),
        onInput,
        settings.subsets(),
        seed,
        image.scorer());
  }

  double faithfulnessCorrelation() {
    int size = (int) Math.max(1, Math.round(SUBSET * onInput.length));
    return SensitivityN.correlation(
        image.values(),
        image.fill(),
        image.axes(),
        onInput,
        size,
        settings.subsets(),
        seed,
        image.scorer());
  }

  double sensitivityN() {
    return SensitivityN.curve(
            image.values(),
            image.fill(),
            image.axes(),
            onInput,
            settings.subsets(),
            seed,
            image.scorer())
        .mean();
  }

  double completenessDelta() {
    return CompletenessDelta.score(image.values(), image.fill(), image.axes(), raw, image.scorer());
  }

  double maxSensitivity() {
    float[] values = image.values();
    Range range = Range.of(values);
    double radius = settings.radius() * ((double) range.max() - range.min());
    if (radius == 0) {
      return Double.NaN;
    }
    return MaxSensitivity.score(
        values,
        raw,
        (float) radius,
        settings.neighbours(),
        seed,
        images ->
            images.stream()
                .map(noisy -> makers.again.map(image.withValues(noisy), image.objective()).values())
                .toList());
  }

  /** Compares with the map of another class; NaN where there is none. */
  double randomLogit() {
    int classes = image.classes();
    if (!(image.objective() instanceof Objective.OfClass own) || classes < 2) {
      return Double.NaN;
    }
    int other = new SplittableRandom(seed).nextInt(classes - 1);
    Objective drawn = new Objective.OfClass(other < own.classIndex() ? other : other + 1);
    return RankCorrelation.of(raw, makers.again.map(image.input(), drawn).values());
  }

  double repeatability() {
    MapMaker other = makers.otherSeed;
    return other == null
        ? 1
        : RankCorrelation.of(raw, other.map(image.input(), image.objective()).values());
  }

  /** Compares with the map of the same class by another model, in the size of the input. */
  double reproducibility() {
    MapMaker other = makers.second;
    if (other == null) {
      return Double.NaN;
    }
    MapMaker.Made made = other.map(image.input(), image.objective());
    return RankCorrelation.of(
        onInput, resized(made.values(), made.shape(), image.input().spatialShape()));
  }

  /** Compares with the map of the same class when all weights are random. */
  double randomisation() {
    MapMaker other = makers.forgetful;
    return other == null
        ? Double.NaN
        : RankCorrelation.ofMagnitudes(raw, other.map(image.input(), image.objective()).values());
  }
}
