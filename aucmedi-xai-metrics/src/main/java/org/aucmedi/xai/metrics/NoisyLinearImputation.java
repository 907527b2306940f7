package org.aucmedi.xai.metrics;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
 * over an edge, 1/56 over a corner.
 *
 * <p>The equations of all removed pixels are solved together, by conjugate gradients.
 */
final class NoisyLinearImputation {

  /** Of the right side's norm, at which the solution is good enough. */
  private static final double TOLERANCE = 1e-7;

  private final BatchAxes axes;
  private final double noise;
  private final List<Neighbour> neighbours = new ArrayList<>();
  private final int[] sizes;

  /** The relative position of a neighbour. */
  private record Neighbour(int[] steps, double weight) {}

  /**
   * Prepares the imputation of an image.
   *
   * @param axes how it is arranged
   * @param noise in standard deviations of the image
   */
  NoisyLinearImputation(BatchAxes axes, double noise) {
    this.axes = axes;
    this.noise = noise;
    this.sizes = axes.spatialSizes();
    int rank = sizes.length;
    int all = (int) Math.pow(3, rank);
    for (int code = 0; code < all; code++) {
      int[] steps = new int[rank];
      int rest = code;
      for (int a = 0; a < rank; a++) {
        steps[a] = rest % 3 - 1;
        rest /= 3;
      }
      int moves = (int) Arrays.stream(steps).filter(step -> step != 0).count();
      if (moves > 0) {
        neighbours.add(new Neighbour(steps, 1 << (rank - moves)));
      }
    }
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
    if (removed.length == 0) {
      return imputed;
    }
    Equations equations = new Equations(removed);
    double deviation = noise * deviation(image);
    for (int channel = 0; channel < axes.channels(); channel++) {
      double[] solved = equations.solve(image, channel);
      for (int i = 0; i < removed.length; i++) {
        imputed[axes.index(0, channel, removed[i])] =
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

  /**
   * The linear system of some removed pixels: its matrix has the weights' sum in the diagonal and
   * their negatives beside it, so that it is symmetric and positive definite.
   */
  private final class Equations {

    private final int[] removed;

    /** Which unknown a position is, or -1 if it is known. */
    private final int[] unknown;

    private final double[] diagonal;

    /** For each unknown the positions and weights of its neighbours. */
    private final int[][] beside;

    private final double[][] weights;

    Equations(int[] removed) {
      this.removed = removed;
      unknown = new int[axes.positions()];
      Arrays.fill(unknown, -1);
      for (int i = 0; i < removed.length; i++) {
        unknown[removed[i]] = i;
      }
      diagonal = new double[removed.length];
      beside = new int[removed.length][];
      weights = new double[removed.length][];
      for (int i = 0; i < removed.length; i++) {
        connect(i);
      }
    }

    private void connect(int i) {
      int[] found = new int[neighbours.size()];
      double[] weighing = new double[neighbours.size()];
      int count = 0;
      for (Neighbour neighbour : neighbours) {
        int position = positionOf(removed[i], neighbour.steps);
        if (position >= 0) {
          found[count] = position;
          weighing[count++] = neighbour.weight;
          diagonal[i] += neighbour.weight;
        }
      }
      beside[i] = Arrays.copyOf(found, count);
      weights[i] = Arrays.copyOf(weighing, count);
    }

    /** Moves from a position, or returns -1 if that leaves the image. */
    private int positionOf(int from, int[] steps) {
      int position = 0;
      int stride = 1;
      int rest = from;
      for (int a = sizes.length - 1; a >= 0; a--) {
        int moved = rest % sizes[a] + steps[a];
        if (moved < 0 || moved >= sizes[a]) {
          return -1;
        }
        position += moved * stride;
        stride *= sizes[a];
        rest /= sizes[a];
      }
      return position;
    }

    /** Conjugate gradients, preconditioned by the diagonal. */
    double[] solve(float[] image, int channel) {
      int n = removed.length;
      double[] right = new double[n];
      double known = 0;
      for (int p = 0; p < unknown.length; p++) {
        known += unknown[p] < 0 ? image[axes.index(0, channel, p)] : 0;
      }
      double start = known / (unknown.length - n);
      for (int i = 0; i < n; i++) {
        for (int k = 0; k < beside[i].length; k++) {
          if (unknown[beside[i][k]] < 0) {
            // In distances from the start, a constant image needs no step.
            right[i] += weights[i][k] * (image[axes.index(0, channel, beside[i][k])] - start);
          }
        }
      }
      double[] x = new double[n];
      double[] residual = right.clone();
      double[] z = new double[n];
      double[] direction = new double[n];
      double[] product = new double[n];
      double enough = TOLERANCE * TOLERANCE * dot(right, right);
      double energy = 0;
      for (int step = 0; step <= 10 * n && dot(residual, residual) > enough; step++) {
        Arrays.setAll(z, i -> residual[i] / diagonal[i]);
        double next = dot(residual, z);
        double along = step == 0 ? 0 : next / energy;
        energy = next;
        Arrays.setAll(direction, i -> z[i] + along * direction[i]);
        multiply(direction, product);
        double length = energy / dot(direction, product);
        for (int i = 0; i < n; i++) {
          x[i] += length * direction[i];
          residual[i] -= length * product[i];
        }
      }
      return Arrays.stream(x).map(value -> value + start).toArray();
    }

    private void multiply(double[] x, double[] product) {
      for (int i = 0; i < x.length; i++) {
        double sum = diagonal[i] * x[i];
        for (int k = 0; k < beside[i].length; k++) {
          int other = unknown[beside[i][k]];
          sum -= other < 0 ? 0 : weights[i][k] * x[other];
        }
        product[i] = sum;
      }
    }

    private static double dot(double[] a, double[] b) {
      double sum = 0;
      for (int i = 0; i < a.length; i++) {
        sum += a[i] * b[i];
      }
      return sum;
    }
  }
}
