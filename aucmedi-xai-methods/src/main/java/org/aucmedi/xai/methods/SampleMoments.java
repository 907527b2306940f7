package org.aucmedi.xai.methods;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.aucmedi.xai.Attribution;
import org.aucmedi.xai.AttributionMethod;
import org.aucmedi.xai.MethodOption;

/**
 * Mean and variance of random maps, and how far they may be off, from one sample after another;
 * none is kept. In double precision, by the updates of Welford and Terriberry, so that a variance
 * far below the mean is not lost.
 */
public final class SampleMoments {

  /**
   * The diagnostic of methods that sample: the standard error of the values of a map, which falls
   * with the square root of the number of samples. Two in three values are off by less than their
   * standard error, nineteen in twenty by less than twice of it.
   */
  public static final String STANDARD_ERROR = "standard-error";

  /** The {@linkplain AttributionMethod#RELIABILITY reliability} at which a method may stop. */
  public static final MethodOption<Double> RELIABILITY =
      MethodOption.ofDouble(
              "reliability",
              "stop when a map of another seed would correlate this much; 0: use all samples")
          .range(0.0, 0.9999)
          .defaults(0.0);

  private final double[] means;
  private final double[] second;
  private final double[] third;
  private final double[] fourth;
  private final boolean fourMoments;
  private long count;

  /**
   * Adds standard errors to an attribution, and their mean as the diagnostic {@link
   * #STANDARD_ERROR}.
   *
   * @param made the attribution
   * @param error the standard error of each of its values
   * @return a copy with both
   */
  public static Attribution withErrors(Attribution made, IntToDoubleFunction error) {
    float[] errors = new float[made.values().length];
    double sum = 0;
    for (int i = 0; i < errors.length; i++) {
      double own = error.applyAsDouble(i);
      errors[i] = (float) own;
      sum += own;
    }
    return made.withStandardErrors(errors).withDiagnostic(STANDARD_ERROR, sum / errors.length);
  }

  private SampleMoments(int size, boolean fourMoments) {
    this.means = new double[size];
    this.second = new double[size];
    this.third = new double[fourMoments ? size : 0];
    this.fourth = new double[fourMoments ? size : 0];
    this.fourMoments = fourMoments;
  }

  /**
   * {@return moments for the mean and its standard error}
   *
   * @param size how many values a sample has
   */
  public static SampleMoments ofMean(int size) {
    return new SampleMoments(size, false);
  }

  /**
   * {@return moments for the variance and its standard error too; twice the memory}
   *
   * @param size how many values a sample has
   */
  public static SampleMoments ofVariance(int size) {
    return new SampleMoments(size, true);
  }

  /**
   * Adds a sample.
   *
   * @param sample its values, by index
   */
  public void add(IntToDoubleFunction sample) {
    double before = count;
    count++;
    double n = count;
    for (int i = 0; i < means.length; i++) {
      double delta = sample.applyAsDouble(i) - means[i];
      double step = delta / n;
      double square = delta * step * before;
      if (fourMoments) {
        fourth[i] +=
            square * step * step * (n * n - 3 * n + 3)
                + 6 * step * step * second[i]
                - 4 * step * third[i];
        third[i] += square * step * (n - 2) - 3 * step * second[i];
      }
      means[i] += step;
      second[i] += square;
    }
  }

  /** {@return how many samples were added} */
  public long count() {
    return count;
  }

  /**
   * {@return the mean}
   *
   * @param index which value
   */
  public double mean(int index) {
    return means[index];
  }

  /**
   * {@return the variance, divided by the number of samples less one, so that its expectation does
   * not depend on that number; NaN of one sample}
   *
   * @param index which value
   */
  public double variance(int index) {
    return second[index] / (count - 1);
  }

  /**
   * {@return the standard error of the mean, NaN of one sample}
   *
   * @param index which value
   */
  public double errorOfMean(int index) {
    return Math.sqrt(variance(index) / count);
  }

  /**
   * {@return the standard error of the variance for many samples, NaN of one}
   *
   * @param index which value
   */
  public double errorOfVariance(int index) {
    checkArgument(fourMoments, "these moments are not those of a variance");
    double variance = variance(index);
    double spread =
        fourth[index] / count - variance * variance * (count - 3.0) / Math.max(1, count - 1.0);
    return count < 2 ? Double.NaN : Math.sqrt(Math.max(0, spread) / count);
  }

  /** {@return the largest standard error of a mean} */
  public double largestErrorOfMean() {
    return IntStream.range(0, means.length).mapToDouble(this::errorOfMean).max().orElse(0);
  }
}
