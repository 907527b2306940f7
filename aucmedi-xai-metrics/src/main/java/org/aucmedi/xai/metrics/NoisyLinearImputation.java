package org.aucmedi.xai.metrics;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.aucmedi.xai.array.BatchAxes;

/**
 * Noisy linear imputation (Y. Rong et al., <a href="https://arxiv.org/abs/2202.00449">A Consistent
 * and Efficient Evaluation Strategy for Attribution Methods</a>, 2022): every removed pixel is the
 * weighted mean of its neighbours, removed ones included, plus a little noise.
 *
 * <pre>{@code x[i] = sum over neighbours j of w[ij] x[j] / sum over neighbours j of w[ij]}</pre>
 *
 * <p>In two dimensions direct neighbours weigh 1/6 and diagonal ones 1/12; at the border the
 * weights of those that are there are scaled to sum 1. For three dimensions the paper says nothing;
 * here the rule goes on, each step along another axis halves the weight: 1/14 through a face, 1/28
 * over an edge, 1/56 over a corner. These are the products of (1, 2, 1) along each axis, without
 * their centre, so that a sum over neighbours is a pass along each axis.
 *
 * <p>The equations of all removed pixels are solved together, by conjugate gradients: with the sum
 * of the weights in the diagonal and their negatives beside it, the matrix is symmetric and
 * positive definite.
 */
final class NoisyLinearImputation {

  /** Of the right side's norm, at which the solution is good enough. */
  private static final double TOLERANCE = 1e-7;

  private final BatchAxes axes;
  private final int[] sizes;
  private final double noise;

  /** For each position the sum of the weights of its neighbours. */
  private final double[] weights;

  /**
   * Prepares the imputation of an image.
   *
   * @param axes how it is arranged
   * @param noise in standard deviations of the image
   */
  NoisyLinearImputation(BatchAxes axes, double noise) {
    this.axes = axes;
    this.sizes = axes.spatialSizes();
    this.noise = noise;
    double[] ones = new double[axes.positions()];
    Arrays.fill(ones, 1);
    this.weights = overNeighbours(ones);
  }

  /**
   * Replaces pixels.
   *
   * @param image the values of all channels
   * @param removed the positions to replace; not all of them
   * @param random draws the noise
   * @return a changed copy
   */
  float[] impute(float[] image, int[] removed, SplittableRandom random) {
    checkArgument(
        removed.length < axes.positions(), "at least one pixel must stay, all are removed");
    float[] imputed = image.clone();
    double deviation = noise * deviation(image);
    for (int channel = 0; channel < axes.channels(); channel++) {
      double[] solved = solve(image, channel, removed);
      for (int i : removed) {
        imputed[axes.index(0, channel, i)] =
            (float) (solved[i] + deviation * random.nextGaussian());
      }
    }
    return imputed;
  }

  private static double deviation(float[] image) {
    double mean = 0;
    for (float value : image) {
      mean += value;
    }
    mean /= image.length;
    double variance = 0;
    for (float value : image) {
      variance += (value - mean) * (value - mean);
    }
    return Math.sqrt(variance / image.length);
  }

  /** Solves for the removed positions, by conjugate gradients with the diagonal before them. */
  private double[] solve(float[] image, int channel, int[] removed) {
    double[] known = new double[axes.positions()];
    Arrays.setAll(known, i -> image[axes.index(0, channel, i)]);
    double sum = Arrays.stream(known).sum();
    for (int i : removed) {
      sum -= known[i];
    }
    // In distances from the mean of what is known, a constant image needs no step.
    double mean = sum / (known.length - removed.length);
    Arrays.setAll(known, i -> known[i] - mean);
    for (int i : removed) {
      known[i] = 0;
    }
    double[] residual = overNeighbours(known);
    double enough = TOLERANCE * TOLERANCE * dot(residual, residual, removed);
    double[] x = new double[known.length];
    double[] direction = new double[known.length];
    double energy = 0;
    for (int step = 0; step <= 10 * removed.length; step++) {
      if (dot(residual, residual, removed) <= enough) {
        break;
      }
      double next = 0;
      for (int i : removed) {
        next += residual[i] * residual[i] / weights[i];
      }
      for (int i : removed) {
        direction[i] = residual[i] / weights[i] + (step == 0 ? 0 : next / energy * direction[i]);
      }
      energy = next;
      double[] product = overNeighbours(direction);
      for (int i : removed) {
        product[i] = weights[i] * direction[i] - product[i];
      }
      double length = energy / dot(direction, product, removed);
      for (int i : removed) {
        x[i] += length * direction[i];
        residual[i] -= length * product[i];
      }
    }
    for (int i : removed) {
      x[i] += mean;
    }
    return x;
  }

  private static double dot(double[] a, double[] b, int[] positions) {
    double sum = 0;
    for (int i : positions) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  /** For each position the weighted sum of its neighbours. */
  private double[] overNeighbours(double[] values) {
    double[] sums = values;
    int stride = values.length;
    for (int size : sizes) {
      stride /= size;
      sums = alongAxis(sums, size, stride);
    }
    double centre = 1 << sizes.length;
    for (int i = 0; i < values.length; i++) {
      sums[i] -= centre * values[i];
    }
    return sums;
  }

  /** Weighs by (1, 2, 1); beyond the border is 0. */
  private static double[] alongAxis(double[] values, int size, int stride) {
    double[] sums = new double[values.length];
    for (int line = 0; line < values.length; line += size * stride) {
      for (int at = 0; at < size; at++) {
        int start = line + at * stride;
        for (int i = start; i < start + stride; i++) {
          sums[i] =
              2 * values[i]
                  + (at > 0 ? values[i - stride] : 0)
                  + (at < size - 1 ? values[i + stride] : 0);
        }
      }
    }
    return sums;
  }
}
