package org.aucmedi.xai.metrics;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.statistics.distribution.ChiSquaredDistribution;
import org.apache.commons.statistics.distribution.NormalDistribution;
import org.apache.commons.statistics.inference.WilcoxonSignedRankTest;

/**
 * Whether methods differ by more than chance, measured on the same images (J. Dem&scaron;ar, <a
 * href="https://www.jmlr.org/papers/v7/demsar06a.html">Statistical Comparisons of Classifiers over
 * Multiple Data Sets</a>, 2006).
 *
 * <ul>
 *   <li>Each pair by Wilcoxon's signed-rank test, two-sided: exact for fewer than 50 images without
 *       equal differences, else by the normal distribution, corrected for ties. Images without a
 *       difference are ranked and left out of the sum (Pratt). The p values of all pairs are
 *       corrected by S. Holm, <a href="https://www.jstor.org/stable/4615733">A Simple Sequentially
 *       Rejective Multiple Test Procedure</a>, 1979.
 *   <li>Three and more at once by Friedman's test, corrected for ties, with the critical difference
 *       of mean ranks by Nemenyi.
 * </ul>
 *
 * <p>Values that differ by less than a millionth are alike: methods that are the same up to
 * rounding do not differ.
 *
 * <p>That p is not small does not show that two methods are alike; there may be too few images. Six
 * are the least that can reach p &lt; 0.05 for a pair.
 *
 * @param pairs each pair of methods once
 * @param meanRanks of each method over the images, 1 for the best; ties share a rank
 * @param friedman the p value of Friedman's test; NaN for two methods
 * @param criticalDifference by which mean ranks differ at the 5 % level; NaN for two methods
 */
