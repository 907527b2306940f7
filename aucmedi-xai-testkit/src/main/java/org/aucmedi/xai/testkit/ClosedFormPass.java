package org.aucmedi.xai.testkit;

import com.google.common.primitives.Floats;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.aucmedi.xai.model.PropagationRule;
import org.aucmedi.xai.model.RelevanceRules;
import org.aucmedi.xai.model.ReluRule;
import org.jspecify.annotations.Nullable;

/**
 * The passes of one image through a {@link ClosedFormNet}; all arrays are {@code
 * [channel][position]}.
 */
final class ClosedFormPass {

  private final ClosedFormNet.Weights weights;
  private final boolean rectified;
  private final boolean softmax;
  private final List<List<Integer>> neighbours;
  private final double[][] image;
  private final double[][] convolved;
  private final double[][] rectifiedValues;
  private final double[] pooled;
  private final double[] logits;

  /** The prediction. */
  final double[] output;

  ClosedFormPass(
      ClosedFormNet.Weights weights,
      boolean rectified,
      boolean softmax,
      double[][] image,
      long[] sizes) {
    this.weights = weights;
    this.rectified = rectified;
    this.softmax = softmax;
    this.image = image;
    this.neighbours = neighbours(sizes);
    this.convolved = convolve(image);
    this.rectifiedValues = rectify(convolved);
    this.pooled = pool(rectifiedValues);
    this.logits = dense(pooled);
    this.output = last(logits);
  }

  private double[][] rectify(double[][] values) {
    double[][] result = new double[values.length][];
    for (int k = 0; k < result.length; k++) {
      result[k] = values[k].clone();
      for (int i = 0; rectified && i < result[k].length; i++) {
        result[k][i] = Math.max(0, values[k][i]);
      }
    }
    return result;
  }

  private static double[] pool(double[][] values) {
    double[] means = new double[values.length];
    for (int k = 0; k < means.length; k++) {
      for (double value : values[k]) {
        means[k] += value / values[k].length;
      }
    }
    return means;
  }

  private double[] dense(double[] values) {
    double[] result = new double[weights.head().length];
    for (int c = 0; c < result.length; c++) {
      result[c] = weights.headBias()[c];
      for (int k = 0; k < values.length; k++) {
        result[c] += weights.head()[c][k] * values[k];
      }
    }
    return result;
  }

  private double[] last(double[] values) {
    return softmax ? softmax(values) : values;
  }

  /** The prediction that follows from given values of a layer. */
  double[] outputFrom(String layer, double[][] values) {
    return switch (layer) {
      case "conv" -> last(dense(pool(rectify(values))));
      case "relu" -> last(dense(pool(values)));
      case "pool" -> last(dense(row(values)));
      case "dense" -> last(row(values));
      default -> row(values);
    };
  }

  private static double[] row(double[][] columns) {
    double[] row = new double[columns.length];
    for (int c = 0; c < row.length; c++) {
      row[c] = columns[c][0];
    }
    return row;
  }

  /** The output of a layer, a copy. */
  double[][] activations(String layer) {
    return switch (layer) {
      case "conv" -> copied(convolved);
      case "relu" -> copied(rectifiedValues);
      case "pool" -> columns(pooled);
      case "dense" -> columns(logits);
      default -> columns(output);
    };
  }

  private static double[][] copied(double[][] values) {
    return Arrays.stream(values).map(double[]::clone).toArray(double[][]::new);
  }

  /** The gradients of {@code sum(output * outputGradient)} with respect to everything. */
  record Gradients(
      double[][] image,
      double[][] convolved,
      double[][] rectified,
      double[] pooled,
      double[] logits,
      double[] output) {

    double[][] of(String part) {
      return switch (part) {
        case "image" -> image;
        case "conv" -> convolved;
        case "relu" -> rectified;
        case "pool" -> columns(pooled);
        case "dense" -> columns(logits);
        default -> columns(output);
      };
    }
  }

