package org.aucmedi.xai.examples;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.convolutional.Conv3d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.pooling.Pool;
import ai.djl.util.Pair;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * AUCMEDI's Vanilla network with random weights, 2-D or 3-D: as DJL blocks, and again in plain Java
 * with float64, whose gradients are the reference for those of an engine.
 *
 * <p>Four times convolution 3 x 3, ReLU and max-pooling by 2; the mean over all positions; a dense
 * layer without activation, a dense layer for the classes, softmax. Arrays are channels first.
 */
final class VanillaNet {

  private final int rank;
  private final int[] filters;
  private final int channels;
  private final List<float[]> weights = new ArrayList<>();
  private final List<Integer> outputs = new ArrayList<>();

  /**
   * Draws the weights, uniformly as Glorot does, and no biases.
   *
   * @param rank 2 or 3
   * @param channels of the images
   * @param filters of the four convolutions; the dense layer has twice the last
   * @param classes how many
   * @param headScale times the weights of the last layer: pixel values that are not standardised
   *     saturate the softmax otherwise
   */
  VanillaNet(int rank, int channels, int[] filters, int classes, double headScale, long seed) {
    this.rank = rank;
    this.channels = channels;
    this.filters = filters.clone();
    SplittableRandom random = new SplittableRandom(seed);
    int taps = rank == 2 ? 9 : 27;
    int in = channels;
    for (int out : filters) {
      add(random, in, out, taps, 1);
      in = out;
    }
    add(random, in, 2 * in, 1, 1);
    add(random, 2 * in, classes, 1, headScale);
  }

  private void add(SplittableRandom random, int in, int out, int taps, double scale) {
    double limit = scale * Math.sqrt(6.0 / ((in + out) * taps));
    float[] drawn = new float[out * in * taps];
    for (int i = 0; i < drawn.length; i++) {
      drawn[i] = (float) (limit * (2 * random.nextDouble() - 1));
    }
    weights.add(drawn);
    outputs.add(out);
  }

