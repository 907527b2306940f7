package org.aucmedi.xai.cli;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.aucmedi.xai.MethodCost;
import org.aucmedi.xai.cli.EvaluationResults.Comparison;
import org.jspecify.annotations.Nullable;

/**
 * Chooses a method by what was measured, and says why.
 *
 * <ol>
 *   <li>A method whose maps stay alike when the network forgets is out.
 *   <li>A method that ROAD does not tell from random maps is out.
 *   <li>Of the rest, those that are worse than the best by more than chance are out: by ROAD, by
 *       insertion minus deletion, and by rank accuracy where it is known where the object is.
 *   <li>Those that are left tie, and the one with the fewest passes is taken.
 * </ol>
 *
 * @param method the method, or null if none can be recommended
 * @param reasons one sentence each
 */
record Recommendation(@Nullable String method, List<String> reasons) {

  /** A rank correlation above which maps of a network without knowledge are alike. */
  static final double ALIKE = 0.5;

  private static final List<EvaluationMetric> DECISIVE =
      List.of(
          EvaluationMetric.ROAD,
          EvaluationMetric.INSERTION_MINUS_DELETION,
          EvaluationMetric.RANK_ACCURACY);

  /** Copies the reasons. */
  Recommendation {
    reasons = List.copyOf(reasons);
  }

  /**
   * Chooses.
   *
   * @param comparisons of the methods and the baselines
   * @param costs the passes for a map of each method, in the order asked for
   * @param alike for each method how alike its maps stay when all weights are randomised; empty if
   *     that was not measured
   */
  static Recommendation of(
      List<Comparison> comparisons,
      Map<String, MethodCost.Passes> costs,
      Map<String, Double> alike) {
    Map<EvaluationMetric, Comparison> byMetric = new LinkedHashMap<>();
    comparisons.forEach(compared -> byMetric.put(compared.metric(), compared));
    List<String> reasons = new ArrayList<>();
    List<String> left = new ArrayList<>(costs.keySet());
    Comparison road = byMetric.get(EvaluationMetric.ROAD);
    for (String method : costs.keySet()) {
      Double correlation = alike.get(method);
      if (correlation != null && correlation > ALIKE) {
        left.remove(method);
        reasons.add(
            String.format(
                Locale.ROOT,
                "%s is out: its maps stay alike when the network forgets what it has learnt (rank"
                    + " correlation %.2f, more than %.1f)",
                method,
                correlation,
                ALIKE));
      } else if (road == null || !road.beats(method, BaselineMaps.RANDOM)) {
        left.remove(method);
        reasons.add(
            method + " is out: ROAD does not show that it is more faithful than random maps");
      }
    }
    if (left.isEmpty()) {
      reasons.add(
          "no method is left; give more images, or other methods, and check that the images are"
              + " prepared as the model was trained");
      return new Recommendation(null, reasons);
    }
    for (EvaluationMetric metric : DECISIVE) {
      Comparison compared = byMetric.get(metric);
      if (compared != null && left.size() > 1 && compared.methods().containsAll(left)) {
        keepBest(compared, left, reasons);
      }
    }
    return new Recommendation(cheapest(left, costs, reasons), reasons);
  }

  private static void keepBest(Comparison compared, List<String> left, List<String> reasons) {
    String best = compared.best(left);
    List<String> worse = left.stream().filter(method -> compared.beats(best, method)).toList();
    left.removeAll(worse);
    reasons.add(
        compared.metric()
            + ": "
            + best
            + " is the best"
            + (worse.isEmpty()
                ? ", and the others are not shown to be worse"
                : ", and better by more than chance than " + String.join(", ", worse)));
  }

  private static String cheapest(
      List<String> left, Map<String, MethodCost.Passes> costs, List<String> reasons) {
    String cheapest =
        left.stream().min(Comparator.comparingLong(method -> passes(costs, method))).orElseThrow();
    reasons.add(
        left.size() == 1
            ? cheapest + " is the one that is left"
            : String.join(", ", left)
                + " tie: on these images their differences may be chance; "
                + cheapest
                + " takes the fewest passes for a map, "
                + passes(costs, cheapest));
    return cheapest;
  }

  private static long passes(Map<String, MethodCost.Passes> costs, String method) {
    MethodCost.Passes passes = costs.get(method);
    return passes == null ? Long.MAX_VALUE : passes.forward() + passes.backward();
  }
}