  /**
   * Computes the gradients.
   *
   * @param outputGradients those of a batch, (N, classes)
   * @param row the index of this image in the batch
   * @param rule the backward rule of the ReLU, or null for its derivative
   */
  Gradients backward(float[] outputGradients, int row, @Nullable ReluRule rule) {
    double[] ofOutput = new double[output.length];
    double mean = 0;
    for (int c = 0; c < output.length; c++) {
      ofOutput[c] = outputGradients[row * output.length + c];
      mean += output[c] * ofOutput[c];
    }
    double[] ofLogits = ofOutput.clone();
    for (int c = 0; c < output.length && softmax; c++) {
      ofLogits[c] = output[c] * (ofOutput[c] - mean);
    }
    double[] ofPooled = new double[pooled.length];
    double[][] ofRectified = new double[pooled.length][convolved[0].length];
    double[][] ofConvolved = new double[pooled.length][convolved[0].length];
    for (int k = 0; k < pooled.length; k++) {
      for (int c = 0; c < output.length; c++) {
        ofPooled[k] += ofLogits[c] * weights.head()[c][k];
      }
      for (int i = 0; i < convolved[k].length; i++) {
        double arriving = ofPooled[k] / convolved[k].length;
        ofRectified[k][i] = arriving;
        boolean dark = rectified && rule != ReluRule.DECONVNET && convolved[k][i] <= 0;
        boolean against = rectified && rule != null && arriving < 0;
        ofConvolved[k][i] = dark || against ? 0 : arriving;
      }
    }
    return new Gradients(
        transposed(ofConvolved), ofConvolved, ofRectified, ofPooled, ofLogits, ofOutput);
  }

  /**
   * The relevance of the image, the score it is of, and what biases took.
   *
   * @param image [channel][position]
   */
  record Relevance(double[][] image, double score, double biases) {}

  /**
   * Propagates the logits back to the image.
   *
   * @param seeds those of the logits of a batch, (N, classes)
   * @param row the index of this image in the batch
   * @param rules the rules
   */
  Relevance relevance(float[] seeds, int row, RelevanceRules rules) {
    double score = 0;
    double biases = 0;
    double[] ofPooled = new double[pooled.length];
    for (int c = 0; c < logits.length; c++) {
      double start = seeds[row * logits.length + c] * logits[c];
      score += start;
      double[] head = Floats.asList(weights.head()[c]).stream().mapToDouble(w -> w).toArray();
      double[] shares = Shares.of(rules.dense(), pooled, head, weights.headBias()[c], start);
      for (int k = 0; k < pooled.length; k++) {
        ofPooled[k] += shares[k];
      }
      biases += shares[pooled.length];
    }
    PropagationRule rule = rules.input() == null ? rules.convolution() : rules.input();
    double[][] relevance = new double[image.length][image[0].length];
    for (int k = 0; k < pooled.length; k++) {
      for (int i = 0; i < image[0].length; i++) {
        double mean = rectifiedValues[k][i] / image[0].length;
        double arriving = pooled[k] == 0 ? 0 : ofPooled[k] * mean / pooled[k];
        biases += share(rule, k, i, arriving, relevance);
      }
    }
    return new Relevance(relevance, score, biases);
  }

  /**
   * Computes the multipliers of DeepLIFT.
   *
   * @param seeds those of the logits of a batch, (N, classes)
   * @param row the index of this image in the batch
   * @param reference the pass of the reference
   * @return the multipliers, [channel][position], and the difference of the scores
   */
  Relevance multipliers(float[] seeds, int row, ClosedFormPass reference) {
    double difference = 0;
    double[][] ofConvolved = new double[pooled.length][image[0].length];
    for (int c = 0; c < logits.length; c++) {
      double seed = seeds[row * logits.length + c];
      difference += seed * (logits[c] - reference.logits[c]);
      for (int k = 0; k < pooled.length; k++) {
        for (int i = 0; i < image[0].length; i++) {
          double step = convolved[k][i] - reference.convolved[k][i];
          double slope =
              Math.abs(step) < 1e-7
                  ? (rectified && convolved[k][i] <= 0 ? 0 : 1)
                  : (rectifiedValues[k][i] - reference.rectifiedValues[k][i]) / step;
          ofConvolved[k][i] += seed * weights.head()[c][k] / image[0].length * slope;
        }
      }
    }
    return new Relevance(transposed(ofConvolved), difference, 0);
  }

