package org.aucmedi.xai.testkit;

import static com.google.common.base.Preconditions.checkArgument;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.common.primitives.Doubles;
import com.google.common.primitives.Floats;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.BiasGradients;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.GuidedGradients;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LayerGradients;
import org.aucmedi.xai.model.LayerKind;
import org.aucmedi.xai.model.LayerNotFoundException;
import org.aucmedi.xai.model.Multipliers;
import org.aucmedi.xai.model.OutputActivation;
import org.aucmedi.xai.model.OutputGradient;
import org.aucmedi.xai.model.RelevanceRules;
import org.aucmedi.xai.model.Relevances;
import org.aucmedi.xai.model.ReluRule;
import org.jspecify.annotations.Nullable;

/**
 * A small convolutional network in plain Java, for 2-D and 3-D images of any size in either layout,
 * with every capability and no native library.
 *
 * <pre>{@code
 * z[k, i] = bias[k] + sum over c of own[k, c] x[c, i] + near[k, c] (sum of x[c, j] over i's neighbours j)
 * a[k, i] = max(0, z[k, i])
 * l[c]    = headBias[c] + sum over k of head[c, k] (mean over i of a[k, i])
 * y       = softmax(l)
 * }</pre>
 *
 * The neighbours are the positions one step away along an axis, without padding at the edge. The
 * layers are called conv, relu, pool, dense and softmax.
 */
public final class ClosedFormNet implements ExplainableModel {

  /**
   * The weights of a network with K hidden channels.
   *
   * @param own the weights of the position itself, (K, channels)
   * @param near the weights of its neighbours, (K, channels)
   * @param bias one for each hidden channel
   * @param head the weights of the dense layer, (classes, K)
   * @param headBias one for each class
   */
  public record Weights(
      float[][] own, float[][] near, float[] bias, float[][] head, float[] headBias) {

    /**
     * Draws the weights of a network with four hidden channels and three classes.
     *
     * @param channels the number of channels of an image
     * @param seed the random seed
     * @return the weights
     */
    public static Weights random(int channels, long seed) {
      SplittableRandom random = new SplittableRandom(seed);
      return new Weights(
          matrix(4, channels, 1, random),
          matrix(4, channels, 0.4, random),
          matrix(1, 4, 0.2, random)[0],
          matrix(3, 4, 3, random),
          matrix(1, 3, 0.3, random)[0]);
    }

    /**
     * Multiplies the weights of the convolution.
     *
     * @param factor the factor; at 0 the outputs do not depend on the image
     * @return a copy with those weights
     */
    public Weights withConvolutionTimes(float factor) {
      return new Weights(times(own, factor), times(near, factor), bias, head, headBias);
    }

    /**
     * Multiplies the weights of the dense layer.
     *
     * @param factor the factor
     * @return a copy with those weights
     */
    public Weights withHeadTimes(float factor) {
      return new Weights(own, near, bias, times(head, factor), headBias);
    }

    private static float[][] times(float[][] matrix, float factor) {
      float[][] result = new float[matrix.length][matrix[0].length];
      for (int row = 0; row < matrix.length; row++) {
        for (int i = 0; i < matrix[row].length; i++) {
          result[row][i] = factor * matrix[row][i];
        }
      }
      return result;
    }

    private static float[][] matrix(int rows, int columns, double size, SplittableRandom random) {
      float[][] matrix = new float[rows][columns];
      for (float[] row : matrix) {
        for (int i = 0; i < columns; i++) {
          row[i] = (float) (size * (2 * random.nextDouble() - 1));
        }
      }
      return matrix;
    }
  }

  private final ChannelLayout layout;
  private final Weights weights;
  private final boolean rectified;
  private final boolean softmax;
  private volatile boolean closed;

  /**
   * Constructs a network.
   *
   * @param layout where it expects channels
   * @param weights its weights
   */
  public ClosedFormNet(ChannelLayout layout, Weights weights) {
    this(layout, weights, true, true);
  }

