package org.aucmedi.xai.methods.cam;

import ai.djl.Model;
import com.google.common.collect.ImmutableSet;
import org.aucmedi.xai.AucmediMethod;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.methods.AucmediProvider;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/**
 * Grad-CAM: the channels of a layer, weighted by how the score reacts to them on average.
 *
 * <p>With the score {@code S_c} of class c, and the activations A of a layer with channels k and Z
 * places i,
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
 * Score#OPTION}.
 *
 * <p>A layer whose output has no place on the image, such as a transformer's tokens, is refused;
 * see {@link LayerChoice} for how it is laid out.
 *
 * <p>Cost: one forward pass for a batch, and per class one backward pass from the output to the
 * layer; one more forward pass of one image the first time, to see the layers.
 *
 * <p>Paper: R. Selvaraju et al., <a href="https://arxiv.org/abs/1610.02391">Grad-CAM: Visual
 * Explanations from Deep Networks via Gradient-based Localization</a>, 2016.
 */
public final class GradCam extends ClassActivationMap {

  /** Whether evidence against the class is dropped. */
  public static final MethodOption<Boolean> RELU = RELU_OPTION;

  /**
   * Constructs Grad-CAM as AUCMEDI computes it.
   *
   * @param model a loaded DJL model
   * @param layerName the layer, or null for the last one with spatial axes
   */
  public GradCam(Model model, @Nullable String layerName) {
    this(explainable(model), layerName);
  }

  /**
   * Constructs Grad-CAM as AUCMEDI computes it.
   *
   * @param model the model to explain
   * @param layerName the layer, or null for the last one with spatial axes
   */
  public GradCam(ExplainableModel model, @Nullable String layerName) {
    this(model, layerName, MethodOptions.of(Profile.AUCMEDI));
  }

  /**
   * Constructs Grad-CAM.
   *
   * @param model the model to explain
   * @param layerName the layer, or null to choose by {@link LayerChoice#OPTION}
   * @param options the parameters
   */
  public GradCam(ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    super(model, layerName, options.checkKnown(CAM_OPTIONS));
  }

  @Override
  double[] weights(float[][] activations, float[][] gradients) {
    double[] weights = new double[gradients.length];
    for (int k = 0; k < weights.length; k++) {
      for (float gradient : gradients[k]) {
        weights[k] += gradient;
      }
      weights[k] /= gradients[k].length;
    }
    return weights;
  }

  /** Registers the method under AUCMEDI's keys. */
  public static final class Provider extends AucmediProvider {

    /** Constructs the provider; ServiceLoader calls this. */
    public Provider() {
      super(
          AucmediMethod.GRAD_CAM,
          ImmutableSet.of(Capability.LAYERS, Capability.LAYER_GRADIENTS),
          true,
          CAM_OPTIONS,
          GradCam::new);
    }
  }
}
