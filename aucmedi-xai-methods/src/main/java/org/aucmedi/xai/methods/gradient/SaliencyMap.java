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
import org.jspecify.annotations.Nullable;

/**
 * Saliency map: how strongly a small change of each pixel would change the score of a class.
 *
 * <p>With the score {@code S_c} of class c and the image x with channels k, the raw map is
 *
 * <pre>{@code
 * M[i] = max over k of  dS_c/dx[i, k]      (channels MAX, AUCMEDI's)
 * M[i] = max over k of |dS_c/dx[i, k]|     (channels ABS_MAX, the paper's)
 * }</pre>
 *
 * and the heatmap is {@code (M - min M) / (max M - min M + eps)}; a constant map becomes zeros. It
 * has the shape of the model's input, in two or three dimensions. Under MAX a position of no
 * influence lands wherever 0 lies between the extremes; under ABS_MAX it lands near 0.
 *
 * <p>Options: {@link #CHANNELS}, and {@link Score#OPTION}: the output as it is (AUCMEDI's) or the
 * logit (the paper's). Where the output is a softmax, a confident prediction has tiny gradients; as
 * long as they are well above eps the heatmap does not show it.
 *
 * <p>Cost: one forward pass for a batch, and one backward pass per class.
 *
 * <p>Papers: K. Simonyan, A. Vedaldi, A. Zisserman, <a href="https://arxiv.org/abs/1312.6034">Deep
 * Inside Convolutional Networks: Visualising Image Classification Models and Saliency Maps</a>,
 * 2013. The signed form is that of the AUCMEDI framework (D. Müller, F. Kramer).
 */
public final class SaliencyMap extends InputGradientMethod {

  private static final MethodDescription DESCRIPTION =
      MethodDescription.of("Saliency map", "saliency", "SaliencyMap", "sm")
          .requiring(Capability.INPUT_GRADIENTS)
          .withOptions(CHANNELS, Score.OPTION);

  /** Describes and constructs the method. */
  public static final XAIMethodProvider<SaliencyMap> PROVIDER =
      new XAIMethodProvider<>(DESCRIPTION, SaliencyMap::new);

  /**
   * Constructs the method.
   *
   * @param model the model to explain
   * @param layerName ignored
   * @param options the profile and the options that are set
   * @throws IllegalArgumentException if the method does not have an option that is set
   */
  public SaliencyMap(ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    super(DESCRIPTION, model, layerName, options);
  }

  /** {@return a builder with AUCMEDI's defaults} */
  public static MethodBuilder<SaliencyMap> builder() {
    return PROVIDER.builder();
  }

  @Override
  Gradients gradients(NDArray batch, TargetGradient scores) {
    return new Gradients(model().inputGradients(batch, scores), List.of());
  }
}