public record PairedComparison(
    List<Pair> pairs, List<Double> meanRanks, double friedman, double criticalDifference) {

  private static final double LEVEL = 0.05;

  /** Relative to the larger magnitude; a score of float32 has a few roundings more than its own. */
  private static final double ROUNDING = 1e-6;

  /** Copies the lists. */
  public PairedComparison {
    pairs = List.copyOf(pairs);
    meanRanks = List.copyOf(meanRanks);
  }

  /**
   * Two methods.
   *
   * @param first the position of one, from 0
   * @param second the position of the other, above the first
   * @param difference the mean of first minus second
   * @param p of Wilcoxon's test, from 0 to 1; 1 if they are alike on every image
   * @param adjusted p after Holm's correction for all pairs
   */
  public record Pair(int first, int second, double difference, double p, double adjusted) {}

  /**
   * Compares methods.
   *
   * @param values for each method one per image, in the same order; at least two methods and one
   *     image, all finite
   * @param higherIsBetter which way to rank them
   * @return the comparison
   * @throws IllegalArgumentException if there are too few, or their numbers differ
   */
  public static PairedComparison of(List<double[]> values, boolean higherIsBetter) {
    checkArgument(values.size() >= 2, "a comparison needs two methods, got %s", values.size());
    int images = values.get(0).length;
    checkArgument(images > 0, "a comparison needs at least one image");
    for (double[] own : values) {
      checkArgument(
          own.length == images && Arrays.stream(own).allMatch(Double::isFinite),
          "each method needs a finite value for each of %s images, got %s",
          images,
          Arrays.toString(own));
    }
    int methods = values.size();
    double[] rankSums = new double[methods];
    double ties = 0;
    for (int n = 0; n < images; n++) {
      int image = n;
      double[] row =
          values.stream().mapToDouble(own -> higherIsBetter ? -own[image] : own[image]).toArray();
      double[] ranks = ranks(row);
      for (int m = 0; m < methods; m++) {
        rankSums[m] += ranks[m];
      }
      ties += ties(row);
    }
    return new PairedComparison(
        pairs(values),
        Arrays.stream(rankSums).mapToObj(sum -> sum / images).toList(),
        methods < 3 ? Double.NaN : friedman(rankSums, images, ties),
        methods < 3
            ? Double.NaN
            : nemenyi(methods) * Math.sqrt(methods * (methods + 1.0) / (6.0 * images)));
  }

  /** {@return whether a pair differs at the 5 % level, after the correction} */
  public boolean differ(int one, int other) {
    return pairs.stream()
        .anyMatch(
            pair ->
                pair.first == Math.min(one, other)
                    && pair.second == Math.max(one, other)
                    && pair.adjusted < LEVEL);
  }

  private static List<Pair> pairs(List<double[]> values) {
    List<Pair> pairs = new ArrayList<>();
    for (int a = 0; a < values.size(); a++) {
      for (int b = a + 1; b < values.size(); b++) {
        double[] first = values.get(a);
        double[] second = values.get(b);
        double[] differences =
            IntStream.range(0, first.length)
                .mapToDouble(n -> difference(first[n], second[n]))
                .toArray();
        double mean = Arrays.stream(differences).average().orElseThrow();
        double p = wilcoxon(differences);
        pairs.add(new Pair(a, b, mean, p, p));
      }
    }
    double[] adjusted = holm(pairs.stream().mapToDouble(Pair::p).toArray());
    return IntStream.range(0, adjusted.length)
        .mapToObj(
            i -> {
              Pair pair = pairs.get(i);
              return new Pair(pair.first, pair.second, pair.difference, pair.p, adjusted[i]);
            })
        .toList();
  }

  /** The p value of the two-sided test. */
  static double wilcoxon(double... differences) {
    return Arrays.stream(differences).allMatch(d -> d == 0)
        ? 1
        : WilcoxonSignedRankTest.withDefaults().test(differences).getPValue();
  }

  /** The k-th smallest of m values is multiplied by m - k + 1, and is not below the one before. */
  static double[] holm(double... p) {
    int[] order =
        IntStream.range(0, p.length)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer i) -> p[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    double[] adjusted = new double[p.length];
    double before = 0;
    for (int k = 0; k < order.length; k++) {
      before = Math.max(before, Math.min(1, p[order[k]] * (order.length - k)));
      adjusted[order[k]] = before;
    }
    return adjusted;
  }

  /** Zero for values that are alike up to rounding. */
  private static double difference(double first, double second) {
    double difference = first - second;
    return Math.abs(difference) <= ROUNDING * Math.max(Math.abs(first), Math.abs(second))
        ? 0
        : difference;
  }

  /** From 1, equal values share their mean rank. */
  private static double[] ranks(double[] row) {
    double[] ranks = new double[row.length];
    for (int i = 0; i < row.length; i++) {
      for (double other : row) {
        double ahead = difference(row[i], other);
        ranks[i] += ahead > 0 ? 1 : ahead == 0 ? 0.5 : 0;
      }
      ranks[i] += 0.5;
    }
    return ranks;
  }

  /** The sum of t^3 - t over all groups of t equal values. */
  private static double ties(double[] row) {
    double sum = 0;
    for (double value : row) {
      double equal = Arrays.stream(row).filter(other -> difference(value, other) == 0).count();
      sum += equal * equal - 1;
    }
    return sum;
  }

  private static double friedman(double[] rankSums, int images, double ties) {
    int methods = rankSums.length;
    double mean = images * (methods + 1) / 2.0;
    double squares = Arrays.stream(rankSums).map(sum -> (sum - mean) * (sum - mean)).sum();
    double scale = images * methods * (methods + 1.0) - ties / (methods - 1);
    return scale == 0
        ? 1
        : ChiSquaredDistribution.of(methods - 1).survivalProbability(12 * squares / scale);
  }

  /** The studentised range of the normal distribution at the 5 % level, divided by sqrt(2). */
  static double nemenyi(int methods) {
    double low = 0;
    double high = 20;
    while (high - low > 1e-9) {
      double middle = (low + high) / 2;
      if (rangeProbability(middle, methods) < 1 - LEVEL) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return high / Math.sqrt(2);
  }

  /** The probability that k normal values lie within a range, by Simpson's rule. */
  private static double rangeProbability(double range, int k) {
    NormalDistribution normal = NormalDistribution.of(0, 1);
    int intervals = 400;
    double from = -8;
    double width = 16.0 / intervals;
    double sum = 0;
    for (int i = 0; i <= intervals; i++) {
      double z = from + i * width;
      double inside = normal.probability(z - range, z);
      double value = k * normal.density(z) * Math.pow(inside, k - 1);
      sum += value * (i == 0 || i == intervals ? 1 : i % 2 == 0 ? 2 : 4);
    }
    return sum * width / 3;
  }
}