  /**
   * Takes the logits apart.
   *
   * @param seeds those of the logits of a batch, (N, classes)
   * @param row the index of this image in the batch
   * @return the gradient of the image; the parts of the convolution's biases, [channel][position],
   *     and of the head's, [class]
   */
  Parts parts(float[] seeds, int row) {
    double score = 0;
    double[] head = new double[logits.length];
    double[][] ofConvolved = new double[pooled.length][image[0].length];
    double[][] biases = new double[pooled.length][image[0].length];
    for (int c = 0; c < logits.length; c++) {
      double seed = seeds[row * logits.length + c];
      score += seed * logits[c];
      head[c] = seed * weights.headBias()[c];
      for (int k = 0; k < pooled.length; k++) {
        for (int i = 0; i < image[0].length; i++) {
          double open = rectified && convolved[k][i] <= 0 ? 0 : 1;
          ofConvolved[k][i] += seed * weights.head()[c][k] / image[0].length * open;
          biases[k][i] = ofConvolved[k][i] * weights.bias()[k];
        }
      }
    }
    return new Parts(transposed(ofConvolved), score, biases, head);
  }

  /**
   * A logit taken apart.
   *
   * @param image the gradient of the image, [channel][position]
   * @param score the logit
   * @param biases the convolution's biases times their gradients, [channel][position]
   * @param head the same of the head, [class]
   */
  record Parts(double[][] image, double score, double[][] biases, double[] head) {}

  /** Shares the relevance of an output of the convolution; returns what the bias took. */
  private double share(PropagationRule rule, int k, int i, double arriving, double[][] relevance) {
    List<Integer> near = neighbours.get(i);
    int size = near.size() + 1;
    double[] x = new double[image.length * size];
    double[] w = new double[x.length];
    for (int c = 0; c < image.length; c++) {
      x[c * size] = image[c][i];
      w[c * size] = weights.own()[k][c];
      for (int j = 0; j < near.size(); j++) {
        x[c * size + 1 + j] = image[c][near.get(j)];
        w[c * size + 1 + j] = weights.near()[k][c];
      }
    }
    double[] shares = Shares.of(rule, x, w, weights.bias()[k], arriving);
    for (int c = 0; c < image.length; c++) {
      relevance[c][i] += shares[c * size];
      for (int j = 0; j < near.size(); j++) {
        relevance[c][near.get(j)] += shares[c * size + 1 + j];
      }
    }
    return shares[x.length];
  }

  private double[][] convolve(double[][] image) {
    double[][] result = new double[weights.own().length][image[0].length];
    for (int k = 0; k < result.length; k++) {
      for (int i = 0; i < image[0].length; i++) {
        result[k][i] = weights.bias()[k];
        for (int c = 0; c < image.length; c++) {
          result[k][i] += weights.own()[k][c] * image[c][i];
          for (int j : neighbours.get(i)) {
            result[k][i] += weights.near()[k][c] * image[c][j];
          }
        }
      }
    }
    return result;
  }

  /** Neighbourhood is symmetric, so the backward pass has the same form as the forward pass. */
  private double[][] transposed(double[][] gradients) {
    double[][] result = new double[weights.own()[0].length][gradients[0].length];
    for (int c = 0; c < result.length; c++) {
      for (int i = 0; i < gradients[0].length; i++) {
        for (int k = 0; k < gradients.length; k++) {
          result[c][i] += weights.own()[k][c] * gradients[k][i];
          for (int j : neighbours.get(i)) {
            result[c][i] += weights.near()[k][c] * gradients[k][j];
          }
        }
      }
    }
    return result;
  }

  private static List<List<Integer>> neighbours(long[] sizes) {
    int positions = 1;
    for (long size : sizes) {
      positions *= (int) size;
    }
    List<List<Integer>> all = new ArrayList<>();
    for (int i = 0; i < positions; i++) {
      List<Integer> near = new ArrayList<>();
      int stride = positions;
      for (long size : sizes) {
        stride /= (int) size;
        long along = i / stride % size;
        if (along > 0) {
          near.add(i - stride);
        }
        if (along < size - 1) {
          near.add(i + stride);
        }
      }
      all.add(near);
    }
    return all;
  }

  private static double[] softmax(double[] logits) {
    double max = Double.NEGATIVE_INFINITY;
    for (double logit : logits) {
      max = Math.max(max, logit);
    }
    double sum = 0;
    double[] result = new double[logits.length];
    for (int c = 0; c < logits.length; c++) {
      result[c] = Math.exp(logits[c] - max);
      sum += result[c];
    }
    for (int c = 0; c < logits.length; c++) {
      result[c] /= sum;
    }
    return result;
  }

  private static double[][] columns(double[] values) {
    double[][] columns = new double[values.length][1];
    for (int i = 0; i < values.length; i++) {
      columns[i][0] = values[i];
    }
    return columns;
  }
}