  /**
   * Constructs a network without some of its layers.
   *
   * @param layout where it expects channels
   * @param weights its weights
   * @param rectified whether it has the layer relu
   * @param softmax whether it has the layer softmax
   */
  public ClosedFormNet(ChannelLayout layout, Weights weights, boolean rectified, boolean softmax) {
    this.layout = layout;
    this.weights = weights;
    this.rectified = rectified;
    this.softmax = softmax;
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
    return EnumSet.allOf(Capability.class);
  }

  @Override
  public OutputActivation outputActivation() {
    return softmax ? OutputActivation.SOFTMAX : OutputActivation.NONE;
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
  public List<Layer> layers() {
    requireOpen();
    return layersOf(null);
  }

  @Override
  public List<Layer> layers(NDArray batch) {
    requireOpen();
    return layersOf(batch.getShape());
  }

  private List<Layer> layersOf(@Nullable Shape batch) {
    List<Layer> layers = new ArrayList<>();
    layers.add(new Layer("conv", LayerKind.CONV, shapeOf("conv", batch)));
    if (rectified) {
      layers.add(new Layer("relu", LayerKind.ACTIVATION, shapeOf("relu", batch)));
    }
    layers.add(new Layer("pool", LayerKind.POOL, shapeOf("pool", batch)));
    layers.add(new Layer("dense", LayerKind.DENSE, shapeOf("dense", batch)));
    if (softmax) {
      layers.add(new Layer("softmax", LayerKind.ACTIVATION, shapeOf("softmax", batch)));
    }
    return layers;
  }

  private @Nullable Shape shapeOf(String layer, @Nullable Shape batch) {
    if (batch == null) {
      return null;
    }
    return switch (layer) {
      case "conv", "relu" -> {
        long[] sizes = batch.getShape().clone();
        sizes[channelLayout().axis(sizes.length)] = weights.own.length;
        yield new Shape(sizes);
      }
      case "pool" -> new Shape(batch.get(0), weights.own.length);
      default -> new Shape(batch.get(0), weights.head.length);
    };
  }

  @Override
  public NDArray predict(NDArray batch) {
    return output(batch, passes(batch));
  }

  private NDArray output(NDArray batch, List<ClosedFormPass> passes) {
    return create(batch, passes, "softmax", pass -> new double[][] {pass.output});
  }

  @Override
  public NDList inputGradients(NDArray batch, OutputGradient scores) {
    List<ClosedFormPass> passes = passes(batch);
    return gradients(batch, passes, scores, "image", null);
  }

  @Override
  public GuidedGradients guidedGradients(NDArray batch, OutputGradient scores, ReluRule rule) {
    List<ClosedFormPass> passes = passes(batch);
    return new GuidedGradients(gradients(batch, passes, scores, "image", rule), rectified ? 1 : 0);
  }

  @Override
  public NDArray layerActivations(NDArray batch, String layerName) {
    requireLayer(layerName);
    return create(batch, passes(batch), layerName, pass -> pass.activations(layerName));
  }

  @Override
  public NDArray predictFromLayer(NDArray batch, String layerName, NDArray activations) {
    requireLayer(layerName);
    Shape shape = shapeOf(layerName, batch.getShape());
    checkArgument(
        activations.getShape().equals(shape),
        "layer '%s' gives an output of shape %s, it cannot be replaced by one of shape %s",
        layerName,
        shape,
        activations.getShape());
    List<ClosedFormPass> passes = passes(batch);
    float[] values = activations.toFloatArray();
    int size = values.length / passes.size();
    return create(
        batch,
        passes,
        "softmax",
        pass -> {
          double[][] rows = pass.activations(layerName);
          int from = passes.indexOf(pass) * size;
          for (int k = 0; k < rows.length; k++) {
            for (int i = 0; i < rows[k].length; i++) {
              rows[k][i] = values[from + index(k, i, rows.length, rows[k].length)];
            }
          }
          return new double[][] {pass.outputFrom(layerName, rows)};
        });
  }

  @Override
  public LayerGradients layerGradients(NDArray batch, OutputGradient scores, String layerName) {
    requireLayer(layerName);
    List<ClosedFormPass> passes = passes(batch);
    NDList gradients = gradients(batch, passes, scores, layerName, null);
    return new LayerGradients(
        output(batch, passes),
        create(batch, passes, layerName, pass -> pass.activations(layerName)),
        gradients);
  }

  @Override
  public Relevances relevances(NDArray batch, OutputGradient scores, RelevanceRules rules) {
    List<ClosedFormPass> passes = passes(batch);
    NDList relevances = new NDList();
    NDList values = new NDList();
    NDList biases = new NDList();
    for (float[] seeds : outputGradients(passes, scores)) {
      List<ClosedFormPass.Relevance> found = new ArrayList<>();
      for (int n = 0; n < passes.size(); n++) {
        found.add(passes.get(n).relevance(seeds, n, rules));
      }
      relevances.add(
          create(batch, passes, "image", pass -> found.get(passes.indexOf(pass)).image()));
      values.add(ofImages(batch, found, ClosedFormPass.Relevance::score));
      biases.add(ofImages(batch, found, ClosedFormPass.Relevance::biases));
    }
    return new Relevances(relevances, values, biases);
  }

  @Override
  public Multipliers multipliers(NDArray batch, NDArray reference, OutputGradient scores) {
    List<ClosedFormPass> passes = passes(batch);
    List<ClosedFormPass> references = passes(reference);
    NDList multipliers = new NDList();
    NDList differences = new NDList();
    for (float[] seeds : outputGradients(passes, scores)) {
      List<ClosedFormPass.Relevance> found = new ArrayList<>();
      for (int n = 0; n < passes.size(); n++) {
        ClosedFormPass other = references.get(references.size() == 1 ? 0 : n);
        found.add(passes.get(n).multipliers(seeds, n, other));
      }
      multipliers.add(
          create(batch, passes, "image", pass -> found.get(passes.indexOf(pass)).image()));
      differences.add(ofImages(batch, found, ClosedFormPass.Relevance::score));
    }
    return new Multipliers(multipliers, differences);
  }

  @Override
  public BiasGradients biasGradients(NDArray batch, OutputGradient scores) {
    List<ClosedFormPass> passes = passes(batch);
    NDManager manager = batch.getManager();
    NDList gradients = new NDList();
    NDList values = new NDList();
    List<NDList> parts = new ArrayList<>();
    for (float[] seeds : outputGradients(passes, scores)) {
      List<ClosedFormPass.Parts> found = new ArrayList<>();
      for (int n = 0; n < passes.size(); n++) {
        found.add(passes.get(n).parts(seeds, n));
      }
      gradients.add(
          create(batch, passes, "image", pass -> found.get(passes.indexOf(pass)).image()));
      long images = passes.size();
      values.add(
          joined(manager, found, part -> new double[][] {{part.score()}}, new Shape(images)));
      BatchAxes axes = new BatchAxes(batch.getShape(), channelLayout());
      Shape first = new Shape(images, weights.bias.length).addAll(axes.spatialShape());
      parts.add(
          new NDList(
              joined(manager, found, ClosedFormPass.Parts::biases, first),
              joined(
                  manager,
                  found,
                  part -> new double[][] {part.head()},
                  new Shape(images, weights.head.length))));
    }
    return new BiasGradients(gradients, values, parts);
  }

  private static NDArray joined(
      NDManager manager,
      List<ClosedFormPass.Parts> found,
      Function<ClosedFormPass.Parts, double[][]> part,
      Shape shape) {
    double[] all =
        found.stream().map(part).flatMap(Arrays::stream).flatMapToDouble(Arrays::stream).toArray();
    return manager.create(FloatBuffer.wrap(Floats.toArray(Doubles.asList(all))), shape);
  }

  private static NDArray ofImages(
      NDArray batch,
      List<ClosedFormPass.Relevance> found,
      ToDoubleFunction<ClosedFormPass.Relevance> number) {
    float[] values = new float[found.size()];
    for (int n = 0; n < values.length; n++) {
      values[n] = (float) number.applyAsDouble(found.get(n));
    }
    return batch.getManager().create(FloatBuffer.wrap(values), new Shape(values.length));
  }

  private List<float[]> outputGradients(List<ClosedFormPass> passes, OutputGradient scores) {
    float[][] outputs = new float[passes.size()][];
    for (int n = 0; n < outputs.length; n++) {
      outputs[n] = Floats.toArray(Doubles.asList(passes.get(n).output));
    }
    List<float[]> gradients = scores.of(outputs);
    for (float[] gradient : gradients) {
      checkArgument(
          gradient.length == outputs.length * weights.head.length,
          "an output gradient must have one value per image and class, got %s",
          gradient.length);
    }
    return gradients;
  }

  private void requireLayer(String name) {
    if (layers().stream().noneMatch(layer -> layer.name().equals(name))) {
      throw new LayerNotFoundException(name, layers());
    }
  }

  /** For each score, the gradients with respect to the image or a layer. */
  private NDList gradients(
      NDArray batch,
      List<ClosedFormPass> passes,
      OutputGradient scores,
      String by,
      @Nullable ReluRule rule) {
    NDList gradients = new NDList();
    for (float[] outputGradient : outputGradients(passes, scores)) {
      gradients.add(
          create(
              batch,
              passes,
              by,
              pass -> pass.backward(outputGradient, passes.indexOf(pass), rule).of(by)));
    }
    return gradients;
  }

  private List<ClosedFormPass> passes(NDArray batch) {
    requireOpen();
    Shape shape = batch.getShape();
    boolean first = channelLayout() == ChannelLayout.CHANNELS_FIRST;
    Shape spatial = first ? shape.slice(2) : shape.slice(1, shape.dimension() - 1);
    float[] values = batch.toFloatArray();
    List<ClosedFormPass> passes = new ArrayList<>();
    int size = Math.toIntExact(shape.slice(1).size());
    int channels = Math.toIntExact(shape.get(channelLayout().axis(shape.dimension())));
    if (channels != weights.own[0].length) {
      throw new XAIException(
          this + " takes " + weights.own[0].length + " channels, got a batch of shape " + shape);
    }
    for (int n = 0; n < shape.get(0); n++) {
      double[][] image = new double[channels][size / channels];
      for (int c = 0; c < channels; c++) {
        for (int i = 0; i < image[c].length; i++) {
          image[c][i] = values[n * size + index(c, i, channels, image[c].length)];
        }
      }
      passes.add(new ClosedFormPass(weights, rectified, softmax, image, spatial.getShape()));
    }
    return passes;
  }

  private int index(int channel, int position, int channels, int positions) {
    return channelLayout() == ChannelLayout.CHANNELS_FIRST
        ? channel * positions + position
        : position * channels + channel;
  }

  @FunctionalInterface
  private interface Part {
    double[][] of(ClosedFormPass pass);
  }

  /** Joins one part of every pass, [channel][position], in this network's layout. */
  private NDArray create(NDArray batch, List<ClosedFormPass> passes, String layer, Part part) {
    Shape shape = layer.equals("image") ? batch.getShape() : shapeOf(layer, batch.getShape());
    float[] values = new float[Math.toIntExact(shape.size())];
    int offset = 0;
    for (ClosedFormPass pass : passes) {
      double[][] rows = part.of(pass);
      for (int c = 0; c < rows.length; c++) {
        for (int i = 0; i < rows[c].length; i++) {
          values[offset + index(c, i, rows.length, rows[c].length)] = (float) rows[c][i];
        }
      }
      offset += rows.length * rows[0].length;
    }
    return batch.getManager().create(FloatBuffer.wrap(values), shape);
  }

  @Override
  public void close() {
    closed = true;
  }

  @Override
  public String toString() {
    return "a network in closed form";
  }
}
