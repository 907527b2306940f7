package org.aucmedi.xai.methods.gradient;

import ai.djl.ndarray.NDArray;
import java.util.List;
import org.aucmedi.xai.ChannelReduction;
import org.aucmedi.xai.MethodBuilder;
import org.aucmedi.xai.MethodDescription;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.TargetGradient;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/**
 * Gradient times input: what each input value contributes to the score, to first order.
 *
 * <p>With the score {@code S_c} of class c and the image x with channels k,
 *
 * <pre>{@code
 * G[i, k] = x[i, k] * dS_c/dx[i, k]
 * M[i]    = max over channels k of G[i, k]     (channels MAX, as AUCMEDI's integrated gradients)
 * M[i]    = sum over channels k of G[i, k]     (channels SUM, the paper's)
 * }</pre>
 *
 * and the heatmap is M scaled by its extremes. It has the shape of the model's input, in two or
 * three dimensions. The raw map is signed, in units of the score. Of a linear model without bias
 * its sum is the score; of a network of ReLUs without biases too. Then it is {@link
 * IntegratedGradients} with the baseline 0.
 *
 * <p>The image is the <em>standardised</em> one: a position that is 0 there gets nothing, whether
 * that is black or the mean colour.
 *
 * <p>Options: {@link IntegratedGradients#CHANNELS}, {@link Score#OPTION}.
 *
 * <p>Cost: one forward pass for a batch, and one backward pass per class.
 *
 * <p>Paper: A. Shrikumar et al., <a href="https://arxiv.org/abs/1605.01713">Not Just a Black Box:
 * Learning Important Features Through Propagating Activation Differences</a>, 2016.
 */
public final class GradientXInput extends InputGradientMethod {

  private static final MethodDescription DESCRIPTION =
      MethodDescription.of("Gradient x input", "GradientXInput", "InputXGradient")
          .requiring(Capability.INPUT_GRADIENTS)
          .withOptions(IntegratedGradients.CHANNELS, Score.OPTION);

  /** Describes and constructs the method. */
  public static final XAIMethodProvider<GradientXInput> PROVIDER =
      new XAIMethodProvider<>(DESCRIPTION, GradientXInput::new);

  /**
   * Constructs the method.
   *
   * @param model the model to explain
   * @param layerName ignored
   * @param options the profile and the options that are set
   * @throws IllegalArgumentException if the method does not have an option that is set
   */
  public GradientXInput(ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    super(DESCRIPTION, model, layerName, options);
  }

  /** {@return a builder with the defaults of AUCMEDI's profile} */
  public static MethodBuilder<GradientXInput> builder() {
    return PROVIDER.builder();
  }

  @Override
  Gradients gradients(NDArray batch, TargetGradient scores) {
    return new Gradients(model().inputGradients(batch, scores), List.of());
  }

  @Override
  boolean timesInput() {
    return true;
  }

  @Override
  protected ChannelReduction channelReduction() {
    return options().get(IntegratedGradients.CHANNELS);
  }
}