  /** Makes the network of an engine, which the caller closes. */
  Model blocks(String engine, int size) {
    Shape two = new Shape(IntStream.range(0, rank).mapToLong(i -> 2).toArray());
    SequentialBlock net = new SequentialBlock();
    for (int count : filters) {
      net.add(convolution(count))
          .add(Activation.reluBlock())
          .add(rank == 2 ? Pool.maxPool2dBlock(two, two) : Pool.maxPool3dBlock(two, two));
    }
    net.add(rank == 2 ? Pool.globalAvgPool2dBlock() : Pool.globalAvgPool3dBlock())
        .add(Linear.builder().setUnits(outputs.get(4)).build())
        .add(Dropout.builder().optRate(0.3f).build())
        .add(Linear.builder().setUnits(outputs.get(5)).build())
        .addSingleton(x -> x.softmax(1));
    Model model = Model.newInstance("vanilla", engine);
    model.setBlock(net);
    long[] input = new long[rank + 2];
    Arrays.fill(input, size);
    input[0] = 1;
    input[1] = channels;
    net.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(input));
    load(net, weights.iterator());
    return model;
  }

  private Block convolution(int count) {
    Shape three = new Shape(IntStream.range(0, rank).mapToLong(i -> 3).toArray());
    Shape one = new Shape(IntStream.range(0, rank).mapToLong(i -> 1).toArray());
    return rank == 2
        ? Conv2d.builder().setKernelShape(three).optPadding(one).setFilters(count).build()
        : Conv3d.builder().setKernelShape(three).optPadding(one).setFilters(count).build();
  }

  private static void load(Block block, Iterator<float[]> arrays) {
    for (Parameter parameter : block.getDirectParameters().values()) {
      NDArray array = parameter.getArray();
      array.set(
          FloatBuffer.wrap(
              parameter.getName().equals("bias")
                  ? new float[Math.toIntExact(array.size())]
                  : arrays.next()));
    }
    for (Pair<String, Block> child : block.getChildren()) {
      load(child.getValue(), arrays);
    }
  }

  /** Runs an image forward. */
  Pass run(float[] image, int size) {
    return new Pass(image, size);
  }

  /** What the network computes of an image, and its derivatives. */
  final class Pass {

    private final int size;

    /** What comes in to each convolution, and behind it before the ReLU. */
    private final double[][] inputs = new double[5][];

    private final double[][] before = new double[4][];
    private final int[][] winners = new int[4][];
    private final double[] softmax;

    private Pass(float[] image, int size) {
      this.size = size;
      inputs[0] = new double[image.length];
      Arrays.setAll(inputs[0], i -> image[i]);
      for (int layer = 0; layer < 4; layer++) {
        before[layer] = convolve(layer, inputs[layer], size >> layer);
        pool(layer);
      }
      double[] mean = new double[filters[3]];
      int positions = inputs[4].length / mean.length;
      for (int i = 0; i < inputs[4].length; i++) {
        mean[i / positions] += inputs[4][i] / positions;
      }
      double[] logits = dense(5, dense(4, mean));
      double max = Arrays.stream(logits).max().orElseThrow();
      softmax = Arrays.stream(logits).map(l -> Math.exp(l - max)).toArray();
      double sum = Arrays.stream(softmax).sum();
      for (int c = 0; c < softmax.length; c++) {
        softmax[c] /= sum;
      }
    }

    /** The probability of each class. */
    double[] probabilities() {
      return softmax.clone();
    }

    /** The output of the last max-pooling, (K, space). */
    double[] activations() {
      return inputs[4].clone();
    }

    /** The derivative of a probability by each of the last activations, one for each of K. */
    double[] weightsOf(int target) {
      double[] logits = new double[softmax.length];
      for (int c = 0; c < logits.length; c++) {
        logits[c] = softmax[target] * ((c == target ? 1 : 0) - softmax[c]);
      }
      double[] mean = transposed(4, transposed(5, logits));
      int positions = inputs[4].length / mean.length;
      return Arrays.stream(mean).map(g -> g / positions).toArray();
    }

    /**
     * The derivative of a probability by the image.
     *
     * @param guided whether a ReLU passes on positive derivatives only
     */
    double[] gradient(int target, boolean guided) {
      double[] own = weightsOf(target);
      double[] gradient = new double[inputs[4].length];
      int positions = gradient.length / own.length;
      Arrays.setAll(gradient, i -> own[i / positions]);
      for (int layer = 3; layer >= 0; layer--) {
        double[] wide = new double[before[layer].length];
        for (int i = 0; i < gradient.length; i++) {
          double g = gradient[i];
          int winner = winners[layer][i];
          wide[winner] = before[layer][winner] > 0 && (g > 0 || !guided) ? g : 0;
        }
        gradient = convolveBack(layer, wide, size >> layer);
      }
      return gradient;
    }

    /** ReLU and max-pooling. */
    private void pool(int layer) {
      int in = size >> layer;
      int out = in / 2;
      int depth = rank == 3 ? out : 1;
      int steps = rank == 3 ? 2 : 1;
      double[] pooled = new double[filters[layer] * depth * out * out];
      int[] winner = new int[pooled.length];
      int plane = rank == 3 ? in * in * in : in * in;
      for (int i = 0, k = 0; k < filters[layer]; k++) {
        for (int z = 0; z < depth; z++) {
          for (int y = 0; y < out; y++) {
            for (int x = 0; x < out; x++, i++) {
              int best = -1;
              for (int dz = 0; dz < steps; dz++) {
                for (int dy = 0; dy < 2; dy++) {
                  for (int dx = 0; dx < 2; dx++) {
                    int at = k * plane + ((steps * z + dz) * in + 2 * y + dy) * in + 2 * x + dx;
                    if (best < 0 || before[layer][at] > before[layer][best]) {
                      best = at;
                    }
                  }
                }
              }
              winner[i] = best;
              pooled[i] = Math.max(0, before[layer][best]);
            }
          }
        }
      }
      winners[layer] = winner;
      inputs[layer + 1] = pooled;
    }
  }

  private double[] dense(int layer, double[] x) {
    double[] y = new double[outputs.get(layer)];
    for (int i = 0; i < y.length; i++) {
      for (int k = 0; k < x.length; k++) {
        y[i] += weights.get(layer)[i * x.length + k] * x[k];
      }
    }
    return y;
  }

  private double[] transposed(int layer, double[] y) {
    int in = weights.get(layer).length / y.length;
    double[] x = new double[in];
    for (int i = 0; i < y.length; i++) {
      for (int k = 0; k < in; k++) {
        x[k] += weights.get(layer)[i * in + k] * y[i];
      }
    }
    return x;
  }

  private double[] convolve(int layer, double[] x, int n) {
    double[] y = new double[filters[layer] * plane(n)];
    taps(
        layer,
        n,
        (weight, from, to, length) -> {
          for (int i = 0; i < length; i++) {
            y[to + i] += weight * x[from + i];
          }
        });
    return y;
  }

  private double[] convolveBack(int layer, double[] y, int n) {
    double[] x = new double[(layer == 0 ? channels : filters[layer - 1]) * plane(n)];
    taps(
        layer,
        n,
        (weight, from, to, length) -> {
          for (int i = 0; i < length; i++) {
            x[from + i] += weight * y[to + i];
          }
        });
    return x;
  }

  private int plane(int n) {
    return rank == 3 ? n * n * n : n * n;
  }

  /** A weight, and the rows of pixels that it joins. */
  private interface Rows {
    void join(double weight, int from, int to, int length);
  }

  private void taps(int layer, int n, Rows rows) {
    int in = layer == 0 ? channels : filters[layer - 1];
    int depth = rank == 3 ? n : 1;
    int reach = rank == 3 ? 1 : 0;
    int w = 0;
    for (int k = 0; k < filters[layer]; k++) {
      for (int c = 0; c < in; c++) {
        for (int dz = -reach; dz <= reach; dz++) {
          for (int dy = -1; dy <= 1; dy++) {
            for (int dx = -1; dx <= 1; dx++) {
              double weight = weights.get(layer)[w++];
              int skip = Math.max(0, -dx);
              int length = n - Math.abs(dx);
              for (int z = Math.max(0, -dz); z < Math.min(depth, depth - dz); z++) {
                for (int y = Math.max(0, -dy); y < Math.min(n, n - dy); y++) {
                  int to = ((k * depth + z) * n + y) * n + skip;
                  int from = ((c * depth + z + dz) * n + y + dy) * n + skip + dx;
                  rows.join(weight, from, to, length);
                }
              }
            }
          }
        }
      }
    }
  }
}
