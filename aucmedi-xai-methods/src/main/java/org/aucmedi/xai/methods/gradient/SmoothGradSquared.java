package org.aucmedi.xai.methods.gradient;

import org.aucmedi.xai.MethodBuilder;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.methods.SampleMoments;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/**
 * SmoothGrad-Squared: the mean of the squared gradients at noisy copies of the image.
 *
 * <p>As {@link SmoothGrad}, which has noise, options and cost, but for
 *
 * <pre>{@code
 * G[i, k] = 1/N * sum over n of (dS_c/dx[i, k] at x + e_n)^2
 * M[i]    = max over k of G[i, k]
 * }</pre>
 *
 * so that gradients of either sign add up where {@link SmoothGrad} lets them cancel. The raw map is
 * not negative, in squared units of the gradient; it is the square of SmoothGrad plus {@link
 * VarGrad}, but for {@code (N - 1) / N} in the latter. The heatmap is M scaled by its extremes, in
 * which squares leave little but the strongest places.
 *
 * <p>Options: those of {@link SmoothGrad}, with {@link Score#OPTION}; {@link
 * SampleMoments#STANDARD_ERROR} is the diagnostic.
 *
 * <p>Paper: S. Hooker et al., <a href="https://arxiv.org/abs/1806.10758">A Benchmark for
 * Interpretability Methods in Deep Neural Networks</a>, 2019.
 */
public final class SmoothGradSquared extends NoisyGradients {

  /** Describes and constructs the method. */
  public static final XAIMethodProvider<SmoothGradSquared> PROVIDER =
      new XAIMethodProvider<>(
          describe("SmoothGrad-Squared", "SmoothGradSquared", "SmoothGradSq"),
          SmoothGradSquared::new);

  /**
   * Constructs the method.
   *
   * @param model the model to explain
   * @param layerName ignored
   * @param options the profile and the options that are set
   * @throws IllegalArgumentException if the method does not have an option that is set
   */
  public SmoothGradSquared(
      ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    super(
        PROVIDER.description(),
        model,
        layerName,
        options,
        new Statistic(
            SampleMoments::ofMean,
            value -> value * value,
            SampleMoments::mean,
            SampleMoments::errorOfMean));
  }

  /** {@return a builder with the defaults of AUCMEDI's profile} */
  public static MethodBuilder<SmoothGradSquared> builder() {
    return PROVIDER.builder();
  }
}
