package org.aucmedi.xai.methods.cam;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.aucmedi.xai.AttributionMethod;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.RawMaps;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.ScoreGradient;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LayerGradients;
import org.aucmedi.xai.model.LayerKind;
import org.aucmedi.xai.model.MissingCapabilityException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A class activation map: {@code L[i] = sum over k of w[k] * A[k, i]}, with the activations A of a
 * layer with channels k and places i, and weights that a subclass computes.
 *
 * <p>With the option {@code relu} negative values of L become zero, and the heatmap is {@code L /
 * (max L + eps)}; without, it is {@code (L - min L) / (max L - min L + eps)}. It has the spatial
 * shape of the layer, axes of size one included.
 */
abstract class ClassActivationMap extends AttributionMethod {

  /** Whether evidence against the class is dropped. */
  static final MethodOption<Boolean> RELU_OPTION =
      MethodOption.ofBoolean("relu", "drop evidence against the class", false, true);

  /** What every class activation map knows. */
  static final List<MethodOption<?>> CAM_OPTIONS =
      ImmutableList.of(RELU_OPTION, LayerChoice.OPTION, Score.OPTION);

  private static final Logger logger = LoggerFactory.getLogger(ClassActivationMap.class);

  private volatile @Nullable Seen seen;

  /** Whether it was said that the layer lies early; once is enough. */
  private final AtomicBoolean doubted = new AtomicBoolean();

  /** The layer to look at, for images of a shape, and how it lies on them if that was listed. */
  private record Seen(Shape image, String layer, LayerAxes axes, Optional<ChannelLayout> listed) {}

  ClassActivationMap(ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    super(model, layerName, options);
  }

  /**
   * Computes the weights of the channels.
   *
   * @param activations A, channel by channel: {@code [k][i]}
   * @param gradients d(score)/dA, likewise
   * @return one weight per channel
   */
  abstract double[] weights(float[][] activations, float[][] gradients);

  @Override
  protected final RawMaps attribute(NDArray batch, Target target) {
    Seen known = see(batch);
    String layer = known.layer;
    try (NDManager scope = batch.getManager().newSubManager()) {
      ScoreGradient scores = scoreGradient(target, options().get(Score.OPTION));
      LayerGradients found = model().layerGradients(batch, scores, layer);
      found.output().attach(scope);
      found.activations().attach(scope);
      found.gradients().attach(scope);
      BatchAxes axes = axes(known, found.activations().getShape());
      float[][][] activations = channels(found.activations(), axes);
      RawMaps raw = new RawMaps(axes.images(), found.gradients().size(), axes.spatialShape());
      for (int k = 0; k < found.gradients().size(); k++) {
        float[][][] gradients = channels(found.gradients().get(k), axes);
        for (int n = 0; n < axes.images(); n++) {
          combine(activations[n], gradients[n], raw, n, k);
        }
      }
      raw.markNonFinite(scores.outputs());
      return raw;
    }
  }

  private void combine(float[][] activations, float[][] gradients, RawMaps raw, int n, int k) {
    double[] weights = weights(activations, gradients);
    boolean relu = options().get(RELU_OPTION);
    boolean zero = true;
    for (int i = 0; i < raw.size(); i++) {
      double sum = 0;
      for (int c = 0; c < weights.length; c++) {
        sum += weights[c] * activations[c][i];
        zero &= gradients[c][i] == 0;
      }
      raw.values()[raw.offset(n, k) + i] = (float) (relu ? Math.max(sum, 0) : sum);
    }
    if (zero) {
      raw.mark(n, k, MapStatus.ZERO_GRADIENT);
    }
  }

  @Override
  protected final float[] normalize(float[] raw, float eps) {
    if (!options().get(RELU_OPTION)) {
      return minMax(raw, eps);
    }
    float max = 0;
    for (float value : raw) {
      max = Math.max(max, value);
    }
    float[] scaled = new float[raw.length];
    for (int i = 0; i < raw.length && max > 0; i++) {
      scaled[i] = raw[i] / (max + eps);
    }
    return scaled;
  }

  /** Looks at the layers, once for images of a shape, and refuses a named one that will not do. */
  private Seen see(NDArray batch) {
    Shape image = new Shape(1).addAll(batch.getShape().slice(1));
    Seen known = seen;
    if (known == null || !known.image.equals(image)) {
      if (!model().capabilities().contains(Capability.LAYER_GRADIENTS)) {
        throw new MissingCapabilityException(model(), Capability.LAYER_GRADIENTS);
      }
      try (NDManager scope = batch.getManager().newSubManager()) {
        List<Layer> layers = model().layers(image(scope, batch, 0));
        LayerAxes axes = new LayerAxes(layers, model().channelLayout(), image);
        String name = layerName() == null ? choose(layers, image) : layerName();
        known =
            new Seen(
                image,
                name,
                axes,
                layers.stream()
                    .filter(layer -> layer.name().equals(name))
                    .findFirst()
                    .map(axes::requireLayout));
      }
      seen = known;
    }
    return known;
  }

  private String choose(List<Layer> layers, Shape image) {
    LayerChoice choice = options().get(LayerChoice.OPTION);
    Layer chosen = choice.choose(layers, model().channelLayout(), image);
    choice
        .doubt(layers, model().channelLayout(), image)
        .filter(doubt -> !doubted.getAndSet(true))
        .ifPresent(doubt -> logger.warn("{}: {}", model(), doubt));
    return chosen.name();
  }

  /** A layer that was not listed, and that the model knows all the same, is looked at now. */
  private static BatchAxes axes(Seen known, Shape output) {
    Shape one = new Shape(1).addAll(output.slice(1));
    Layer layer = new Layer(known.layer, LayerKind.OTHER, one);
    return new BatchAxes(output, known.listed.orElseGet(() -> known.axes.requireLayout(layer)));
  }

  /** Sorts values by image, channel and place. */
  private static float[][][] channels(NDArray array, BatchAxes axes) {
    float[] values = array.toFloatArray();
    float[][][] channels = new float[axes.images()][axes.channels()][axes.positions()];
    for (int n = 0; n < channels.length; n++) {
      for (int c = 0; c < axes.channels(); c++) {
        for (int i = 0; i < axes.positions(); i++) {
          channels[n][c][i] = values[axes.index(n, c, i)];
        }
      }
    }
    return channels;
  }
}
