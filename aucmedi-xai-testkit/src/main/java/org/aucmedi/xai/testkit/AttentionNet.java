package org.aucmedi.xai.testkit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LayerGradients;
import org.aucmedi.xai.model.LayerKind;
import org.aucmedi.xai.model.LayerNotFoundException;
import org.aucmedi.xai.model.OutputActivation;
import org.aucmedi.xai.model.OutputGradient;
import org.jspecify.annotations.Nullable;

/**
 * A transformer in closed form and plain Java, of three classes and two heads, whose attention
 * weights are outputs of layers. It takes 2-D and 3-D images of any size in either layout; each
 * position is a patch, behind a class token.
 *
 * <pre>{@code
 * k[0] = 0.5, k[i]  = factor * mean over c of x[c, i]       one key for each token
 * X[0, 0] = 1, X[0, i] = k[i]                               one value for each token
 * A[b, h, p, q] = softmax over q of w[b, h] (1 + k[p]) k[q]
 * X[b]    = (X[b - 1] + mean over h of A[b, h] X[b - 1]) / 2
 * y       = softmax(2 X[B, 0], -X[B, 0], 0.5)
 * }</pre>
 *
 * For each block b from 0 the layers are block.b.softmax and block.b.dropout, both A, (N, 2,
 * tokens, tokens), and block.b, the values behind it, (N, tokens, 1).
 */
public final class AttentionNet implements ExplainableModel {

  private static final int HEADS = 2;
  private static final double[] SLOPES = {2, -1, 0};
  private static final double[] OFFSETS = {0, 0, 0.5};

  private final ChannelLayout layout;
  private final int blocks;
  private final float factor;
  private volatile boolean closed;

  /**
   * Constructs a network.
   *
   * @param layout where it expects channels
   * @param blocks how many blocks it has
   * @param factor by which it multiplies images; at 0 it sees nothing
   */
  public AttentionNet(ChannelLayout layout, int blocks, float factor) {
    this.layout = layout;
    this.blocks = blocks;
    this.factor = factor;
  }

  /** Weights of a block for one image, row-major. */
  private record Given(int block, float[] weights) {

    double[] row(int head, int from, int tokens) {
      double[] row = new double[tokens];
      for (int q = 0; q < tokens; q++) {
        row[q] = weights[(head * tokens + from) * tokens + q];
      }
      return row;
    }
  }

  /** The pass of one image. */
  private final class Pass {
    final double[] keys;

    /** The values before the first block and behind each. */
    final double[][] values;

    final double[] outputs;

    /** The weights of one block if they are given, and not made from the keys. */
    final @Nullable Given given;

    Pass(float[] batch, BatchAxes axes, int image, @Nullable Given given) {
      this.given = given;
      keys = new double[1 + axes.positions()];
      keys[0] = 0.5;
      for (int i = 0; i < axes.positions(); i++) {
        for (int c = 0; c < axes.channels(); c++) {
          keys[1 + i] += factor * batch[axes.index(image, c, i)] / axes.channels();
        }
      }
      values = new double[blocks + 1][keys.length];
      values[0] = keys.clone();
      values[0][0] = 1;
      for (int b = 0; b < blocks; b++) {
        for (int h = 0; h < HEADS; h++) {
          for (int p = 0; p < keys.length; p++) {
            double[] row = row(b, h, p);
            for (int q = 0; q < keys.length; q++) {
              values[b + 1][p] += row[q] * values[b][q] / (2 * HEADS);
            }
          }
        }
        for (int p = 0; p < keys.length; p++) {
          values[b + 1][p] += values[b][p] / 2;
        }
      }
      double read = values[blocks][0];
      double[] logits = new double[SLOPES.length];
      for (int c = 0; c < logits.length; c++) {
        logits[c] = SLOPES[c] * read + OFFSETS[c];
      }
      outputs = softmax(logits);
    }

    double[] row(int block, int head, int from) {
      if (given != null && given.block == block) {
        return given.row(head, from, keys.length);
      }
      double[] scores = new double[keys.length];
      for (int q = 0; q < scores.length; q++) {
        scores[q] = (0.5 + 0.25 * block - head) * (1 + keys[from]) * keys[q];
      }
      return softmax(scores);
    }

