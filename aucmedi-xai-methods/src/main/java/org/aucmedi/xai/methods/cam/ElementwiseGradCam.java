package org.aucmedi.xai.methods.cam;

import org.aucmedi.xai.MethodBuilder;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/**
 * Element-wise Grad-CAM: HiRes-CAM that counts only evidence for the class, channel by channel, so
 * that one channel's evidence against it cannot hide another's evidence for it.
 *
 * <pre>{@code L[i] = sum over k of max(0, dS/dA[k, i] * A[k, i])}</pre>
 *
 * The map is never negative. After a ReLU, and right before one, it is {@link LayerCam}'s: there
 * either no activation is negative, or its gradient is zero.
 *
 * <p>Options and cost as for {@link GradCam}. {@link #RELU} does not change the raw map; it decides
 * whether the heatmap is divided by its maximum or scaled by its extremes.
 *
 * <p>It has no paper of its own: it is {@link HiResCam} with the ReLU inside the sum, known from
 * the library pytorch-grad-cam.
 */
public final class ElementwiseGradCam extends ElementwiseActivationMap {

  /** Describes and constructs the method. */
  public static final XAIMethodProvider<ElementwiseGradCam> PROVIDER =
      new XAIMethodProvider<>(
          describe("Element-wise Grad-CAM", "gradcamelementwise", "GradCAMElementWise"),
          ElementwiseGradCam::new);

  /** Constructs the method; arguments as of {@link GradCam}. */
  public ElementwiseGradCam(
      ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    super(PROVIDER.description(), model, layerName, options);
  }

  /** {@return a builder with AUCMEDI's defaults} */
  public static MethodBuilder<ElementwiseGradCam> builder() {
    return PROVIDER.builder();
  }

  @Override
  protected double share(double activation, double gradient) {
    return Math.max(0, gradient * activation);
  }
}
