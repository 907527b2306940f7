package org.aucmedi.xai.methods.gradient;

import ai.djl.ndarray.NDArray;
import java.util.List;
import org.aucmedi.xai.MethodBuilder;
import org.aucmedi.xai.MethodDescription;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.TargetGradient;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.GuidedGradients;
import org.aucmedi.xai.model.ReluRule;
import org.jspecify.annotations.Nullable;

/**
 * Deconvnet: the gradient of the score with a different backward rule for each ReLU, which passes
 * only what speaks for the class, wherever the ReLU is.
 *
 * <p>With the score {@code S_c} of class c and the image x with channels k,
 *
 * <pre>{@code
 * dx   = dy * [dy > 0]                            for every ReLU y = max(0, x)
 * M[i] = max over channels k of dS_c/dx[i, k]     with that rule
 * }</pre>
 *
 * and the heatmap is M scaled by its extremes. It is {@link GuidedBackpropagation} with {@link
 * ReluRule#DECONVNET}, and its map depends even less on the image: the network's own ReLUs have no
 * say. The diagnostic {@link GuidedBackpropagation#RELUS} counts them; without any the map is a
 * plain saliency map.
 *
 * <p>Options: {@link #CHANNELS}, {@link Score#OPTION}.
 *
 * <p>Cost: one forward pass for a batch, and one backward pass per class.
 *
 * <p>Paper: M. Zeiler, R. Fergus, <a href="https://arxiv.org/abs/1311.2901">Visualizing and
 * Understanding Convolutional Networks</a>, 2013.
 */
public final class Deconvnet extends InputGradientMethod {

  private static final MethodDescription DESCRIPTION =
      MethodDescription.of("Deconvnet", "deconvnet")
          .requiring(Capability.GUIDED_GRADIENTS)
          .withOptions(CHANNELS, Score.OPTION);

  /** Describes and constructs the method. */
  public static final XAIMethodProvider<Deconvnet> PROVIDER =
      new XAIMethodProvider<>(DESCRIPTION, Deconvnet::new);

  /**
   * Constructs the method.
   *
   * @param model the model to explain
   * @param layerName ignored
   * @param options the profile and the options that are set
   * @throws IllegalArgumentException if the method does not have an option that is set
   */
  public Deconvnet(ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    super(DESCRIPTION, model, layerName, options);
  }

  /** {@return a builder with the defaults of AUCMEDI's profile} */
  public static MethodBuilder<Deconvnet> builder() {
    return PROVIDER.builder();
  }

  @Override
  Gradients gradients(NDArray batch, TargetGradient scores) {
    GuidedGradients found = model().guidedGradients(batch, scores, ReluRule.DECONVNET);
    return new Gradients(
        found.gradients(), List.of(new Finding(GuidedBackpropagation.RELUS, found.relus())));
  }
}