    float[] weights(int block) {
      int tokens = keys.length;
      float[] weights = new float[HEADS * tokens * tokens];
      for (int i = 0; i < weights.length; i += tokens) {
        double[] row = row(block, i / (tokens * tokens), i / tokens % tokens);
        for (int q = 0; q < tokens; q++) {
          weights[i + q] = (float) row[q];
        }
      }
      return weights;
    }

    /** The gradient of a score with respect to the weights of a block, for slopes by output. */
    float[] gradient(int block, float[] slopes, int from) {
      int tokens = keys.length;
      double mean = 0;
      for (int c = 0; c < outputs.length; c++) {
        mean += outputs[c] * slopes[from + c];
      }
      double[] byValue = new double[tokens];
      for (int c = 0; c < outputs.length; c++) {
        byValue[0] += outputs[c] * (slopes[from + c] - mean) * SLOPES[c];
      }
      for (int b = blocks - 1; b > block; b--) {
        double[] before = new double[tokens];
        for (int p = 0; p < tokens; p++) {
          before[p] += byValue[p] / 2;
          for (int h = 0; h < HEADS; h++) {
            double[] row = row(b, h, p);
            for (int q = 0; q < tokens; q++) {
              before[q] += byValue[p] * row[q] / (2 * HEADS);
            }
          }
        }
        byValue = before;
      }
      float[] gradient = new float[HEADS * tokens * tokens];
      for (int i = 0; i < gradient.length; i++) {
        int p = i / tokens % tokens;
        gradient[i] = (float) (byValue[p] * values[block][i % tokens] / (2 * HEADS));
      }
      return gradient;
    }
  }

  private static double[] softmax(double[] scores) {
    double most = Double.NEGATIVE_INFINITY;
    for (double score : scores) {
      most = Math.max(most, score);
    }
    double[] shares = new double[scores.length];
    double sum = 0;
    for (int i = 0; i < shares.length; i++) {
      shares[i] = Math.exp(scores[i] - most);
      sum += shares[i];
    }
    for (int i = 0; i < shares.length; i++) {
      shares[i] /= sum;
    }
    return shares;
  }

  private List<Pass> passes(NDArray batch) {
    return passes(batch, image -> null);
  }

  private List<Pass> passes(NDArray batch, IntFunction<@Nullable Given> given) {
    requireOpen();
    BatchAxes axes = new BatchAxes(batch.getShape(), layout);
    float[] values = batch.toFloatArray();
    List<Pass> passes = new ArrayList<>();
    for (int n = 0; n < axes.images(); n++) {
      passes.add(new Pass(values, axes, n, given.apply(n)));
    }
    return passes;
  }

  @Override
  public List<Layer> layers() {
    requireOpen();
    List<Layer> layers = new ArrayList<>();
    for (int b = 0; b < blocks; b++) {
      layers.add(new Layer("block." + b + ".softmax", LayerKind.ACTIVATION, null));
      layers.add(new Layer("block." + b + ".dropout", LayerKind.OTHER, null));
      layers.add(new Layer("block." + b, LayerKind.OTHER, null));
    }
    return layers;
  }

  @Override
  public List<Layer> layers(NDArray batch) {
    long images = batch.getShape().get(0);
    int tokens = 1 + new BatchAxes(batch.getShape(), layout).positions();
    return layers().stream()
        .map(
            layer ->
                new Layer(
                    layer.name(),
                    layer.kind(),
                    givesWeights(layer.name())
                        ? new Shape(images, HEADS, tokens, tokens)
                        : new Shape(images, tokens, 1)))
        .toList();
  }

  private static boolean givesWeights(String layer) {
    return layer.endsWith(".softmax") || layer.endsWith(".dropout");
  }

  private static int block(String layer) {
    return Integer.parseInt(layer.split("\\.", -1)[1]);
  }

