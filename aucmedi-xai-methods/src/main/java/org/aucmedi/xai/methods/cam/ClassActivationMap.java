package org.aucmedi.xai.methods.cam;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.google.common.collect.ImmutableList;
import java.util.List;
import org.aucmedi.xai.AttributionMethod;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.RawMaps;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.ScoreGradient;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIException;
import org.aucmedi.xai.methods.ImageAxes;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.LayerGradients;
import org.jspecify.annotations.Nullable;

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

  /** The layer that the rule chose; it depends on the model alone. */
  private volatile @Nullable String chosen;

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
    String layer = layer(batch);
    try (NDManager scope = batch.getManager().newSubManager()) {
      ScoreGradient scores = scoreGradient(target, options().get(Score.OPTION));
      LayerGradients found = model().layerGradients(batch, scores, layer);
      found.output().attach(scope);
      found.activations().attach(scope);
      found.gradients().attach(scope);
      if (found.activations().getShape().dimension() < 3) {
        throw new XAIException(
            "layer '"
                + layer
                + "' has no spatial axes, its output is "
                + found.activations().getShape()
                + "; name a layer before the pooling or flattening");
      }
      ImageAxes axes = new ImageAxes(found.activations().getShape(), model().channelLayout());
      float[] activations = found.activations().toFloatArray();
      RawMaps raw = new RawMaps(axes.images(), found.gradients().size(), axes.spatialShape());
      for (int k = 0; k < found.gradients().size(); k++) {
        float[] gradients = found.gradients().get(k).toFloatArray();
        for (int n = 0; n < axes.images(); n++) {
          combine(channels(activations, axes, n), channels(gradients, axes, n), raw, n, k);
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

  private String layer(NDArray batch) {
    String known = layerName() != null ? layerName() : chosen;
    if (known == null) {
      try (NDManager scope = batch.getManager().newSubManager()) {
        known =
            options()
                .get(LayerChoice.OPTION)
                .choose(model().layers(image(scope, batch, 0)), model().channelLayout())
                .name();
      }
      chosen = known;
    }
    return known;
  }

  private static float[][] channels(float[] values, ImageAxes axes, int image) {
    float[][] channels = new float[axes.channels()][axes.positions()];
    for (int c = 0; c < channels.length; c++) {
      for (int i = 0; i < axes.positions(); i++) {
        channels[c][i] = values[axes.index(image, c, i)];
      }
    }
    return channels;
  }
}
