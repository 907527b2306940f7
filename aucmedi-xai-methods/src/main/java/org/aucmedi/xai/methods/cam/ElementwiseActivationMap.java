package org.aucmedi.xai.methods.cam;

import org.aucmedi.xai.MethodDescription;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/**
 * A class activation map to which every activation adds a share of its own: {@code L[i] = sum over
 * k of share(A[k, i], dS/dA[k, i])}. A subclass gives the share.
 */
public abstract class ElementwiseActivationMap extends ClassActivationMap {

  /**
   * Constructs a method.
   *
   * @param description describes the method, see {@link #describe}
   * @param model the model to explain
   * @param layerName the layer, or null to choose by {@link LayerChoice#OPTION}
   * @param options the profile and the options that are set
   */
  protected ElementwiseActivationMap(
      MethodDescription description,
      ExplainableModel model,
      @Nullable String layerName,
      MethodOptions options) {
    super(description, model, layerName, options);
  }

  /**
   * Computes the share of one activation.
   *
   * @param activation the activation
   * @param gradient the derivative of the score with respect to it
   * @return what it adds to the map
   */
  protected abstract double share(double activation, double gradient);

  @Override
  protected final double[] map(float[][] activations, float[][] gradients) {
    double[] map = new double[activations[0].length];
    for (int k = 0; k < activations.length; k++) {
      for (int i = 0; i < map.length; i++) {
        map[i] += share(activations[k][i], gradients[k][i]);
      }
    }
    return map;
  }
}
