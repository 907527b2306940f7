package org.aucmedi.xai.testkit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.GuidedGradients;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LayerGradients;
import org.aucmedi.xai.model.LayerKind;
import org.aucmedi.xai.model.LayerNotFoundException;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.OutputActivation;
import org.aucmedi.xai.model.OutputGradient;
import org.aucmedi.xai.model.RectifierRule;
import org.aucmedi.xai.spi.EngineModel;
import org.jspecify.annotations.Nullable;

/**
 * A small convolutional network in plain Java, for images of any size, two or three dimensions and
 * either layout, with every capability and no native library.
 *
 * <pre>{@code
 * z[k, i] = bias[k] + sum over c of own[k, c] x[c, i] + near[k, c] (sum of x[c, j] over i's neighbours j)
 * a[k, i] = max(0, z[k, i])
 * l[c]    = headBias[c] + sum over k of head[c, k] (mean over i of a[k, i])
 * y       = softmax(l)
 * }</pre>
 *
 * The neighbours are the places one step away along an axis; beyond the edge there are none. The
 * layers are called conv, relu, pool, dense and softmax.
 */
public final class ClosedFormNet extends EngineModel {

  /**
   * The numbers of a network with K hidden channels.
   *
   * @param own the weights of a place itself, (K, channels)
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
     * @param seed of the random numbers
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
     * @param factor by what; at 0 the network sees nothing
     * @return the other weights, and these
     */
    public Weights withConvolutionTimes(float factor) {
      return new Weights(times(own, factor), times(near, factor), bias, head, headBias);
    }

    /**
     * Multiplies the weights of the dense layer.
     *
     * @param factor by what
     * @return the other weights, and these
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

  private final Weights weights;
  private final boolean rectified;
  private final boolean softmax;

  /**
   * Makes a network.
   *
   * @param layout where it expects channels
   * @param weights its numbers
   */
  public ClosedFormNet(ChannelLayout layout, Weights weights) {
    this(layout, weights, true, true);
  }

  /**
   * Makes a network that lacks a part.
   *
   * @param layout where it expects channels
   * @param weights its numbers
   * @param rectified whether there is the layer relu
   * @param softmax whether there is the layer softmax
   */
  public ClosedFormNet(ChannelLayout layout, Weights weights, boolean rectified, boolean softmax) {
    super(HeapEngine.newRootManager(), LoadOptions.NONE, layout);
    this.weights = weights;
    this.rectified = rectified;
    this.softmax = softmax;
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.allOf(Capability.class);
  }

  @Override
  protected OutputActivation findActivation() {
    return softmax ? OutputActivation.SOFTMAX : OutputActivation.NONE;
  }

  @Override
  protected List<Layer> declareLayers() {
    return layersOf(null);
  }

  @Override
  protected List<Layer> traceLayers(NDManager scope, NDArray batch) {
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
  protected NDArray forward(NDManager scope, NDArray batch) {
    return create(scope, passes(batch), "softmax", batch, pass -> new double[][] {pass.output});
  }

  @Override
  protected NDList differentiate(NDManager scope, NDArray batch, OutputGradient scores) {
    return inputGradients(scope, batch, scores, null);
  }

  @Override
  protected GuidedGradients differentiateGuided(
      NDManager scope, NDArray batch, OutputGradient scores, RectifierRule rule) {
    return new GuidedGradients(inputGradients(scope, batch, scores, rule), rectified ? 1 : 0);
  }

  private NDList inputGradients(
      NDManager scope, NDArray batch, OutputGradient scores, @Nullable RectifierRule rule) {
    NDList gradients = new NDList();
    for (NDArray seed : outputGradients(scope, forward(scope, batch), batch, scores)) {
      float[] rows = seed.toFloatArray();
      List<ClosedFormPass> passes = passes(batch);
      gradients.add(
          create(
              scope,
              passes,
              "image",
              batch,
              pass -> pass.backward(rows, passes.indexOf(pass), rule).image()));
    }
    return gradients;
  }

  @Override
  protected LayerGradients differentiateLayer(
      NDManager scope, NDArray batch, OutputGradient scores, String layerName) {
    if (layers().stream().noneMatch(layer -> layer.name().equals(layerName))) {
      throw new LayerNotFoundException(layerName, layers());
    }
    NDArray output = forward(scope, batch);
    List<ClosedFormPass> passes = passes(batch);
    NDList gradients = new NDList();
    for (NDArray seed : outputGradients(scope, output, batch, scores)) {
      float[] rows = seed.toFloatArray();
      gradients.add(
          create(
              scope,
              passes,
              layerName,
              batch,
              pass -> pass.backward(rows, passes.indexOf(pass), null).of(layerName)));
    }
    return new LayerGradients(
        output,
        create(scope, passes, layerName, batch, pass -> pass.activations(layerName)),
        gradients);
  }

  private List<ClosedFormPass> passes(NDArray batch) {
    Shape shape = batch.getShape();
    boolean first = channelLayout() == ChannelLayout.CHANNELS_FIRST;
    Shape spatial = first ? shape.slice(2) : shape.slice(1, shape.dimension() - 1);
    float[] values = batch.toFloatArray();
    List<ClosedFormPass> passes = new ArrayList<>();
    int size = Math.toIntExact(shape.slice(1).size());
    int channels = Math.toIntExact(shape.get(channelLayout().axis(shape.dimension())));
    if (channels != weights.own[0].length) {
      throw cannotRun(batch, "it takes " + weights.own[0].length + " channels", null);
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

  /** Joins a part of every pass, [channel][place], in this network's layout. */
  private NDArray create(
      NDManager scope, List<ClosedFormPass> passes, String layer, NDArray batch, Part part) {
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
    return scope.create(FloatBuffer.wrap(values), shape);
  }

  @Override
  protected void release() {}

  @Override
  public String toString() {
    return "a network in closed form";
  }
}
