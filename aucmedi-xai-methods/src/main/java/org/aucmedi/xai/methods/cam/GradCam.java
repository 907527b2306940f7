package org.aucmedi.xai.methods.cam;

import org.aucmedi.xai.MethodBuilder;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/**
 * Grad-CAM: the channels of a layer, weighted by how the score reacts to them on average.
 *
 * <p>With the score {@code S_c} of class c, and the activations A of a layer with channels k and Z
 * positions i,
 *
 * <pre>{@code
 * w[k] = 1/Z * sum over i of dS_c/dA[k, i]
 * L[i] = sum over k of w[k] * A[k, i]            (relu false, AUCMEDI's)
 * L[i] = max(0, sum over k of w[k] * A[k, i])    (relu true, the paper's)
 * }</pre>
 *
 * The heatmap has the layer's spatial shape, in two or three dimensions. Without ReLU it is scaled
 * by its extremes, so that the strongest evidence against the class is 0 and no evidence somewhere
 * above; with ReLU it is divided by its maximum and no evidence is 0.
 *
 * <p>Options: {@link #RELU}, {@link LayerChoice#OPTION} where no layer is named, {@link
 * LayerFusion#OPTION} where several are, {@link Smoothing#OPTION}, {@link Tokens#OPTION} for the
 * layers of transformers, {@link Score#OPTION}.
 *
 * <p>A layer whose output has no position on the image is refused; see {@link LayerChoice} for how
 * it is laid out.
 *
 * <p>Cost: one forward pass for a batch, and per class one backward pass from the output to the
 * layer; one more forward pass of one image the first time, to see the layers.
 *
 * <p>Paper: R. Selvaraju et al., <a href="https://arxiv.org/abs/1610.02391">Grad-CAM: Visual
 * Explanations from Deep Networks via Gradient-based Localization</a>, 2016.
 */
public final class GradCam extends WeightedActivationMap {

  /** Describes and constructs the method. */
  public static final XAIMethodProvider<GradCam> PROVIDER =
      new XAIMethodProvider<>(describe("Grad-CAM", "gradcam", "GradCAM", "gc"), GradCam::new);

  /**
   * Constructs the method.
   *
   * @param model the model to explain
   * @param layerName the layer, or null to choose by {@link LayerChoice#OPTION}
   * @param options the profile and the options that are set
   * @throws IllegalArgumentException if the method does not have an option that is set
   */
  public GradCam(ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    super(PROVIDER.description(), model, layerName, options);
  }

  /** {@return a builder with AUCMEDI's defaults} */
  public static MethodBuilder<GradCam> builder() {
    return PROVIDER.builder();
  }

  @Override
  protected double[] weights(float[][] activations, float[][] gradients) {
    double[] weights = new double[gradients.length];
    for (int k = 0; k < weights.length; k++) {
      for (float gradient : gradients[k]) {
        weights[k] += gradient;
      }
      weights[k] /= gradients[k].length;
    }
    return weights;
  }
}
