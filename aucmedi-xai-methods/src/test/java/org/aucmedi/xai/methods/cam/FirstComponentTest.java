package org.aucmedi.xai.methods.cam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FirstComponentTest {

  private final SplittableRandom random = new SplittableRandom(5);

  /** More channels than positions, fewer, and one of either. */
  @ParameterizedTest
  @CsvSource({"3, 50", "50, 3", "7, 7", "1, 9", "9, 2"})
  void project_randomValues_isWhatPowerIterationFinds(int channels, int positions) {
    double[][] values = new double[channels][positions];
    for (double[] channel : values) {
      Arrays.setAll(channel, i -> random.nextDouble() * 4 - 1);
    }
    double[][] centred = new double[channels][positions];
    for (int k = 0; k < channels; k++) {
      double mean = Arrays.stream(values[k]).average().orElseThrow();
      int row = k;
      Arrays.setAll(centred[k], i -> values[row][i] - mean);
    }
    // Any start with all directions in it; 20000 rounds tell even close singular values apart.
    double[] map = new double[positions];
    Arrays.setAll(map, i -> random.nextDouble());
    double[] direction = new double[channels];
    for (int round = 0; round < 20_000; round++) {
      double length = 0;
      for (int k = 0; k < channels; k++) {
        direction[k] = dot(centred[k], map);
        length += direction[k] * direction[k];
      }
      Arrays.fill(map, 0);
      for (int k = 0; k < channels; k++) {
        direction[k] /= Math.sqrt(length);
        for (int i = 0; i < positions; i++) {
          map[i] += centred[k][i] * direction[k];
        }
      }
    }
    double sign = Arrays.stream(direction).sum() < 0 ? -1 : 1;

    double[] found = FirstComponent.project(values);

    for (int i = 0; i < positions; i++) {
      assertThat(found[i]).as("position %s", i).isCloseTo(sign * map[i], within(1e-9));
    }
  }

  @Test
  void project_onePattern_isThatPatternWithoutItsMean() {
    double[] pattern = {1, 4, -2, 5};
    double[][] values = new double[3][4];
    double[] weights = {2, -1, 2};
    for (int k = 0; k < 3; k++) {
      double weight = weights[k];
      Arrays.setAll(values[k], i -> weight * pattern[i] + 10);
    }
    // The length of (2, -1, 2) is 3, the pattern's mean 2.
    assertThat(FirstComponent.project(values))
        .containsExactly(new double[] {-3, 6, -12, 9}, within(1e-9));
    for (double[] channel : values) {
      Arrays.setAll(channel, i -> -channel[i]);
    }
    assertThat(FirstComponent.project(values))
        .containsExactly(new double[] {3, -6, 12, -9}, within(1e-9));
  }

  @Test
  void project_theSameEverywhere_isExactlyNothing() {
    double[][] values = new double[3][7];
    Arrays.fill(values[0], 0.1);
    Arrays.fill(values[1], -1 / 3.0);
    assertThat(FirstComponent.project(values)).containsOnly(0);
  }

  @Test
  void project_valueThatIsNotFinite_isNaN() {
    for (double odd : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThat(FirstComponent.project(new double[][] {{1, odd, 2}, {0, 1, 0}}))
          .containsOnly(Double.NaN);
    }
  }

  /** A matrix of positions by positions would take 8 GiB. */
  @Test
  void project_manyPositions_takesMemoryForTheValuesAlone() {
    double[][] values = new double[4][32 * 32 * 32];
    for (double[] channel : values) {
      Arrays.setAll(channel, i -> random.nextDouble());
    }
    assertThat(Arrays.stream(FirstComponent.project(values)).sum()).isCloseTo(0, within(1e-6));
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
