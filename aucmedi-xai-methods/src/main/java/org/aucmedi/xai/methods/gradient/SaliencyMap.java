package org.aucmedi.xai.methods.gradient;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import org.aucmedi.xai.AucmediMethod;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.methods.AucmediProvider;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.OutputGradient;
import org.jspecify.annotations.Nullable;

/**
 * Saliency map: how strongly each pixel, moved a little, would move the score of a class.
 *
 * <p>With the score {@code S_c} of class c and the image x with channels k, the raw map is
 *
 * <pre>{@code
 * M[i] = max over k of  dS_c/dx[i, k]      (channels SIGNED, AUCMEDI's)
 * M[i] = max over k of |dS_c/dx[i, k]|     (channels ABSOLUTE, the paper's)
 * }</pre>
 *
 * and the heatmap is {@code (M - min M) / (max M - min M + eps)}; a constant map becomes zeros. It
 * has the shape of the model's input, in two or three dimensions. Under SIGNED a place of no
 * influence lands wherever 0 lies between the extremes; under ABSOLUTE it lands near 0.
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

  /** How the gradients of a pixel's channels become one value. */
  public static final MethodOption<ChannelReduction> CHANNELS = CHANNELS_OPTION;

  private static final ImmutableList<MethodOption<?>> OPTIONS =
      ImmutableList.of(CHANNELS, Score.OPTION);

  /**
   * Constructs a saliency map as AUCMEDI computes it.
   *
   * @param model a loaded DJL model
   */
  public SaliencyMap(Model model) {
    this(model, null);
  }

  /**
   * Constructs a saliency map as AUCMEDI computes it.
   *
   * @param model a loaded DJL model
   * @param layerName ignored; accepted since every method is constructed alike
   */
  public SaliencyMap(Model model, @Nullable String layerName) {
    this(explainable(model), layerName);
  }

  /**
   * Constructs a saliency map as AUCMEDI computes it.
   *
   * @param model the model to explain
   */
  public SaliencyMap(ExplainableModel model) {
    this(model, null);
  }

  /**
   * Constructs a saliency map as AUCMEDI computes it.
   *
   * @param model the model to explain
   * @param layerName ignored; accepted since every method is constructed alike
   */
  public SaliencyMap(ExplainableModel model, @Nullable String layerName) {
    this(model, layerName, MethodOptions.of(Profile.AUCMEDI));
  }

  /**
   * Constructs a saliency map.
   *
   * @param model the model to explain
   * @param layerName ignored; accepted since every method is constructed alike
   * @param options the parameters
   */
  public SaliencyMap(ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    super(model, layerName, options.checkKnown(OPTIONS));
  }

  @Override
  NDList gradients(NDArray batch, OutputGradient scores) {
    return model().inputGradients(batch, scores);
  }

  /** Registers the method under AUCMEDI's keys. */
  public static final class Provider extends AucmediProvider {

    /** Constructs the provider; ServiceLoader calls this. */
    public Provider() {
      super(
          AucmediMethod.SALIENCY_MAP,
          ImmutableSet.of(Capability.INPUT_GRADIENTS),
          false,
          OPTIONS,
          SaliencyMap::new);
    }
  }
}
