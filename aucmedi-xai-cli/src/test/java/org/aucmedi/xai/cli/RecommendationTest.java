package org.aucmedi.xai.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.aucmedi.xai.MethodCost.Passes;
import org.aucmedi.xai.cli.EvaluationResults.Comparison;
import org.aucmedi.xai.metrics.PairedComparison;
import org.junit.jupiter.api.Test;

final class RecommendationTest {

  private static final int IMAGES = 30;

  private static final List<String> METHODS =
      List.of("dear", "good", "cheap", "bad", BaselineMaps.RANDOM, BaselineMaps.CENTRE);

  private final Map<String, Passes> costs = new LinkedHashMap<>();

  RecommendationTest() {
    costs.put("dear", new Passes(50, 0));
    costs.put("good", new Passes(1, 2));
    costs.put("cheap", new Passes(1, 1));
    costs.put("bad", new Passes(1, 0));
  }

  /** Values around a level of each method, in the same order of images; equal levels tie. */
  private static Comparison comparison(EvaluationMetric metric, double... levels) {
    List<double[]> values = new ArrayList<>();
    for (int m = 0; m < levels.length; m++) {
      double[] own = new double[IMAGES];
      for (int n = 0; n < IMAGES; n++) {
        // Whichever of two with one level is better changes from image to image.
        own[n] = levels[m] + (0.001 + 1e-5 * n) * (((n + m) % 2) * 2 - 1);
      }
      values.add(own);
    }
    return new Comparison(metric, METHODS, IMAGES, PairedComparison.of(values, true));
  }

  private Recommendation recommend(Map<String, Double> alike, Comparison... comparisons) {
    return Recommendation.of(Arrays.asList(comparisons), costs, alike);
  }

  @Test
  void of_oneIsBetterThanAll_isTakenWhateverItCosts() {
    Recommendation found =
        recommend(Map.of(), comparison(EvaluationMetric.ROAD, 0.5, 0.3, 0.3, 0.2, 0, 0.1));
    assertThat(found.method()).isEqualTo("dear");
    assertThat(found.reasons())
        .containsExactly(
            "road: dear is the best, and better by more than chance than good, cheap, bad",
            "dear is the one that is left");
  }

  @Test
  void of_threeTie_takesTheCheapestAndNamesThem() {
    Recommendation found =
        recommend(Map.of(), comparison(EvaluationMetric.ROAD, 0.5, 0.5, 0.5, 0, 0, 0.1));
    assertThat(found.method()).isEqualTo("cheap");
    assertThat(found.reasons())
        .contains("bad is out: ROAD does not show that it is more faithful than random maps")
        .last()
        .isEqualTo(
            "dear, good, cheap tie: on these images their differences may be chance; cheap takes the"
                + " fewest passes for a map, 2");
  }

  @Test
  void of_tieByOneMetric_isBrokenByTheNext() {
    Recommendation found =
        recommend(
            Map.of(),
            comparison(EvaluationMetric.ROAD, 0.5, 0.5, 0.5, 0.1, 0, 0.1),
            comparison(EvaluationMetric.INSERTION_MINUS_DELETION, 0.4, 0.4, 0.4, 0.9, 0, 0),
            comparison(EvaluationMetric.RANK_ACCURACY, 0.2, 0.7, 0.2, 0.9, 0.2, 0.9));
    assertThat(found.method()).isEqualTo("good");
    assertThat(found.reasons())
        .anyMatch(
            reason ->
                reason.startsWith("insertion-minus-deletion: ")
                    && reason.endsWith("the others are not shown to be worse"))
        .anyMatch(reason -> reason.startsWith("rank-accuracy: good is the best"));
  }

  @Test
  void of_mapsThatStayWhenTheNetworkForgets_areOut() {
    Recommendation found =
        recommend(
            Map.of("dear", 0.93, "good", 0.1),
            comparison(EvaluationMetric.ROAD, 0.5, 0.4, 0.3, 0.2, 0, 0.1));
    assertThat(found.method()).isEqualTo("good");
    assertThat(found.reasons().get(0))
        .isEqualTo(
            "dear is out: its maps stay alike when the network forgets what it has learnt (rank"
                + " correlation 0.93, more than 0.5)");
  }

  @Test
  void of_noneBeatsRandomMaps_recommendsNone() {
    Recommendation found =
        recommend(Map.of(), comparison(EvaluationMetric.ROAD, 0, 0, 0, -0.1, 0, 0.1));
    assertThat(found.method()).isNull();
    assertThat(found.reasons()).hasSize(5).last().asString().startsWith("no method is left");
    assertThat(recommend(Map.of()).method()).isNull();
  }
}
