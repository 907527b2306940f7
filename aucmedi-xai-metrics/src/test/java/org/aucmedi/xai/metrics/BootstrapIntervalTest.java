package org.aucmedi.xai.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class BootstrapIntervalTest {

  @Test
  void of_equalValues_hasNoWidth() {
    assertThat(BootstrapInterval.of(0.5, 0.5, 0.5)).isEqualTo(new BootstrapInterval(0.5, 0.5, 0.5));
    assertThat(BootstrapInterval.of(-2)).isEqualTo(new BootstrapInterval(-2, -2, -2));
  }

  @Test
  void of_manyNormalValues_isThatOfTheNormalDistribution() {
    SplittableRandom random = new SplittableRandom(3);
    double[] values = random.doubles(400).map(u -> 5 + random.nextGaussian()).toArray();
    double mean = Arrays.stream(values).average().orElseThrow();
    double variance = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum() / 400;
    double half = 1.96 * Math.sqrt(variance / 400);

    BootstrapInterval found = BootstrapInterval.of(values);

    assertThat(found.mean()).isEqualTo(mean);
    assertThat(found.low()).isCloseTo(mean - half, within(0.1 * half));
    assertThat(found.high()).isCloseTo(mean + half, within(0.1 * half));
  }

  @Test
  void of_samplesOfAKnownMean_coversItNineteenTimesInTwenty() {
    SplittableRandom random = new SplittableRandom(4);
    int covered = 0;
    for (int run = 0; run < 200; run++) {
      double[] values = random.doubles(60).toArray();
      BootstrapInterval found = BootstrapInterval.of(values);
      covered += found.low() <= 0.5 && 0.5 <= found.high() ? 1 : 0;
    }
    // 190 expected, with a standard deviation of 3.1.
    assertThat(covered).isBetween(178, 199);
  }

  @Test
  void of_nothingOrNaN_isRefused() {
    assertThatIllegalArgumentException().isThrownBy(BootstrapInterval::of);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BootstrapInterval.of(1, Double.NaN))
        .withMessageContaining("NaN");
  }
}
