package org.aucmedi.xai.methods.cam;

import com.google.common.collect.ImmutableList;
import java.util.Arrays;
import org.aucmedi.xai.MethodBuilder;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/**
 * Grad-CAM++: Grad-CAM with weights that favour positions with evidence for the class, so that
 * several objects of one class show up equally.
 *
 * <p>With the gradients {@code g = dS_c/dA} of a layer's activations A, channels k and positions i,
 *
 * <pre>{@code
 * alpha[k, i] = g[k, i]^2 / (2 g[k, i]^2 + g[k, i]^3 * sum over j of A[k, j])
 * alpha[k, i] = alpha[k, i] / sum over j of alpha[k, j]        (normalize-alpha true, AUCMEDI's)
 * w[k]        = sum over i of alpha[k, i] * max(0, g[k, i])
 * L[i]        = sum over k of w[k] * A[k, i]
 * }</pre>
 *
 * which is the paper's closed form for the score {@code exp(S_c)}, without the factor that all
 * weights share. A position without gradient has alpha 0, and a channel whose alphas cancel has
 * weight 0, so that the map is always finite. AUCMEDI differentiates three times instead, which
 * gives NaN for a network that is piecewise linear behind the layer; where the layer is followed by
 * global pooling, as in all its architectures, both give {@code w[k] = max(0, g[k])}.
 *
 * <p>Options: {@link #NORMALIZE_ALPHA}, {@link #RELU}, {@link LayerChoice#OPTION}, {@link
 * Score#OPTION}. Cost and scaling as for {@link GradCam}.
 *
 * <p>Paper: A. Chattopadhyay et al., <a href="https://arxiv.org/abs/1710.11063">Grad-CAM++:
 * Improved Visual Explanations for Deep Convolutional Networks</a>, 2017.
 */
public final class GradCamPlusPlus extends WeightedActivationMap {

  /** Whether the alphas of a channel are divided by their sum. */
  public static final MethodOption<Boolean> NORMALIZE_ALPHA =
      MethodOption.ofBoolean("normalize-alpha", "divide the alphas of a channel by their sum")
          .defaults(true, false);

  /** Describes and constructs the method. */
  public static final XAIMethodProvider<GradCamPlusPlus> PROVIDER =
      new XAIMethodProvider<>(
          describe("Grad-CAM++", "gradcam++", "GradCAM++", "GradCAMpp", "gc++")
              .withOptions(
                  ImmutableList.<MethodOption<?>>builder()
                      .addAll(CAM_OPTIONS)
                      .add(NORMALIZE_ALPHA)
                      .build()),
          GradCamPlusPlus::new);

  /**
   * Constructs the method.
   *
   * @param model the model to explain
   * @param layerName the layer, or null to choose by {@link LayerChoice#OPTION}
   * @param options the profile and the options that are set
   * @throws IllegalArgumentException if the method does not have an option that is set
   */
  public GradCamPlusPlus(
      ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    super(PROVIDER.description(), model, layerName, options);
  }

  /** {@return a builder with AUCMEDI's defaults} */
  public static MethodBuilder<GradCamPlusPlus> builder() {
    return PROVIDER.builder();
  }

  @Override
  protected double[] weights(float[][] activations, float[][] gradients) {
    double[] weights = new double[gradients.length];
    Arrays.setAll(weights, k -> weight(activations[k], gradients[k]));
    return weights;
  }

  private double weight(float[] activations, float[] gradients) {
    double total = 0;
    for (float activation : activations) {
      total += activation;
    }
    double alphas = 0;
    double weight = 0;
    for (float gradient : gradients) {
      // alpha = g^2 / (2 g^2 + g^3 total), with g^2 cancelled: tiny gradients must not underflow.
      double denominator = 2 + gradient * total;
      if (gradient != 0 && denominator != 0) {
        alphas += 1 / denominator;
        weight += Math.max(0, gradient) / denominator;
      }
    }
    if (!options().get(NORMALIZE_ALPHA)) {
      return weight;
    }
    return alphas == 0 ? 0 : weight / alphas;
  }
}
