package org.aucmedi.xai.methods.perturbation;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.ejml.interfaces.linsol.LinearSolverDense;

/**
 * The regression of KernelSHAP. With the values v of coalitions z, the empty one and the one of all
 * M features among them,
 *
 * <pre>{@code
 * minimise over phi: sum over z of w[z] (v[z] - v[empty] - sum over f in z of phi[f])^2
 * subject to         sum over f of phi[f] = v[all] - v[empty]
 * }</pre>
 *
 * Of a pair, z and its complement, which weigh the same, only the difference d of their values
 * matters: with {@code s[p, f] = 1} for the features of the first and -1 for those of the second,
 *
 * <pre>{@code
 * minimise over phi: sum over pairs p of w[p] (d[p] - sum over f of s[p, f] phi[f])^2
 * }</pre>
 *
 * under the same constraint. It is solved by a Lagrange multiplier, with one factorisation for any
 * number of classes. Where the pairs leave values undetermined, these become as equal as they can.
 *
 * <p>The standard errors are those of a sample of pairs, each as often as it was drawn: the
 * sandwich estimator, that is, with the inverse C of the constrained normal equations and the
 * residuals r,
 *
 * <pre>{@code
 * error[f]^2 = n / (n - M + 1) * 1/n^2 * sum over p of w[p] r[p]^2 (sum over g of C[f, g] s[p, g])^2
 * }</pre>
 */
final class KernelRegression {

  /** So small that it only matters where the pairs leave values undetermined. */
  private static final double RIDGE = 1e-10;

  private final CoalitionPairs pairs;
  private final double total;

  /** C s of each pair, {@code [pair][feature]}. */
  private final DMatrixRMaj gains;

  /**
   * What was found.
   *
   * @param values one for each feature
   * @param errors their standard errors; NaN where there are not more draws than features
   */
  record Fit(double[] values, double[] errors) {}

  /**
   * Prepares a regression.
   *
   * @param pairs the coalitions
   */
  KernelRegression(CoalitionPairs pairs) {
    this.pairs = pairs;
    this.total = Arrays.stream(pairs.weights()).sum();
    int features = pairs.features();
    DMatrixRMaj signs = new DMatrixRMaj(pairs.first().size(), features);
    DMatrixRMaj weighted = new DMatrixRMaj(pairs.first().size(), features);
    for (int p = 0; p < signs.numRows; p++) {
      for (int f = 0; f < features; f++) {
        signs.set(p, f, sign(p, f));
        weighted.set(p, f, pairs.weights()[p] / total * sign(p, f));
      }
    }
    DMatrixRMaj normal = new DMatrixRMaj(features, features);
    CommonOps_DDRM.multTransA(weighted, signs, normal);
    // The sum of the values is given, so that adding its square changes nothing but the condition.
    for (int f = 0; f < features; f++) {
      for (int g = 0; g < features; g++) {
        normal.add(f, g, f == g ? 1 + RIDGE : 1);
      }
    }
    this.gains = new DMatrixRMaj(signs.numRows, features);
    CommonOps_DDRM.mult(signs, constrainedInverse(normal), gains);
  }

  /** Returns the inverse H less {@code H 1 1' H / (1' H 1)}; its rows and columns add up to 0. */
  private static DMatrixRMaj constrainedInverse(DMatrixRMaj normal) {
    int features = normal.numRows;
    LinearSolverDense<DMatrixRMaj> solver = LinearSolverFactory_DDRM.symmPosDef(features);
    DMatrixRMaj inverse = new DMatrixRMaj(features, features);
    if (!solver.setA(normal)) {
      throw new IllegalStateException("the normal equations are not positive definite");
    }
    solver.invert(inverse);
    DMatrixRMaj sums = new DMatrixRMaj(features, 1);
    CommonOps_DDRM.sumRows(inverse, sums);
    double all = CommonOps_DDRM.elementSum(sums);
    for (int f = 0; f < features; f++) {
      for (int g = 0; g < features; g++) {
        inverse.add(f, g, -sums.get(f) * sums.get(g) / all);
      }
    }
    return inverse;
  }

  /**
   * Fits.
   *
   * @param scores the value of each coalition, in their order
   * @param sum what the values add up to
   */
  Fit fit(double[] scores, double sum) {
    int features = pairs.features();
    double share = sum / features;
    // Beyond equal shares the values add up to 0, which is what the constrained inverse solves for.
    double[] rest = new double[pairs.first().size()];
    double[] values = new double[features];
    for (int p = 0; p < rest.length; p++) {
      int size = pairs.first().get(p).cardinality();
      rest[p] = scores[2 * p] - scores[2 * p + 1] - share * (2 * size - features);
      for (int f = 0; f < features; f++) {
        values[f] += pairs.weights()[p] / total * rest[p] * gains.get(p, f);
      }
    }
    double[] squares = new double[features];
    for (int p = 0; p < rest.length; p++) {
      double residual = rest[p];
      for (int f = 0; f < features; f++) {
        residual -= sign(p, f) * values[f];
      }
      for (int f = 0; f < features; f++) {
        double moved = residual * gains.get(p, f);
        squares[f] += pairs.weights()[p] * moved * moved;
      }
    }
    double freedom = total - features + 1;
    double[] errors = new double[features];
    double mean = Arrays.stream(values).average().orElseThrow();
    for (int f = 0; f < features; f++) {
      errors[f] = freedom > 0 ? Math.sqrt(squares[f] / (total * freedom)) : Double.NaN;
      values[f] += share - mean;
    }
    return new Fit(values, errors);
  }

  private int sign(int pair, int feature) {
    return pairs.contains(2 * pair, feature) ? 1 : -1;
  }
}
