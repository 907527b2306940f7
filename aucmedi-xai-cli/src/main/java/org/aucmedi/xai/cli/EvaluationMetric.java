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
  POINTING_GAME(Needs.REGION, true, "0 to 1", "no passes"),
  MASS_ACCURACY(Needs.REGION, true, "0 to 1", "no passes"),
  RANK_ACCURACY(Needs.REGION, true, "0 to 1", "no passes"),
  AVERAGE_PRECISION(Needs.REGION, true, "0 to 1", "no passes"),
  IOU_OTSU(Needs.REGION, true, "0 to 1", "no passes"),
  IOU_AREA(Needs.REGION, true, "0 to 1", "no passes"),
  DELETION(Needs.FEW_PASSES, false, "the score's range", "--steps + 1 forward passes"),
  INSERTION(Needs.FEW_PASSES, true, "the score's range", "--steps + 1 forward passes"),
  ROAD(Needs.FEW_PASSES, true, "half the score's range around 0", "18 forward passes"),
  AVERAGE_DROP(Needs.FEW_PASSES, false, "0 to 1", "2 forward passes for the three of the mask"),
  INCREASE(Needs.FEW_PASSES, true, "0 or 1", "2 forward passes for the three of the mask"),
  AVERAGE_GAIN(Needs.FEW_PASSES, true, "0 to 1", "2 forward passes for the three of the mask"),
  INSERTION_MINUS_DELETION(
      Needs.MANY_PASSES,
      true,
      "the score's range around 0",
      "no passes beside insertion and deletion"),
  ROAD_MORF(Needs.MANY_PASSES, false, "the score's range", "9 forward passes, none beside ROAD"),
  ROAD_LERF(Needs.MANY_PASSES, true, "the score's range", "9 forward passes, none beside ROAD"),
  INFIDELITY(Needs.MANY_PASSES, false, "0 to 1", "--subsets + 1 forward passes"),
  FAITHFULNESS_CORRELATION(Needs.MANY_PASSES, true, "-1 to 1", "--subsets + 1 forward passes"),
  SENSITIVITY_N(Needs.MANY_PASSES, true, "-1 to 1", "8 times --subsets + 1 forward passes"),
  COMPLETENESS_DELTA(Needs.MANY_PASSES, false, "from 0, in units of the score", "2 forward passes"),
  MAX_SENSITIVITY(Needs.MAPS, false, "from 0", "the method's passes for each of --neighbours"),
  RANDOM_LOGIT(Needs.MAPS, false, "-1 to 1", "the method's passes and 1 forward pass"),
  REPEATABILITY(Needs.MAPS, true, "-1 to 1", "the method's passes, none without a seed"),
  REPRODUCIBILITY(Needs.MAPS, true, "-1 to 1", "the method's passes of --second-model"),
  RANDOMISATION(Needs.MAPS, false, "-1 to 1", "the method's passes"),
  SPARSENESS(Needs.NOTHING, true, "0 to 1", "no passes"),
  COMPLEXITY(Needs.NOTHING, false, "0 to ln n for n pixels", "no passes");

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
  private final String range;
  private final String cost;

  EvaluationMetric(Needs needs, boolean higherIsBetter, String range, String cost) {
    this.needs = needs;
    this.higherIsBetter = higherIsBetter;
    this.range = range;
    this.cost = cost;
  }

  /** Which values are better, which there are, and the passes for a map. */
  String about() {
    String direction =
        isCompared()
            ? (higherIsBetter ? "higher is better" : "lower is better")
            : (higherIsBetter ? "higher is more concise" : "lower is more concise");
    return direction + "; " + range + "; " + cost;
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

  /** Whether baselines can be compared with: they have no maps that change. */
  boolean hasBaselines() {
    return needs != Needs.MAPS;
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
      case REPRODUCIBILITY -> map.reproducibility();
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
