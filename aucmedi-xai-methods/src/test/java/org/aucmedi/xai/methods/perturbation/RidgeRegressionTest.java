package org.aucmedi.xai.methods.perturbation;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import org.assertj.core.data.Offset;
import org.aucmedi.xai.testkit.Golden;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RidgeRegressionTest {

  @ParameterizedTest
  @ValueSource(strings = {"tall", "wide"})
  void fit_rowsOfNoughtsAndOnes_equalsScikitLearn(String name) {
    double[] x = array(name + "_x");
    double[] y = array(name + "_y");
    double[] beta = array(name + "_beta");
    boolean[][] rows = new boolean[y.length][beta.length];
    for (int i = 0; i < x.length; i++) {
      rows[i / beta.length][i % beta.length] = x[i] == 1;
    }

    var fit = new RidgeRegression(rows, array(name + "_w"), 1).fit(y);

    assertThat(fit.coefficients()).containsExactly(beta, Offset.offset(1e-6));
    assertThat(fit.intercept()).isCloseTo(array(name + "_intercept_r2")[0], Offset.offset(1e-6));
    assertThat(fit.rSquared()).isCloseTo(array(name + "_intercept_r2")[1], Offset.offset(1e-6));
  }

  @Test
  void fit_oneFeature_isTheClosedForm() {
    // With weights 1, 1, 2 the mean of x is 3/4; beta = cov / (var + alpha), unscaled.
    var fit =
        new RidgeRegression(new boolean[][] {{true}, {false}, {true}}, new double[] {1, 1, 2}, 0.5)
            .fit(new double[] {4, 0, 2});
    double mean = 8 / 4.0;
    double covariance = 0.25 * (4 - mean) - 0.75 * (0 - mean) + 2 * 0.25 * (2 - mean);
    double variance = 0.25 * 0.25 + 0.75 * 0.75 + 2 * 0.25 * 0.25;
    assertThat(fit.coefficients()[0])
        .isCloseTo(covariance / (variance + 0.5), Offset.offset(1e-12));
    assertThat(fit.intercept())
        .isCloseTo(mean - 0.75 * fit.coefficients()[0], Offset.offset(1e-12));
  }

  @Test
  void fit_plantedWeights_areRecovered() {
    double[] planted = {3, -2, 1, 0, -0.5, 0.25, 4, -1};
    PerturbationSamples near = PerturbationSamples.draw(1000, planted.length, 7, 0.25);
    double[] y = new double[1000];
    for (int s = 0; s < y.length; s++) {
      y[s] = 10;
      for (int f = 0; f < planted.length; f++) {
        y[s] += near.on()[s][f] ? planted[f] : 0;
      }
    }

    var fit = new RidgeRegression(near.on(), near.weights(), 1).fit(y);

    assertThat(fit.coefficients()).containsExactly(planted, Offset.offset(0.05));
    assertThat(fit.rSquared()).isGreaterThan(0.999);
  }

  /** The scores are not linear, so that other samples give other weights. */
  @Test
  void fit_manySamplings_areAsFarApartAsTheErrorsSay() {
    int features = 6;
    int seeds = 300;
    double[] sum = new double[features];
    double[] squares = new double[features];
    double[] stated = new double[features];
    for (int seed = 0; seed < seeds; seed++) {
      PerturbationSamples near = PerturbationSamples.draw(200, features, seed, 0.25);
      double[] y = new double[200];
      for (int s = 0; s < y.length; s++) {
        boolean[] on = near.on()[s];
        y[s] = (on[0] && on[1] ? 2 : 0) + (on[2] ^ on[3] ? 1 : 0) + (on[4] ? 0.5 : 0);
      }
      var fit = new RidgeRegression(near.on(), near.weights(), 0.01).fit(y);
      for (int f = 0; f < features; f++) {
        sum[f] += fit.coefficients()[f] / seeds;
        squares[f] += Math.pow(fit.coefficients()[f], 2) / seeds;
        stated[f] += Math.pow(fit.errors()[f], 2) / seeds;
      }
    }
    for (int f = 0; f < features; f++) {
      double spread = Math.sqrt(squares[f] - sum[f] * sum[f]);
      assertThat(Math.sqrt(stated[f]) / spread).as("feature %s", f).isBetween(0.85, 1.15);
    }
  }

  @Test
  void errors_withAsManyFeaturesAsRows_areUnknown() {
    boolean[][] rows = {{true, false}, {false, true}, {true, true}};
    var fit = new RidgeRegression(rows, new double[] {1, 1, 1}, 1).fit(new double[] {1, 2, 3});
    assertThat(fit.errors()).containsOnly(Double.NaN);
  }

  @Test
  void fit_everythingEqual_isZeroAndFinite() {
    var fit =
        new RidgeRegression(new boolean[][] {{true, true}, {true, true}}, new double[] {1, 1}, 1)
            .fit(new double[] {5, 5});
    assertThat(fit.coefficients()).containsOnly(0);
    assertThat(fit.intercept()).isEqualTo(5);
    assertThat(fit.rSquared()).isEqualTo(1);
  }

  @Test
  void draw_anySeed_firstShowsAllAndHalfOfTheRestIsShown() {
    PerturbationSamples near = PerturbationSamples.draw(2000, 40, 1, 0.25);

    assertThat(near.on()[0]).containsOnly(true);
    assertThat(near.weights()[0]).isEqualTo(1);
    double shown = 0;
    for (boolean[] row : near.on()) {
      for (boolean one : row) {
        shown += one ? 1 : 0;
      }
    }
    assertThat(shown / (2000 * 40)).isCloseTo(0.5, Offset.offset(0.01));
  }

  @Test
  void draw_weights_areTheKernelOfTheCosineDistance() {
    PerturbationSamples near = PerturbationSamples.draw(50, 9, 3, 0.25);
    for (int s = 0; s < 50; s++) {
      double[] row = new double[9];
      for (int f = 0; f < 9; f++) {
        row[f] = near.on()[s][f] ? 1 : 0;
      }
      double count = Arrays.stream(row).sum();
      // The cosine of (1, ..., 1) and the row; of a row of zeros it is taken for 0.
      double cosine = count == 0 ? 0 : count / (Math.sqrt(9) * Math.sqrt(count));
      double expected = Math.sqrt(Math.exp(-Math.pow(1 - cosine, 2) / (0.25 * 0.25)));
      assertThat(near.weights()[s]).isCloseTo(expected, Offset.offset(1e-12));
    }
  }

  @Test
  void draw_moreSamples_beginWithTheSame() {
    PerturbationSamples few = PerturbationSamples.draw(10, 30, 5, 0.25);
    PerturbationSamples many = PerturbationSamples.draw(100, 30, 5, 0.25);
    PerturbationSamples others = PerturbationSamples.draw(10, 30, 6, 0.25);

    assertThat(Arrays.copyOf(many.on(), 10)).isDeepEqualTo(few.on());
    assertThat(Arrays.deepEquals(others.on(), few.on())).isFalse();
  }

  private static double[] array(String name) {
    try {
      Path file =
          Path.of(
              Objects.requireNonNull(RidgeRegressionTest.class.getResource("/lime/regression.npz"))
                  .toURI());
      float[] values = Golden.array(file, name).data();
      double[] array = new double[values.length];
      Arrays.setAll(array, i -> values[i]);
      return array;
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
