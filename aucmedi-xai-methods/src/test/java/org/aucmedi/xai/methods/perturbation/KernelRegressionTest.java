package org.aucmedi.xai.methods.perturbation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.BitSet;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The regression of KernelSHAP, on games whose Shapley values are known. */
final class KernelRegressionTest {

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 8, 10})
  void fit_allCoalitions_isTheShapleyValues(int players) {
    Game game = Game.random(players, players);
    CoalitionPairs pairs = CoalitionPairs.of(players, (1 << players) - 2, 0);

    assertThat(pairs.areAll()).isTrue();
    assertThat(pairs.coalitions()).isEqualTo((1 << players) - 2);
    assertThat(fit(game, pairs).values()).containsExactly(game.shapleyValues(), within(1e-8));
  }

  @Test
  void of_oneCoalitionLessThanAll_isASample() {
    CoalitionPairs pairs = CoalitionPairs.of(5, 29, 0);
    assertThat(pairs.areAll()).isFalse();
    // An odd number of coalitions is no number of pairs.
    assertThat(Arrays.stream(pairs.weights()).sum()).isEqualTo(14);
    assertThat(pairs.first()).doesNotHaveDuplicates().allMatch(first -> first.get(0));
  }

  /** The probability of a coalition of size s is proportional to 1 / (C(M, s) s (M - s)). */
  @Test
  void of_aSample_followsTheKernel() {
    int features = 5;
    int pairs = 100_000;
    CoalitionPairs sample = CoalitionPairs.draw(features, pairs, 1);
    CoalitionPairs all = CoalitionPairs.of(features, 30, 0);
    double total = Arrays.stream(all.weights()).sum();
    double chiSquared = 0;
    for (int p = 0; p < all.first().size(); p++) {
      double expected = pairs * all.weights()[p] / total;
      int index = sample.first().indexOf(all.first().get(p));
      double found = sample.weights()[index];
      chiSquared += (found - expected) * (found - expected) / expected;
    }
    // Of 14 degrees of freedom; one sample in a thousand is above 36.
    assertThat(chiSquared).isLessThan(36);
    // By hand: of sizes 1 to 4 the weights are 1/4, 1/6, 1/6, 1/4 over 5, 10, 10, 5 coalitions.
    assertThat(all.weights()[0] / total)
        .as("{0} and its complement")
        .isCloseTo(2 * (0.25 / 5) / (2 * (0.25 + 1 / 6.0)), within(1e-12));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 20, 300})
  void fit_aSample_addsUp(int pairs) {
    Game game = Game.random(12, 3);
    KernelRegression.Fit fit = fit(game, CoalitionPairs.of(12, 2 * pairs, 7));
    assertThat(Arrays.stream(fit.values()).sum())
        .isCloseTo(game.all() - game.none(), within(1e-12));
    assertThat(fit.values()).doesNotContain(Double.NaN);
  }

  @Test
  void fit_additiveGame_isExactWithFewPairsAndKnowsIt() {
    Game drawn = Game.random(10, 5);
    double[] own = {1, -2, 0.5, 3, 0, -0.25, 4, 1, 1, -1};
    double[] values = new double[1 << 10];
    for (int bits = 0; bits < values.length; bits++) {
      values[bits] = 7;
      for (int f = 0; f < 10; f++) {
        values[bits] += (bits >> f & 1) * own[f];
      }
    }
    KernelRegression.Fit fit = fit(new Game(drawn.players(), values), CoalitionPairs.of(10, 60, 2));
    assertThat(fit.values()).containsExactly(own, within(1e-7));
    assertThat(Arrays.stream(fit.errors()).max().orElseThrow()).isLessThan(1e-7);
  }

  /** Over many samples the values scatter around the Shapley values by the stated errors. */
  @Test
  void fit_manySamples_scatterAsTheErrorsSay() {
    Game game = Game.random(8, 11);
    double[] exact = game.shapleyValues();
    int repeats = 400;
    double[] bias = new double[8];
    double squares = 0;
    double stated = 0;
    int within = 0;
    for (int seed = 0; seed < repeats; seed++) {
      KernelRegression.Fit fit = fit(game, CoalitionPairs.of(8, 100, seed));
      for (int f = 0; f < 8; f++) {
        double off = fit.values()[f] - exact[f];
        bias[f] += off / repeats;
        squares += off * off;
        stated += fit.errors()[f] * fit.errors()[f];
        within += Math.abs(off) < 2 * fit.errors()[f] ? 1 : 0;
      }
    }
    assertThat(Math.sqrt(stated / squares)).isBetween(0.9, 1.1);
    assertThat(within / (8.0 * repeats)).isBetween(0.92, 0.98);
    double scatter = Math.sqrt(squares / (8 * repeats));
    assertThat(bias).containsExactly(new double[8], Offset.offset(4 * scatter / 20));
  }

  @Test
  void fit_noMorePairsThanFeatures_hasNoError() {
    Game game = Game.random(9, 11);
    assertThat(fit(game, CoalitionPairs.of(9, 14, 0)).errors()).containsOnly(Double.NaN);
  }

  private static KernelRegression.Fit fit(Game game, CoalitionPairs pairs) {
    double[] scores = new double[pairs.coalitions()];
    for (int z = 0; z < scores.length; z++) {
      BitSet coalition = new BitSet();
      for (int f = 0; f < game.players(); f++) {
        coalition.set(f, pairs.contains(z, f));
      }
      scores[z] = game.value(coalition);
    }
    return new KernelRegression(pairs).fit(scores, game.all() - game.none());
  }
}
