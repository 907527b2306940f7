package org.aucmedi.xai.methods.perturbation;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.aucmedi.xai.methods.SampleMoments;

/**
 * Random orders of features, each with its reverse, and the different coalitions met on the way
 * from none to all of them.
 */
final class PermutationPairs {

  /** The empty coalition is the first, that of all features is not in the list. */
  private static final int EMPTY = 0;

  private static final int ALL = -1;

  private final int features;
  private final List<BitSet> coalitions = new ArrayList<>();

  /** The order of each pair. */
  private final List<int[]> orders = new ArrayList<>();

  /** For each pair the coalitions on the way forth, {@code [features + 1]}, and back. */
  private final List<int[][]> ways = new ArrayList<>();

  /** How many coalitions are known with each pair. */
  private final List<Integer> ends = new ArrayList<>();

  /**
   * Draws pairs.
   *
   * @param features how many features
   * @param pairs how many pairs, at least 1
   * @param seed the random seed; each pair has its own generator
   */
  PermutationPairs(int features, int pairs, long seed) {
    this.features = features;
    BitSet all = new BitSet(features);
    all.set(0, features);
    Map<BitSet, Integer> numbers = new HashMap<>(Map.of(all, ALL));
    number(new BitSet(features), numbers);
    SplittableRandom root = new SplittableRandom(seed);
    for (int p = 0; p < pairs; p++) {
      int[] order = shuffled(root.split());
      int[][] both = new int[2][features + 1];
      for (int way = 0; way < 2; way++) {
        BitSet coalition = new BitSet(features);
        for (int j = 0; j < features; j++) {
          coalition.set(order[way == 0 ? j : features - 1 - j]);
          both[way][j + 1] = number((BitSet) coalition.clone(), numbers);
        }
      }
      orders.add(order);
      ways.add(both);
      ends.add(coalitions.size());
    }
  }

  private int number(BitSet coalition, Map<BitSet, Integer> numbers) {
    Integer known = numbers.putIfAbsent(coalition, coalitions.size());
    if (known == null) {
      coalitions.add(coalition);
      return coalitions.size() - 1;
    }
    return known;
  }

  private int[] shuffled(SplittableRandom random) {
    int[] order = new int[features];
    for (int f = 0; f < features; f++) {
      int other = random.nextInt(f + 1);
      order[f] = order[other];
      order[other] = f;
    }
    return order;
  }

  /** Returns the different coalitions but that of all features, in the order they are needed in. */
  List<BitSet> coalitions() {
    return coalitions;
  }

  /** Returns how many pairs there are. */
  int pairs() {
    return orders.size();
  }

  /**
   * Returns how many pairs can be evaluated.
   *
   * @param known how many coalitions have a score, from the first
   */
  int pairsWithin(int known) {
    int pairs = 0;
    while (pairs < ends.size() && ends.get(pairs) <= known) {
      pairs++;
    }
    return pairs;
  }

  /**
   * Adds the gains of a pair: for each feature the mean of what it adds to those before it, and to
   * those behind it.
   *
   * @param pair which pair
   * @param scores the score of each coalition
   * @param all the score of all features
   * @param moments takes the gains
   */
  void addGains(int pair, double[] scores, double all, SampleMoments moments) {
    double[] gains = new double[features];
    int[] order = orders.get(pair);
    for (int way = 0; way < 2; way++) {
      double before = scores[EMPTY];
      for (int j = 0; j < features; j++) {
        int number = ways.get(pair)[way][j + 1];
        double score = number == ALL ? all : scores[number];
        gains[order[way == 0 ? j : features - 1 - j]] += (score - before) / 2;
        before = score;
      }
    }
    moments.add(f -> gains[f]);
  }
}
