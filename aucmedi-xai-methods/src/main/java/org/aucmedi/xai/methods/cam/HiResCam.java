package org.aucmedi.xai.methods.cam;

import org.aucmedi.xai.MethodBuilder;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/**
 * HiRes-CAM: every activation weighted by its own gradient. Of a network whose layer is followed by
 * one dense layer it shows what the score was computed from, which Grad-CAM's averaging does not.
 *
 * <pre>{@code L[i] = sum over k of dS/dA[k, i] * A[k, i]}</pre>
 *
 * <p>Options, cost and scaling as for {@link GradCam}.
 *
 * <p>Paper: R. Draelos, L. Carin, <a href="https://arxiv.org/abs/2011.08891">Use HiResCAM instead
 * of Grad-CAM for faithful explanations of convolutional neural networks</a>, 2020.
 */
public final class HiResCam extends ElementwiseActivationMap {

  /** Describes and constructs the method. */
  public static final XAIMethodProvider<HiResCam> PROVIDER =
      new XAIMethodProvider<>(describe("HiRes-CAM", "hirescam", "HiResCAM"), HiResCam::new);

  /** Constructs the method; arguments as of {@link GradCam}. */
  public HiResCam(ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    super(PROVIDER.description(), model, layerName, options);
  }

  /** {@return a builder with AUCMEDI's defaults} */
  public static MethodBuilder<HiResCam> builder() {
    return PROVIDER.builder();
  }

  @Override
  protected double share(double activation, double gradient) {
    return gradient * activation;
  }
}
