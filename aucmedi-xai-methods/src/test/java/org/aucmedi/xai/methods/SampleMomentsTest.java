package org.aucmedi.xai.methods;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class SampleMomentsTest {

  @Test
  void moments_ofSamplesFarFromZero_areThoseOfTheDefinitions() {
    SplittableRandom random = new SplittableRandom(4);
    double[] samples = random.doubles(50).map(value -> 1e6 + value * value).toArray();
    SampleMoments moments = SampleMoments.ofVariance(2);
    for (double sample : samples) {
      moments.add(i -> i == 0 ? sample : -3 * sample);
    }
    double mean = Arrays.stream(samples).average().orElseThrow();
    double variance = central(samples, mean, 2) * 50 / 49;
    double ofVariance = Math.sqrt((central(samples, mean, 4) - variance * variance * 47 / 49) / 50);

    assertThat(moments.count()).isEqualTo(50);
    assertThat(moments.mean(0)).isCloseTo(mean, within(1e-8));
    assertThat(moments.variance(0)).isCloseTo(variance, within(1e-8 * variance));
    assertThat(moments.errorOfMean(0)).isCloseTo(Math.sqrt(variance / 50), within(1e-8));
    assertThat(moments.errorOfVariance(0)).isCloseTo(ofVariance, within(1e-6 * ofVariance));
    assertThat(moments.mean(1)).isCloseTo(-3 * mean, within(1e-8));
    assertThat(moments.variance(1)).isCloseTo(9 * variance, within(1e-7));
    assertThat(moments.errorOfVariance(1)).isCloseTo(9 * ofVariance, within(1e-5 * ofVariance));
    assertThat(moments.errorOfMean(1)).isCloseTo(3 * moments.errorOfMean(0), within(1e-8));
    assertThat(moments.largestErrorOfMean()).isEqualTo(moments.errorOfMean(1));
  }

  private static double central(double[] samples, double mean, int power) {
    return Arrays.stream(samples).map(x -> Math.pow(x - mean, power)).average().orElseThrow();
  }

  /** For a normal distribution of variance 1 it is the square root of 2 / n. */
  @Test
  void errorOfVariance_ofNormalSamples_isTheClosedForm() {
    SplittableRandom random = new SplittableRandom(5);
    SampleMoments moments = SampleMoments.ofVariance(40);
    for (int n = 0; n < 2000; n++) {
      moments.add(i -> random.nextGaussian());
    }
    double mean =
        IntStream.range(0, 40).mapToDouble(moments::errorOfVariance).average().orElseThrow();
    assertThat(mean).isCloseTo(Math.sqrt(2 / 2000.0), within(5e-4));
  }

  @Test
  void errors_ofOneSample_areUnknown() {
    SampleMoments moments = SampleMoments.ofVariance(1);
    moments.add(i -> 7);
    assertThat(moments.mean(0)).isEqualTo(7);
    assertThat(moments.variance(0)).isNaN();
    assertThat(moments.errorOfMean(0)).isNaN();
    assertThat(moments.errorOfVariance(0)).isNaN();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SampleMoments.ofMean(1).errorOfVariance(0))
        .withMessageContaining("variance");
  }
}
