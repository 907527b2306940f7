package org.aucmedi.xai.cli;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.aucmedi.xai.metrics.AveragePrecision;
import org.aucmedi.xai.metrics.Complexity;
import org.aucmedi.xai.metrics.IntersectionOverUnion;
import org.aucmedi.xai.metrics.RelevanceMassAccuracy;
import org.aucmedi.xai.metrics.RelevanceRankAccuracy;
import org.aucmedi.xai.metrics.Sparseness;

/** What {@code evaluate} measures of a map. */
enum EvaluationMetric {
  POINTING_GAME(Needs.REGION, true),
  MASS_ACCURACY(Needs.REGION, true),
  RANK_ACCURACY(Needs.REGION, true),
  AVERAGE_PRECISION(Needs.REGION, true),
  IOU_OTSU(Needs.REGION, true),
  IOU_AREA(Needs.REGION, true),
  DELETION(Needs.FEW_PASSES, false),
  INSERTION(Needs.FEW_PASSES, true),
  ROAD(Needs.FEW_PASSES, true),
  AVERAGE_DROP(Needs.FEW_PASSES, false),
  INCREASE(Needs.FEW_PASSES, true),
  AVERAGE_GAIN(Needs.FEW_PASSES, true),
  INSERTION_MINUS_DELETION(Needs.MANY_PASSES, true),
  ROAD_MORF(Needs.MANY_PASSES, false),
  ROAD_LERF(Needs.MANY_PASSES, true),
  INFIDELITY(Needs.MANY_PASSES, false),
  FAITHFULNESS_CORRELATION(Needs.MANY_PASSES, true),
  SENSITIVITY_N(Needs.MANY_PASSES, true),
  COMPLETENESS_DELTA(Needs.MANY_PASSES, false),
  MAX_SENSITIVITY(Needs.MAPS, false),
  RANDOM_LOGIT(Needs.MAPS, false),
  REPEATABILITY(Needs.MAPS, true),
  RANDOMISATION(Needs.MAPS, false),
  SPARSENESS(Needs.NOTHING, true),
  COMPLEXITY(Needs.NOTHING, false);

  /** What a metric needs besides the map. */
  private enum Needs {
    NOTHING,
    REGION,
    FEW_PASSES,
    MANY_PASSES,
    MAPS
  }

  private final Needs needs;
  private final boolean higherIsBetter;

  EvaluationMetric(Needs needs, boolean higherIsBetter) {
    this.needs = needs;
    this.higherIsBetter = higherIsBetter;
  }

  /** Whether it asks where the object is. */
  boolean needsRegion() {
    return needs == Needs.REGION;
  }

  /** Whether it is measured unless it is asked for: it is cheap, and makes sense for any method. */
  boolean isDefault() {
    return needs != Needs.MANY_PASSES && needs != Needs.MAPS;
  }

  /** Whether it has a value only for scores that are probabilities. */
  boolean needsProbabilities() {
    return this == AVERAGE_DROP || this == AVERAGE_GAIN;
  }

  boolean higherIsBetter() {
    return higherIsBetter;
  }

  /** Whether better values say something of the map, other than how concise it is. */
  boolean isCompared() {
    return needs != Needs.NOTHING;
  }

  /** The name, and which values are better or, of a map's look alone, more concise. */
  String title() {
    return this + (higherIsBetter ? " (high)" : " (low)");
  }

  /** Measures a map; NaN where it has no such value. */
  double of(EvaluatedMap map) {
    return switch (this) {
      case POINTING_GAME -> map.pointingGame();
      case MASS_ACCURACY -> RelevanceMassAccuracy.score(map.values(), map.region());
      case RANK_ACCURACY -> RelevanceRankAccuracy.score(map.values(), map.region());
      case AVERAGE_PRECISION -> AveragePrecision.score(map.values(), map.region());
      case IOU_OTSU -> IntersectionOverUnion.atOtsu(map.values(), map.region());
      case IOU_AREA -> IntersectionOverUnion.atArea(map.values(), map.region());
      case DELETION, INSERTION -> map.curve(this).area();
      case INSERTION_MINUS_DELETION -> map.curve(INSERTION).area() - map.curve(DELETION).area();
      case ROAD_MORF, ROAD_LERF -> map.curve(this).mean();
      case ROAD -> map.road();
      case AVERAGE_DROP -> map.masked().areProbabilities() ? map.masked().drop() : Double.NaN;
      case INCREASE -> map.masked().increase();
      case AVERAGE_GAIN -> map.masked().areProbabilities() ? map.masked().gain() : Double.NaN;
      case INFIDELITY -> map.infidelity();
      case FAITHFULNESS_CORRELATION -> map.faithfulnessCorrelation();
      case SENSITIVITY_N -> map.sensitivityN();
      case COMPLETENESS_DELTA -> map.completenessDelta();
      case MAX_SENSITIVITY -> map.maxSensitivity();
      case RANDOM_LOGIT -> map.randomLogit();
      case RANDOMISATION -> map.randomisation();
      case REPEATABILITY -> map.repeatability();
      case SPARSENESS -> Sparseness.score(map.values());
      case COMPLEXITY -> Complexity.score(map.values());
    };
  }

  /** Reads a name. */
  static EvaluationMetric of(String name) {
    return Arrays.stream(values())
        .filter(metric -> metric.toString().equals(name.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "'"
                        + name
                        + "' is no metric; use one of "
                        + Arrays.stream(values())
                            .map(EvaluationMetric::toString)
                            .collect(Collectors.joining(", "))));
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
