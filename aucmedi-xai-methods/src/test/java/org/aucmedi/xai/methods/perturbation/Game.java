package org.aucmedi.xai.methods.perturbation;

import java.util.BitSet;
import java.util.SplittableRandom;

/** A cooperative game of a few players: the value of each coalition, by its bits. */
record Game(int players, double[] values) {

  /** Draws the values of all coalitions, more or less additive ones. */
  static Game random(int players, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] own = random.doubles(players, -1, 1).toArray();
    double[] values = new double[1 << players];
    for (int bits = 0; bits < values.length; bits++) {
      values[bits] = 3 + random.nextDouble(-0.5, 0.5);
      for (int f = 0; f < players; f++) {
        values[bits] += (bits >> f & 1) * own[f];
      }
    }
    return new Game(players, values);
  }

  double value(BitSet coalition) {
    return values[coalition.isEmpty() ? 0 : (int) coalition.toLongArray()[0]];
  }

  double none() {
    return values[0];
  }

  double all() {
    return values[values.length - 1];
  }

  /** The Shapley values, by their definition. */
  double[] shapleyValues() {
    double[] phi = new double[players];
    for (int bits = 0; bits < values.length; bits++) {
      int size = Integer.bitCount(bits);
      double weight = factorial(size) * factorial(players - size - 1) / factorial(players);
      for (int f = 0; f < players; f++) {
        if ((bits >> f & 1) == 0) {
          phi[f] += weight * (values[bits | 1 << f] - values[bits]);
        }
      }
    }
    return phi;
  }

  private static double factorial(int n) {
    return n <= 1 ? 1 : n * factorial(n - 1);
  }
}
