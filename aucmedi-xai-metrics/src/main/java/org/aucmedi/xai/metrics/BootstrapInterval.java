package org.aucmedi.xai.metrics;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * How far a mean may be off because the images are a sample: the percentile bootstrap (B. Efron, <a
 * href="https://doi.org/10.1214/aos/1176344552">Bootstrap Methods: Another Look at the
 * Jackknife</a>, 1979).
 *
 * <p>As many values as there are are drawn from them with replacement, again and again; 95 % of the
 * means of these draws lie in the interval. With fewer than some twenty values it is too narrow.
 *
 * @param mean the mean of the values
 * @param low the lower end
 * @param high the upper end
 */
public record BootstrapInterval(double mean, double low, double high) {

  private static final int DRAWS = 2000;
  private static final double TAIL = 0.025;

  /**
   * Computes the interval of a mean, by 2000 draws; the same values give the same interval.
   *
   * @param values one per image, at least one; finite
   * @return their mean, and the interval at 95 %
   * @throws IllegalArgumentException if there are no values, or one is not finite
   */
  public static BootstrapInterval of(double... values) {
    checkArgument(values.length > 0, "an interval needs at least one value");
    for (double value : values) {
      checkArgument(Double.isFinite(value), "values must be finite, got %s", value);
    }
    SplittableRandom random = new SplittableRandom(values.length);
    double[] means = new double[DRAWS];
    for (int draw = 0; draw < DRAWS; draw++) {
      double sum = 0;
      for (int i = 0; i < values.length; i++) {
        sum += values[random.nextInt(values.length)];
      }
      means[draw] = sum / values.length;
    }
    Arrays.sort(means);
    int tail = (int) Math.round(TAIL * DRAWS);
    return new BootstrapInterval(
        Arrays.stream(values).average().orElseThrow(), means[tail], means[DRAWS - 1 - tail]);
  }
}
