package org.aucmedi.xai.cli;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.aucmedi.xai.metrics.AveragePrecision;
import org.aucmedi.xai.metrics.Complexity;
import org.aucmedi.xai.metrics.IntersectionOverUnion;
import org.aucmedi.xai.metrics.PointingGame;
import org.aucmedi.xai.metrics.RelevanceMassAccuracy;
import org.aucmedi.xai.metrics.RelevanceRankAccuracy;
import org.aucmedi.xai.metrics.Sparseness;

/** What {@code evaluate} measures of a map. */
enum EvaluationMetric {
  POINTING_GAME(true, true),
  MASS_ACCURACY(true, true),
  RANK_ACCURACY(true, true),
  AVERAGE_PRECISION(true, true),
  IOU_OTSU(true, true),
  IOU_AREA(true, true),
  DELETION(false, false),
  INSERTION(false, true),
  SPARSENESS(false, true),
  COMPLEXITY(false, false);

  private final boolean needsRegion;
  private final boolean higherIsBetter;

  EvaluationMetric(boolean needsRegion, boolean higherIsBetter) {
    this.needsRegion = needsRegion;
    this.higherIsBetter = higherIsBetter;
  }

  /** Whether it asks where the object is. */
  boolean needsRegion() {
    return needsRegion;
  }

  /** The name, and which values are better or, of a map's look alone, more concise. */
  String title() {
    return this + (higherIsBetter ? " (high)" : " (low)");
  }

  double of(EvaluatedMap map) {
    return switch (this) {
      case POINTING_GAME -> PointingGame.score(map.values(), map.region());
      case MASS_ACCURACY -> RelevanceMassAccuracy.score(map.values(), map.region());
      case RANK_ACCURACY -> RelevanceRankAccuracy.score(map.values(), map.region());
      case AVERAGE_PRECISION -> AveragePrecision.score(map.values(), map.region());
      case IOU_OTSU -> IntersectionOverUnion.atOtsu(map.values(), map.region());
      case IOU_AREA -> IntersectionOverUnion.atArea(map.values(), map.region());
      case DELETION -> map.deletion();
      case INSERTION -> map.insertion();
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
