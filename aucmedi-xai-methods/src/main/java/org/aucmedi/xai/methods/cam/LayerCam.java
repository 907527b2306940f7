package org.aucmedi.xai.methods.cam;

import org.aucmedi.xai.MethodBuilder;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/**
 * Layer-CAM: every activation weighted by its own positive gradient, which keeps the detail of
 * early layers.
 *
 * <pre>{@code L[i] = sum over k of max(0, dS/dA[k, i]) * A[k, i]}</pre>
 *
 * <p>Options, cost and scaling as for {@link GradCam}. The paper's ReLU is the option {@link
 * #RELU}.
 *
 * <p>Paper: P.-T. Jiang et al., <a href="https://doi.org/10.1109/TIP.2021.3089943">LayerCAM:
 * Exploring Hierarchical Class Activation Maps for Localization</a>, 2021.
 */
public final class LayerCam extends ElementwiseActivationMap {

  /** Describes and constructs the method. */
  public static final XAIMethodProvider<LayerCam> PROVIDER =
      new XAIMethodProvider<>(describe("Layer-CAM", "layercam", "LayerCAM"), LayerCam::new);

  /** Constructs the method; arguments as of {@link GradCam}. */
  public LayerCam(ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    super(PROVIDER.description(), model, layerName, options);
  }

  /** {@return a builder with AUCMEDI's defaults} */
  public static MethodBuilder<LayerCam> builder() {
    return PROVIDER.builder();
  }

  @Override
  protected double share(double activation, double gradient) {
    return Math.max(0, gradient) * activation;
  }
}
