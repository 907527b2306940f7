package org.aucmedi.xai.methods.cam;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.SingularValueDecomposition_F64;

/**
 * The first principal component of values X with channels k and positions i: the direction v, one
 * number per channel and of length 1, along which the centred values vary most over the positions,
 *
 * <pre>{@code
 * M[i, k] = X[k, i] - mean over j of X[k, j]
 * v       = the unit vector with the largest |M v|, its sign such that sum over k of v[k] >= 0
 * }</pre>
 *
 * <p>The sign makes {@code M v} rise and fall with the sum over the channels of X: as {@code M'M v}
 * is v times the largest squared singular value, their covariance has the sign of {@code sum over k
 * of v[k]}.
 *
 * <p>v comes from a compact singular value decomposition: memory and time grow linearly with the
 * larger of the numbers of channels and positions, and the time quadratically with the smaller.
 */
final class FirstComponent {

  private FirstComponent() {}

  /**
   * Projects the centred values on v.
   *
   * @param values X, {@code [k][i]}; not changed
   * @return {@code M v}, one value per position, which add up to 0; NaN if a value is not finite
   */
  static double[] project(double[][] values) {
    int positions = values[0].length;
    DMatrixRMaj centred = centred(values, positions);
    double[] map = new double[positions];
    // A decomposition of NaN might never converge.
    double[] direction = isFinite(centred) ? direction(centred) : filled(values.length, Double.NaN);
    for (int i = 0; i < positions; i++) {
      for (int k = 0; k < direction.length; k++) {
        map[i] += centred.get(i, k) * direction[k];
      }
    }
    return map;
  }

  private static DMatrixRMaj centred(double[][] values, int positions) {
    DMatrixRMaj centred = new DMatrixRMaj(positions, values.length);
    for (int k = 0; k < values.length; k++) {
      // Counted from the first value, so that equal values leave exactly nothing.
      double first = values[k][0];
      double mean = first + Arrays.stream(values[k]).map(x -> x - first).sum() / positions;
      for (int i = 0; i < positions; i++) {
        centred.set(i, k, values[k][i] - mean);
      }
    }
    return centred;
  }

  private static boolean isFinite(DMatrixRMaj matrix) {
    return Arrays.stream(matrix.data).allMatch(Double::isFinite);
  }

  private static double[] direction(DMatrixRMaj centred) {
    SingularValueDecomposition_F64<DMatrixRMaj> svd =
        DecompositionFactory_DDRM.svd(centred.numRows, centred.numCols, false, true, true);
    if (!svd.decompose(centred.copy())) {
      return filled(centred.numCols, Double.NaN);
    }
    double[] singular = svd.getSingularValues();
    int largest = 0;
    for (int s = 1; s < svd.numberOfSingularValues(); s++) {
      largest = singular[s] > singular[largest] ? s : largest;
    }
    DMatrixRMaj directions = svd.getV(null, true);
    int from = largest * centred.numCols;
    double[] direction = Arrays.copyOfRange(directions.data, from, from + centred.numCols);
    return Arrays.stream(direction).sum() < 0
        ? Arrays.stream(direction).map(value -> -value).toArray()
        : direction;
  }

  private static double[] filled(int size, double value) {
    double[] filled = new double[size];
    Arrays.fill(filled, value);
    return filled;
  }
}
