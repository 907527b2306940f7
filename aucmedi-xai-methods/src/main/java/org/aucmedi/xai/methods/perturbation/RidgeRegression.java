package org.aucmedi.xai.methods.perturbation;

import java.util.Arrays;
import org.aucmedi.xai.error.XAIException;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.ejml.interfaces.linsol.LinearSolverDense;

/**
 * Weighted ridge regression with an intercept b, which is not penalised:
 *
 * <pre>{@code
 * minimise over beta and b: sum over s of w[s] * (y[s] - b - x[s] . beta)^2 + alpha * |beta|^2
 * }</pre>
 *
 * <p>With rows {@code A[s] = sqrt(w[s]) (x[s] - mean x)} and {@code c[s] = sqrt(w[s]) (y[s] - mean
 * y)}, means weighted, beta solves {@code (A'A + alpha I) beta = A'c}. With more features than rows
 * the same beta is {@code A'(AA' + alpha I)^-1 c}, which is the smaller system. It is factorised
 * once for any number of y.
 */
final class RidgeRegression {

  private final boolean[][] rows;
  private final double[] weights;
  private final double[] means;
  private final DMatrixRMaj centred;
  private final boolean dual;
  private final LinearSolverDense<DMatrixRMaj> solver;

  /**
   * What was found.
   *
   * @param coefficients beta
   * @param intercept b
   * @param rSquared the share of the variance that is explained, weighted
   * @param errors the standard errors of beta; NaN with no fewer features than rows
   */
  record Fit(double[] coefficients, double intercept, double rSquared, double[] errors) {}

  /**
   * Prepares a regression.
   *
   * @param rows the features, {@code [row][feature]}, each 0 or 1
   * @param weights one per row, at least 0 and not all 0
   * @param alpha the penalty, above 0
   */
  RidgeRegression(boolean[][] rows, double[] weights, double alpha) {
    int features = rows[0].length;
    this.rows = rows;
    this.weights = weights;
    this.means = new double[features];
    double[] column = new double[rows.length];
    for (int f = 0; f < features; f++) {
      for (int s = 0; s < rows.length; s++) {
        column[s] = rows[s][f] ? 1 : 0;
      }
      means[f] = mean(column);
    }
    this.centred = new DMatrixRMaj(rows.length, features);
    for (int s = 0; s < rows.length; s++) {
      double root = Math.sqrt(weights[s]);
      for (int f = 0; f < features; f++) {
        centred.set(s, f, root * ((rows[s][f] ? 1 : 0) - means[f]));
      }
    }
    this.dual = features > rows.length;
    int size = dual ? rows.length : features;
    DMatrixRMaj gram = new DMatrixRMaj(size, size);
    if (dual) {
      CommonOps_DDRM.multOuter(centred, gram);
    } else {
      CommonOps_DDRM.multInner(centred, gram);
    }
    for (int i = 0; i < size; i++) {
      gram.add(i, i, alpha);
    }
    this.solver = LinearSolverFactory_DDRM.symmPosDef(size);
    if (!solver.setA(gram)) {
      throw new XAIException(
          "the local linear model cannot be solved with the penalty "
              + alpha
              + "; raise the option ridge");
    }
  }

  /**
   * Fits.
   *
   * @param y one value per row
   * @return the solution; R squared is weighted too, and 1 if all y are equal
   */
  Fit fit(double[] y) {
    double mean = mean(y);
    DMatrixRMaj c = new DMatrixRMaj(y.length, 1);
    for (int s = 0; s < y.length; s++) {
      c.set(s, 0, Math.sqrt(weights[s]) * (y[s] - mean));
    }
    DMatrixRMaj beta = new DMatrixRMaj(means.length, 1);
    if (dual) {
      DMatrixRMaj solution = new DMatrixRMaj(y.length, 1);
      solver.solve(c, solution);
      CommonOps_DDRM.multTransA(centred, solution, beta);
    } else {
      DMatrixRMaj right = new DMatrixRMaj(means.length, 1);
      CommonOps_DDRM.multTransA(centred, c, right);
      solver.solve(right, beta);
    }
    double[] coefficients = beta.getData().clone();
    double intercept = mean;
    for (int f = 0; f < means.length; f++) {
      intercept -= coefficients[f] * means[f];
    }
    return new Fit(
        coefficients, intercept, rSquared(y, mean, coefficients, intercept), errors(c, beta));
  }

  /**
   * Returns White's standard errors, which hold though the scores are not linear: the squared
   * residuals stand for the variance of each row.
   *
   * <pre>{@code
   * variance of beta = n / (n - features - 1) * sum over s of (G A[s] r[s])^2,
   *                    G = (A'A + alpha I)^-1, r = c - A beta
   * }</pre>
   */
  private double[] errors(DMatrixRMaj c, DMatrixRMaj beta) {
    int features = means.length;
    double[] errors = new double[features];
    double freedom = rows.length - features - 1.0;
    if (dual || freedom <= 0) {
      Arrays.fill(errors, Double.NaN);
      return errors;
    }
    DMatrixRMaj inverse = new DMatrixRMaj(features, features);
    solver.invert(inverse);
    DMatrixRMaj gains = new DMatrixRMaj(rows.length, features);
    CommonOps_DDRM.mult(centred, inverse, gains);
    DMatrixRMaj fitted = new DMatrixRMaj(rows.length, 1);
    CommonOps_DDRM.mult(centred, beta, fitted);
    for (int f = 0; f < features; f++) {
      double sum = 0;
      for (int s = 0; s < rows.length; s++) {
        double moved = gains.get(s, f) * (c.get(s) - fitted.get(s));
        sum += moved * moved;
      }
      errors[f] = Math.sqrt(sum * rows.length / freedom);
    }
    return errors;
  }

  private double rSquared(double[] y, double mean, double[] coefficients, double intercept) {
    double residual = 0;
    double total = 0;
    for (int s = 0; s < y.length; s++) {
      double predicted = intercept;
      for (int f = 0; f < coefficients.length; f++) {
        predicted += rows[s][f] ? coefficients[f] : 0;
      }
      residual += weights[s] * (y[s] - predicted) * (y[s] - predicted);
      total += weights[s] * (y[s] - mean) * (y[s] - mean);
    }
    return total == 0 ? 1 : 1 - residual / total;
  }

  private double mean(double[] values) {
    double sum = 0;
    double total = 0;
    for (int s = 0; s < values.length; s++) {
      sum += weights[s] * values[s];
      total += weights[s];
    }
    return sum / total;
  }
}