  private void requireLayer(String name) {
    if (layers().stream().noneMatch(layer -> layer.name().equals(name))) {
      throw new LayerNotFoundException(name, layers());
    }
  }

  @Override
  public NDArray predict(NDArray batch) {
    return output(batch, passes(batch));
  }

  private static NDArray output(NDArray batch, List<Pass> passes) {
    return create(batch, new Shape(SLOPES.length), passes.stream().map(p -> p.outputs).toList());
  }

  @Override
  public NDArray layerActivations(NDArray batch, String layerName) {
    requireLayer(layerName);
    List<Pass> passes = passes(batch);
    int block = block(layerName);
    int tokens = passes.get(0).keys.length;
    return givesWeights(layerName)
        ? ofHeads(batch, tokens, passes.stream().map(pass -> pass.weights(block)).toList())
        : create(
            batch,
            new Shape(tokens, 1),
            passes.stream().map(pass -> pass.values[block + 1]).toList());
  }

  @Override
  public NDArray predictFromLayer(NDArray batch, String layerName, NDArray activations) {
    requireWeights(layerName);
    float[] values = activations.toFloatArray();
    int size = values.length / Math.toIntExact(batch.getShape().get(0));
    return output(
        batch,
        passes(
            batch,
            n ->
                new Given(block(layerName), Arrays.copyOfRange(values, n * size, (n + 1) * size))));
  }

  private void requireWeights(String name) {
    requireLayer(name);
    if (!givesWeights(name)) {
      throw new UnsupportedOperationException("of layers only those with weights do this");
    }
  }

  @Override
  public LayerGradients layerGradients(NDArray batch, OutputGradient scores, String layerName) {
    requireWeights(layerName);
    List<Pass> passes = passes(batch);
    float[][] outputs = new float[passes.size()][SLOPES.length];
    for (int n = 0; n < outputs.length; n++) {
      for (int c = 0; c < SLOPES.length; c++) {
        outputs[n][c] = (float) passes.get(n).outputs[c];
      }
    }
    int block = block(layerName);
    int tokens = passes.get(0).keys.length;
    NDList gradients = new NDList();
    for (float[] slopes : scores.of(outputs)) {
      List<float[]> ofImages = new ArrayList<>();
      for (int n = 0; n < passes.size(); n++) {
        ofImages.add(passes.get(n).gradient(block, slopes, n * SLOPES.length));
      }
      gradients.add(ofHeads(batch, tokens, ofImages));
    }
    return new LayerGradients(output(batch, passes), layerActivations(batch, layerName), gradients);
  }

  private static NDArray ofHeads(NDArray batch, int tokens, List<float[]> images) {
    FloatBuffer values = FloatBuffer.allocate(images.size() * images.get(0).length);
    images.forEach(values::put);
    Shape shape = new Shape(images.size(), HEADS, tokens, tokens);
    return batch.getManager().create(values.rewind(), shape);
  }

  private static NDArray create(NDArray batch, Shape shape, List<double[]> images) {
    FloatBuffer values = FloatBuffer.allocate(images.size() * images.get(0).length);
    for (double[] image : images) {
      for (double value : image) {
        values.put((float) value);
      }
    }
    return batch.getManager().create(values.rewind(), new Shape(images.size()).addAll(shape));
  }

  @Override
  public String engineName() {
    return HeapEngine.NAME;
  }

  @Override
  public ChannelLayout channelLayout() {
    return layout;
  }

  @Override
  public Set<Capability> capabilities() {
    return Set.of(
        Capability.PREDICTION,
        Capability.LAYERS,
        Capability.LAYER_ACTIVATIONS,
        Capability.LAYER_GRADIENTS,
        Capability.PREDICTION_FROM_LAYER);
  }

  @Override
  public OutputActivation outputActivation() {
    return OutputActivation.SOFTMAX;
  }

  @Override
  public NDManager newManager() {
    requireOpen();
    return HeapEngine.newRootManager();
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException(this + " is closed");
    }
  }

  @Override
  public void close() {
    closed = true;
  }

  @Override
  public String toString() {
    return "a transformer in closed form";
  }
}
