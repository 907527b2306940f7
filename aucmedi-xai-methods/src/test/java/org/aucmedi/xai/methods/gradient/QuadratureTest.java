package org.aucmedi.xai.methods.gradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.stream.IntStream;
import org.aucmedi.xai.Attribution;
import org.aucmedi.xai.Target;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The weighted sums are the integrals of polynomials. */
final class QuadratureTest {

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 6, 51, 300})
  void gaussLegendre_polynomialsUpToItsDegree_areExact(int steps) {
    for (int degree = 0; degree <= 2 * (steps - 1) - 1; degree++) {
      assertThat(integral(Quadrature.GAUSS_LEGENDRE, steps, degree))
          .as("degree %s", degree)
          .isCloseTo(1.0 / (degree + 1), within(1e-12));
    }
    int beyond = 2 * (steps - 1);
    assertThat(Math.abs(integral(Quadrature.GAUSS_LEGENDRE, steps, beyond) - 1.0 / (beyond + 1)))
        .isGreaterThan(steps < 7 ? 1e-6 : 0);
  }

  /** Abramowitz and Stegun, table 25.4, moved from [-1, 1] to [0, 1]. */
  @ParameterizedTest
  @CsvSource({"1, 0.5, 0.4444444444444444", "2, 0.887298334620742, 0.2777777777777778"})
  void gaussLegendre_threeNodes_areThoseOfTheTable(int node, double position, double weight) {
    Quadrature.Points points = Quadrature.GAUSS_LEGENDRE.points(4);
    assertThat(points.positions()[node + 1]).isCloseTo(position, within(1e-14));
    assertThat(points.weights()[node + 1]).isCloseTo(weight, within(1e-14));
  }

  @Test
  void trapezoid_fourSteps_countsTheEndsHalf() {
    Quadrature.Points points = Quadrature.TRAPEZOID.points(4);
    assertThat(points.positions()).containsExactly(0, 0.25, 0.5, 0.75, 1);
    assertThat(points.weights()).containsExactly(0.125, 0.25, 0.25, 0.25, 0.125);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 1001})
  void build_stepsThatGaussLegendreDoesNotTake_areRefused(int steps) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> method(Quadrature.GAUSS_LEGENDRE, steps))
        .withMessageContaining("from 2 to 1000 steps, got " + steps);
  }

  /** The gradient of a quadratic score is linear, so one node is enough. */
  @Test
  void explain_quadraticScore_isExactWithOneNode() {
    float[] x = {1, -2, 3, 0.5f};
    float[] a = {2, 1, -1, 4};
    IntegratedGradients method = method(Quadrature.GAUSS_LEGENDRE, 2);
    try (NDManager manager = method.model().newManager()) {
      Attribution found =
          method
              .attributions(manager.create(x, new Shape(1, 1, 2, 2)), Target.ofClass(0))
              .get(0)
              .get(0);
      for (int i = 0; i < x.length; i++) {
        assertThat(found.values()[i]).isCloseTo(a[i] * x[i] * x[i] / 2, within(1e-6f));
      }
      assertThat(found.diagnostics().get(IntegratedGradients.DELTA)).isCloseTo(0, within(1e-6));
    }
  }

  private static IntegratedGradients method(Quadrature quadrature, int steps) {
    return IntegratedGradients.builder()
        .opt(IntegratedGradients.QUADRATURE, quadrature)
        .opt(IntegratedGradients.STEPS, steps)
        .build(new QuadraticModel(new float[][] {{2, 1, -1, 4}}));
  }

  private static double integral(Quadrature rule, int steps, int degree) {
    Quadrature.Points points = rule.points(steps);
    return IntStream.range(0, steps + 1)
        .mapToDouble(j -> points.weights()[j] * Math.pow(points.positions()[j], degree))
        .sum();
  }
}
