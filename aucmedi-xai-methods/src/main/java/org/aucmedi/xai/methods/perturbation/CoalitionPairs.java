package org.aucmedi.xai.methods.perturbation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * The coalitions that KernelSHAP looks at, in pairs of a coalition and its complement: all of them,
 * or a sample.
 *
 * <p>With M features, the kernel gives a coalition of size s the weight {@code (M - 1) / (C(M, s) s
 * (M - s))}, and so the sizes the weights {@code 1 / (s (M - s))}. A sample draws the size by
 * these, then a coalition of that size, and counts how often each pair comes.
 *
 * @param features the number M of features
 * @param first of each pair the coalition with feature 0
 * @param weights how much each pair counts; of a sample, how often it was drawn
 * @param areAll whether these are all pairs
 */
record CoalitionPairs(int features, List<BitSet> first, double[] weights, boolean areAll) {

  /**
   * Takes all pairs of coalitions if they are few enough, and else a sample.
   *
   * @param features the number of features
   * @param samples the most coalitions; an odd one is left out
   * @param seed the random seed; each pair has its own generator
   */
  static CoalitionPairs of(int features, int samples, long seed) {
    // The largest number of samples is less than 2^20.
    boolean all = features < 30 && (1L << features) - 2 <= samples;
    return all ? all(features) : draw(features, samples / 2, seed);
  }

  private static CoalitionPairs all(int features) {
    List<BitSet> first = new ArrayList<>();
    // The last one, of all features, has the empty coalition for complement.
    for (long bits = 1; bits < (1L << features) - 1; bits += 2) {
      first.add(BitSet.valueOf(new long[] {bits}));
    }
    double[] weights = new double[first.size()];
    for (int p = 0; p < weights.length; p++) {
      int size = first.get(p).cardinality();
      weights[p] = 1 / (binomial(features, size) * size * (features - size));
    }
    return new CoalitionPairs(features, first, weights, true);
  }

  private static double binomial(int n, int k) {
    double result = 1;
    for (int i = 1; i <= k; i++) {
      result = result * (n - k + i) / i;
    }
    return result;
  }

  /** Draws pairs. */
  static CoalitionPairs draw(int features, int pairs, long seed) {
    SplittableRandom root = new SplittableRandom(seed);
    double[] upTo = cumulativeSizes(features);
    Map<BitSet, Integer> drawn = new LinkedHashMap<>();
    for (int p = 0; p < pairs; p++) {
      BitSet coalition = draw(features, upTo, root.split());
      if (!coalition.get(0)) {
        coalition.flip(0, features);
      }
      drawn.merge(coalition, 1, Integer::sum);
    }
    return new CoalitionPairs(
        features,
        List.copyOf(drawn.keySet()),
        drawn.values().stream().mapToDouble(Integer::doubleValue).toArray(),
        false);
  }

  /** Returns for each size, from 1, the sum of the weights of the sizes up to it. */
  private static double[] cumulativeSizes(int features) {
    double[] upTo = new double[features - 1];
    double sum = 0;
    for (int size = 1; size < features; size++) {
      sum += 1.0 / ((double) size * (features - size));
      upTo[size - 1] = sum;
    }
    return upTo;
  }

  private static BitSet draw(int features, double[] upTo, SplittableRandom random) {
    double place = random.nextDouble() * upTo[upTo.length - 1];
    int size = 1;
    while (upTo[size - 1] <= place) {
      size++;
    }
    // Feature f is taken if it is one of the size - taken that are still wanted among the rest.
    BitSet coalition = new BitSet(features);
    int wanted = size;
    for (int f = 0; f < features; f++) {
      if (random.nextInt(features - f) < wanted) {
        coalition.set(f);
        wanted--;
      }
    }
    return coalition;
  }

  /** Returns some of the pairs. */
  CoalitionPairs only(int[] numbers) {
    return new CoalitionPairs(
        features,
        Arrays.stream(numbers).mapToObj(first::get).toList(),
        Arrays.stream(numbers).mapToDouble(p -> weights[p]).toArray(),
        false);
  }

  /** Returns how many coalitions there are, twice the number of pairs. */
  int coalitions() {
    return 2 * first.size();
  }

  /**
   * Returns whether a coalition has a feature.
   *
   * @param coalition its number: the first of pair p is 2 p, the other 2 p + 1
   * @param feature the feature
   */
  boolean contains(int coalition, int feature) {
    return first.get(coalition / 2).get(feature) == (coalition % 2 == 0);
  }
}
