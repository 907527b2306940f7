package org.aucmedi.xai.methods.gradient;

import org.aucmedi.xai.MethodBuilder;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.methods.SampleMoments;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/**
 * SmoothGrad: the mean of the gradients at noisy copies of the image, which evens out what a
 * saliency map owes to chance.
 *
 * <p>With the image x with channels k, N samples of normally distributed noise e and the gradient
 * of the score of class c,
 *
 * <pre>{@code
 * e_n     ~ normal(0, (noise * (max x - min x))^2) for each value
 * G[i, k] = 1/N * sum over n of dS_c/dx[i, k] at x + e_n
 * M[i]    = max over k of |G[i, k]|     (channels ABS_MAX, the paper's; MAX has no magnitude)
 * }</pre>
 *
 * and the heatmap is M scaled by its extremes. With the option {@link #OF} another method takes the
 * place of the gradient. Of a linear model the map is that of the gradient. An image of one colour
 * gets no noise.
 *
 * <p>How far the mean may be off is the diagnostic {@link SampleMoments#STANDARD_ERROR}, the mean
 * over all values of their standard error.
 *
 * <p>All classes and images share one set of noise, drawn from {@link #SEED}. The map depends on
 * neither the batch size nor the other images.
 *
 * <p>Options: {@link #SAMPLES}, {@link #NOISE}, {@link #OF}, {@link #CHANNELS}, {@link
 * Score#OPTION}, {@link #RELIABILITY}, {@link #SEED}, {@link #BATCH_SIZE}; and for integrated
 * gradients {@link IntegratedGradients#STEPS} and {@link IntegratedGradients#BASELINE}.
 *
 * <p>Cost: one forward pass for a batch, and the passes of the other method for each sample: one
 * forward pass, and one backward pass per class. Where the gradients of all classes do not fit into
 * memory, the classes are done a few at a time, with forward passes of their own.
 *
 * <p>Paper: D. Smilkov et al., <a href="https://arxiv.org/abs/1706.03825">SmoothGrad: Removing
 * Noise by Adding Noise</a>, 2017.
 */
public final class SmoothGrad extends NoisyGradients {

  /** Describes and constructs the method. */
  public static final XAIMethodProvider<SmoothGrad> PROVIDER =
      new XAIMethodProvider<>(describe("SmoothGrad", "SmoothGrad"), SmoothGrad::new);

  /**
   * Constructs the method.
   *
   * @param model the model to explain
   * @param layerName ignored
   * @param options the profile and the options that are set
   * @throws IllegalArgumentException if the method does not have an option that is set
   */
  public SmoothGrad(ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    super(PROVIDER.description(), model, layerName, options, Statistic.MEAN);
  }

  /** {@return a builder with the defaults of AUCMEDI's profile} */
  public static MethodBuilder<SmoothGrad> builder() {
    return PROVIDER.builder();
  }
}
