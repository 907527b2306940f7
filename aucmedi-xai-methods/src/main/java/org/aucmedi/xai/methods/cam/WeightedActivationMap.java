package org.aucmedi.xai.methods.cam;

import org.aucmedi.xai.MethodDescription;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/**
 * A class activation map that weighs the channels of a layer: {@code L[i] = sum over k of w[k] *
 * A[k, i]}. A subclass computes the weights.
 */
public abstract class WeightedActivationMap extends ClassActivationMap {

  /**
   * Constructs a method.
   *
   * @param description describes the method, see {@link #describe}
   * @param model the model to explain
   * @param layerName the layer, or null to choose by {@link LayerChoice#OPTION}
   * @param options the profile and the options that are set
   */
  protected WeightedActivationMap(
      MethodDescription description,
      ExplainableModel model,
      @Nullable String layerName,
      MethodOptions options) {
    super(description, model, layerName, options);
  }

  /**
   * Computes the weights of the channels.
   *
   * @param activations A, channel by channel: {@code [k][i]}
   * @param gradients dS/dA, likewise
   * @return w, one weight per channel
   */
  protected abstract double[] weights(float[][] activations, float[][] gradients);

  @Override
  protected final double[] map(float[][] activations, float[][] gradients) {
    double[] weights = weights(activations, gradients);
    double[] map = new double[activations[0].length];
    for (int k = 0; k < weights.length; k++) {
      for (int i = 0; i < map.length; i++) {
        map[i] += weights[k] * activations[k][i];
      }
    }
    return map;
  }
}
