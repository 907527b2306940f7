package org.aucmedi.xai.methods.cam;

import org.aucmedi.xai.MethodBuilder;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/**
 * XGrad-CAM: Grad-CAM whose mean of the gradients counts each position by its share of the
 * channel's activation. Its weights follow from two axioms, sensitivity and conservation: the map
 * should add up to the score, and a channel should get what the score loses without it.
 *
 * <pre>{@code
 * w[k] = sum over i of dS/dA[k, i] * A[k, i] / sum over i of A[k, i]
 * L[i] = sum over k of w[k] * A[k, i]
 * }</pre>
 *
 * A channel whose activations add up to 0 has weight 0. The sum over all positions of L without
 * ReLU is that of {@link HiResCam}, but for such channels.
 *
 * <p>It is meant for a layer after a ReLU. Where activations have both signs their sum may be
 * nearly 0 by chance, and the weight very large.
 *
 * <p>Options, cost and scaling as for {@link GradCam}.
 *
 * <p>Paper: R. Fu et al., <a href="https://arxiv.org/abs/2008.02312">Axiom-based Grad-CAM: Towards
 * Accurate Visualization and Explanation of CNNs</a>, 2020.
 */
public final class XGradCam extends WeightedActivationMap {

  /** Describes and constructs the method. */
  public static final XAIMethodProvider<XGradCam> PROVIDER =
      new XAIMethodProvider<>(describe("XGrad-CAM", "xgradcam", "XGradCAM"), XGradCam::new);

  /** Constructs the method; arguments as of {@link GradCam}. */
  public XGradCam(ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    super(PROVIDER.description(), model, layerName, options);
  }

  /** {@return a builder with AUCMEDI's defaults} */
  public static MethodBuilder<XGradCam> builder() {
    return PROVIDER.builder();
  }

  @Override
  protected double[] weights(float[][] activations, float[][] gradients) {
    double[] weights = new double[gradients.length];
    for (int k = 0; k < weights.length; k++) {
      double total = 0;
      double contribution = 0;
      for (int i = 0; i < gradients[k].length; i++) {
        total += activations[k][i];
        contribution += (double) gradients[k][i] * activations[k][i];
      }
      weights[k] = total == 0 ? 0 : contribution / total;
    }
    return weights;
  }
}
