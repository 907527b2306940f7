package org.aucmedi.xai.methods.gradient;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/** A rule that replaces an integral over a path by a weighted sum of points of it. */
public enum Quadrature {
  /** Points at equal distances, of equal weight but for the two ends, which count half. */
  TRAPEZOID {
    @Override
    Points points(int steps) {
      return Points.of(
          steps, j -> (double) j / steps, j -> (j == 0 || j == steps ? 0.5 : 1) / steps);
    }
  },

  /**
   * The roots of a Legendre polynomial, which integrate polynomials of nearly twice as high a
   * degree exactly. The ends are not among them, so with n steps there are n - 1 of them.
   */
  GAUSS_LEGENDRE {
    @Override
    Points points(int steps) {
      checkArgument(
          steps >= 2 && steps <= 1000,
          "gauss-legendre takes from 2 to 1000 steps, got %s; use them, or quadrature=trapezoid",
          steps);
      int count = steps - 1;
      // Golub and Welsch, 1969: the roots are the eigenvalues of a tridiagonal matrix, the weights
      // the squares of the first values of its eigenvectors.
      DMatrixRMaj jacobi = new DMatrixRMaj(count, count);
      for (int k = 1; k < count; k++) {
        double beta = k / Math.sqrt(4.0 * k * k - 1);
        jacobi.set(k - 1, k, beta);
        jacobi.set(k, k - 1, beta);
      }
      EigenDecomposition_F64<DMatrixRMaj> found = DecompositionFactory_DDRM.eig(count, true, true);
      found.decompose(jacobi);
      double[][] nodes =
          IntStream.range(0, count)
              .mapToObj(
                  k -> {
                    double first = found.getEigenVector(k).get(0);
                    double root = found.getEigenvalue(k).getReal();
                    return new double[] {(1 + root) / 2, first * first};
                  })
              .sorted((a, b) -> Double.compare(a[0], b[0]))
              .toArray(double[][]::new);
      return Points.of(
          steps,
          j -> j == 0 ? 0 : j == steps ? 1 : nodes[j - 1][0],
          j -> j == 0 || j == steps ? 0 : nodes[j - 1][1]);
    }
  };

  /**
   * The points of a path from 0, the start, to 1, the image, which are the first and the last.
   *
   * @param positions where they are, ascending
   * @param weights how much each counts; 1 in all
   */
  record Points(double[] positions, double[] weights) {

    private static Points of(int steps, IntToDoubleFunction position, IntToDoubleFunction weight) {
      double[] positions = new double[steps + 1];
      double[] weights = new double[steps + 1];
      Arrays.setAll(positions, position);
      Arrays.setAll(weights, weight);
      return new Points(positions, weights);
    }
  }

  /** Returns the points for a number of steps, one more than these. */
  abstract Points points(int steps);
}
