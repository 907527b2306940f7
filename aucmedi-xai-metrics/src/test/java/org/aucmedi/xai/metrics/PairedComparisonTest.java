package org.aucmedi.xai.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PairedComparisonTest {

  /**
   * Table 6 of the paper, with the ranks that it gives: AUC of four classifiers on 14 data sets.
   */
  private static final double[][] DEMSAR = {
    {0.763, 0.768, 0.771, 0.798},
    {0.599, 0.591, 0.590, 0.569},
    {0.954, 0.971, 0.968, 0.967},
    {0.628, 0.661, 0.654, 0.657},
    {0.882, 0.888, 0.886, 0.898},
    {0.936, 0.931, 0.916, 0.931},
    {0.661, 0.668, 0.609, 0.685},
    {0.583, 0.583, 0.563, 0.625},
    {0.775, 0.838, 0.866, 0.875},
    {1.000, 1.000, 1.000, 1.000},
    {0.940, 0.962, 0.965, 0.962},
    {0.619, 0.666, 0.614, 0.669},
    {0.972, 0.981, 0.975, 0.9749},
    {0.957, 0.978, 0.946, 0.970}
  };

  private static List<double[]> columns(double[][] rows) {
    return List.of(column(rows, 0), column(rows, 1), column(rows, 2), column(rows, 3));
  }

  private static double[] column(double[][] rows, int column) {
    return Arrays.stream(rows).mapToDouble(row -> row[column]).toArray();
  }

  @Test
  void of_exampleOfThePaper_hasItsRanksAndCriticalDifference() {
    PairedComparison found = PairedComparison.of(columns(DEMSAR), true);
    double[] ranks = found.meanRanks().stream().mapToDouble(Double::doubleValue).toArray();
    assertThat(ranks).containsExactly(new double[] {3.143, 2.000, 2.893, 1.964}, within(1e-3));
    assertThat(found.criticalDifference()).isCloseTo(1.25, within(5e-3));
    // The paper's 9.28 has no correction for ties: divide by 1 - 78 / 840.
    double chi = 12.0 / (14 * 4 * 5) * (44 * 44 + 28 * 28 + 40.5 * 40.5 + 27.5 * 27.5) - 3 * 14 * 5;
    assertThat(chi).isCloseTo(9.28, within(5e-3));
    assertThat(found.friedman()).isCloseTo(chiSquared3(chi / (1 - 78.0 / 840)), within(1e-7));
    assertThat(found.pairs()).hasSize(6);
    assertThat(PairedComparison.of(columns(DEMSAR), false).meanRanks().get(1))
        .isCloseTo(3, within(1e-12));
  }

  /**
   * The upper tail with three degrees of freedom, 2 (1 - Phi(sqrt x)) + sqrt(2 x / pi) e^(-x/2).
   */
  private static double chiSquared3(double x) {
    double tail = 0;
    double step = 1e-4;
    for (double z = Math.sqrt(x) + step / 2; z < 12; z += step) {
      tail += 2 * step * Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI);
    }
    return tail + Math.sqrt(2 * x / Math.PI) * Math.exp(-x / 2);
  }

  @Test
  void nemenyi_ofTwoToTenMethods_areThePapersTable() {
    double[] table = {1.960, 2.343, 2.569, 2.728, 2.850, 2.949, 3.031, 3.102, 3.164};
    for (int k = 2; k <= 10; k++) {
      assertThat(PairedComparison.nemenyi(k))
          .as("%s methods", k)
          .isCloseTo(table[k - 2], within(1.01e-3));
    }
  }

  @Test
  void wilcoxon_fewDifferences_isExact() {
    // All of six on one side: two of 2^6 signs.
    assertThat(PairedComparison.wilcoxon(1, 2, 3, 4, 5, 6)).isCloseTo(2.0 / 64, within(1e-12));
    assertThat(PairedComparison.wilcoxon(-1, -2, -3, -4, -5)).isCloseTo(2.0 / 32, within(1e-12));
    // Seven of 16 sets of the ranks 1 to 4 have a sum of 6 or more.
    assertThat(PairedComparison.wilcoxon(1, 2, 3, -4)).isCloseTo(2 * 7.0 / 16, within(1e-12));
  }

  @Test
  void wilcoxon_ties_areCorrectedForInTheNormalApproximation() {
    // W = 21, mean 10.5, variance 6 * 7 * 13 / 24 - (6^3 - 6) / 48 = 18.375, half a rank off.
    double z = (21 - 10.5 - 0.5) / Math.sqrt(18.375);
    assertThat(z).isCloseTo(2.3328, within(1e-4));
    assertThat(PairedComparison.wilcoxon(1, 1, 1, 1, 1, 1)).isCloseTo(0.019657, within(2e-5));
    assertThat(PairedComparison.wilcoxon(0, 0, 0)).isEqualTo(1);
  }

  @Test
  void holm_threeValues_areByHand() {
    assertThat(PairedComparison.holm(0.01, 0.04, 0.03)).containsExactly(0.03, 0.06, 0.06);
    assertThat(PairedComparison.holm(0.9, 0.5)).containsExactly(1, 1);
  }

  @Test
  void differ_sixImagesOnOneSide_isTrueForAPairAlone() {
    double[] low = {1, 2, 3, 4, 5, 6};
    double[] high = {2, 4, 6, 8, 10, 12};
    PairedComparison two = PairedComparison.of(List.of(low, high), true);
    assertThat(two.differ(0, 1)).isTrue();
    assertThat(two.differ(1, 0)).isTrue();
    assertThat(two.friedman()).isNaN();
    assertThat(two.criticalDifference()).isNaN();
    assertThat(two.pairs().get(0).difference()).isEqualTo(-3.5);
    // With a third the correction makes of 2/64 three times that.
    PairedComparison three = PairedComparison.of(List.of(low, high, low.clone()), true);
    assertThat(three.differ(0, 1)).isFalse();
    assertThat(three.pairs().get(0).adjusted()).isCloseTo(6.0 / 64, within(1e-12));
    assertThat(three.pairs().get(1).p()).isEqualTo(1);
  }

  @Test
  void of_valuesAlikeUpToRounding_doNotDiffer() {
    double[] values = {1, 2, 3, 4, 5, 6, 7, 8};
    double[] rounded = Arrays.stream(values).map(value -> value * (1 + 5e-7)).toArray();
    double[] other = Arrays.stream(values).map(value -> value * (1 + 5e-6)).toArray();
    PairedComparison found = PairedComparison.of(List.of(values, rounded), true);
    assertThat(found.pairs().get(0).p()).isEqualTo(1);
    assertThat(found.meanRanks()).containsExactly(1.5, 1.5);
    assertThat(PairedComparison.of(List.of(values, other), true).pairs().get(0).p())
        .isCloseTo(2.0 / 256, within(1e-12));
  }

  @Test
  void of_tooLittleOrNaN_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PairedComparison.of(List.of(new double[2]), true))
        .withMessageContaining("two methods, got 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PairedComparison.of(List.of(new double[2], new double[3]), true))
        .withMessageContaining("each of 2 images");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> PairedComparison.of(List.of(new double[] {1}, new double[] {Double.NaN}), true))
        .withMessageContaining("NaN");
  }
}
