package org.aucmedi.xai.methods.perturbation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.BitSet;
import org.aucmedi.xai.methods.SampleMoments;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Shapley value sampling, on games whose Shapley values are known. */
final class PermutationPairsTest {

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7})
  void gains_everyPair_addUp(int players) {
    Game game = Game.random(players, 2);
    PermutationPairs orders = new PermutationPairs(players, 5, 3);
    assertThat(orders.pairs()).isEqualTo(5);
    for (int p = 0; p < 5; p++) {
      SampleMoments one = SampleMoments.ofMean(players);
      orders.addGains(p, scores(game, orders), game.all(), one);
      double sum = 0;
      for (int f = 0; f < players; f++) {
        sum += one.mean(f);
      }
      assertThat(sum).isCloseTo(game.all() - game.none(), within(1e-12));
    }
  }

  /** By hand: of the order a b c, a adds to none and to {b, c}, and so on. */
  @Test
  void gains_onePair_areThoseOfAnOrderAndItsReverse() {
    // Bits: a = 1, b = 2, c = 4.
    Game game = new Game(3, new double[] {1, 2, 4, 8, 16, 32, 64, 128});
    PermutationPairs orders = new PermutationPairs(3, 1, 0);
    SampleMoments found = SampleMoments.ofMean(3);
    orders.addGains(0, scores(game, orders), game.all(), found);
    // The coalition behind the empty one is that of the first feature.
    int first = orders.coalitions().get(1).nextSetBit(0);
    BitSet two = (BitSet) orders.coalitions().get(2).clone();
    two.clear(first);
    int second = two.nextSetBit(0);
    int last = 3 - first - second;
    double[] v = game.values();
    int a = 1 << first;
    int b = 1 << second;
    int c = 1 << last;
    assertThat(found.mean(first)).isEqualTo(((v[a] - v[0]) + (v[7] - v[b | c])) / 2);
    assertThat(found.mean(second)).isEqualTo(((v[a | b] - v[a]) + (v[b | c] - v[c])) / 2);
    assertThat(found.mean(last)).isEqualTo(((v[7] - v[a | b]) + (v[c] - v[0])) / 2);
  }

  @Test
  void coalitions_areDifferentAndAllOfThemAtMost() {
    PermutationPairs orders = new PermutationPairs(4, 500, 1);
    assertThat(orders.coalitions()).doesNotHaveDuplicates().hasSize(15);
    assertThat(orders.coalitions().get(0)).isEqualTo(new BitSet());
    assertThat(orders.pairsWithin(15)).isEqualTo(500);
    assertThat(orders.pairsWithin(6)).isZero();
    assertThat(orders.pairsWithin(7)).as("none, 3 forth and 3 back").isPositive();
  }

  /** Over many samples the means scatter around the Shapley values by the stated errors. */
  @Test
  void gains_manySamples_scatterAsTheErrorsSay() {
    Game game = Game.random(6, 8);
    double[] exact = game.shapleyValues();
    double squares = 0;
    double stated = 0;
    double[] bias = new double[6];
    int repeats = 400;
    for (int seed = 0; seed < repeats; seed++) {
      PermutationPairs orders = new PermutationPairs(6, 20, seed);
      double[] scores = scores(game, orders);
      SampleMoments found = SampleMoments.ofMean(6);
      for (int p = 0; p < 20; p++) {
        orders.addGains(p, scores, game.all(), found);
      }
      for (int f = 0; f < 6; f++) {
        double off = found.mean(f) - exact[f];
        bias[f] += off / repeats;
        squares += off * off;
        stated += found.errorOfMean(f) * found.errorOfMean(f);
      }
    }
    assertThat(Math.sqrt(stated / squares)).isBetween(0.93, 1.07);
    double scatter = Math.sqrt(squares / (6 * repeats));
    assertThat(bias).containsExactly(new double[6], within(4 * scatter / 20));
  }

  private static double[] scores(Game game, PermutationPairs orders) {
    return orders.coalitions().stream().mapToDouble(game::value).toArray();
  }
}
