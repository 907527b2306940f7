package org.aucmedi.xai.methods.gradient;

import org.aucmedi.xai.MethodBuilder;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.methods.SampleMoments;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/**
 * VarGrad: the variance of the gradients at noisy copies of the image.
 *
 * <p>As {@link SmoothGrad}, which has noise, options and cost, but for
 *
 * <pre>{@code
 * g_n[i, k] = dS_c/dx[i, k] at x + e_n
 * G[i, k]   = 1/(N - 1) * sum over n of (g_n[i, k] - mean of g[i, k])^2
 * M[i]      = max over k of G[i, k]
 * }</pre>
 *
 * It is divided by N - 1, so that its expectation does not depend on the number of samples. The raw
 * map is not negative, in squared units of the gradient: where the network bends near the image,
 * not what the image owes its score to. Of a linear model it is zero. The heatmap is M scaled by
 * its extremes.
 *
 * <p>Options: those of {@link SmoothGrad}, with {@link Score#OPTION}. The diagnostic {@link
 * SampleMoments#STANDARD_ERROR} is that of the variance, from the fourth moments.
 *
 * <p>Paper: J. Adebayo et al., <a href="https://arxiv.org/abs/1810.03307">Local Explanation Methods
 * for Deep Neural Networks Lack Sensitivity to Parameter Values</a>, 2018.
 */
public final class VarGrad extends NoisyGradients {

  /** Describes and constructs the method. */
  public static final XAIMethodProvider<VarGrad> PROVIDER =
      new XAIMethodProvider<>(describe("VarGrad", "VarGrad"), VarGrad::new);

  /**
   * Constructs the method.
   *
   * @param model the model to explain
   * @param layerName ignored
   * @param options the profile and the options that are set
   * @throws IllegalArgumentException if the method does not have an option that is set
   */
  public VarGrad(ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    super(
        PROVIDER.description(),
        model,
        layerName,
        options,
        new Statistic(
            SampleMoments::ofVariance,
            value -> value,
            SampleMoments::variance,
            SampleMoments::errorOfVariance));
  }

  /** {@return a builder with the defaults of AUCMEDI's profile} */
  public static MethodBuilder<VarGrad> builder() {
    return PROVIDER.builder();
  }
}
