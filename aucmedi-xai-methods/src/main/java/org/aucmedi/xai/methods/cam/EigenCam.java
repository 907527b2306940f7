package org.aucmedi.xai.methods.cam;

import org.aucmedi.xai.MethodBuilder;
import org.aucmedi.xai.MethodCost;
import org.aucmedi.xai.MethodDescription;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/**
 * Eigen-CAM: the first principal component of a layer's activations, the pattern that explains most
 * of what varies between positions. It needs no gradient and knows no class: the maps of all
 * classes are the same.
 *
 * <pre>{@code
 * M[i, k] = A[k, i] - mean over j of A[k, j]
 * v       = the unit vector with the largest |M v|, its sign such that sum over k of v[k] >= 0
 * L[i]    = sum over k of M[i, k] * v[k]
 * }</pre>
 *
 * A component has no sign of its own. The one chosen makes L rise with the sum of the activations
 * over the channels, so that active positions are bright; in a layer whose activations are strong
 * in the background, the background is. The values of L add up to 0. Where the two largest
 * components explain nearly the same, which of them is the first may depend on rounding.
 *
 * <p>Options: {@link #RELU}, {@link LayerChoice#OPTION} where no layer is named, {@link
 * LayerFusion#OPTION} where several are, {@link Smoothing#OPTION}, {@link Tokens#OPTION}. Scaling
 * as for {@link GradCam}.
 *
 * <p>Cost: two forward passes for a batch, one for the outputs and one to the layer, whatever the
 * number of classes, and a singular value decomposition of each image's activations; one more
 * forward pass of one image the first time, to see the layers.
 *
 * <p>Paper: M. Bany Muhammad, M. Yeasin, <a href="https://arxiv.org/abs/2008.00299">Eigen-CAM:
 * Class Activation Map using Principal Components</a>, 2020. Its channels are not centred; here
 * they are, as in the implementations in use, since the component would else be little but the mean
 * activation.
 */
public final class EigenCam extends ClassActivationMap {

  /** Describes and constructs the method. */
  public static final XAIMethodProvider<EigenCam> PROVIDER =
      new XAIMethodProvider<>(
          MethodDescription.of("Eigen-CAM", "eigencam", "EigenCAM")
              .requiring(Capability.LAYERS, Capability.LAYER_ACTIVATIONS)
              .usingLayer()
              .withOptions(
                  RELU, LayerChoice.OPTION, LayerFusion.OPTION, Smoothing.OPTION, Tokens.OPTION)
              .costing(Smoothing.times((options, sizes, maps) -> new MethodCost.Passes(2, 0))),
          EigenCam::new);

  /** Constructs the method; arguments as of {@link GradCam}. */
  public EigenCam(ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    super(PROVIDER.description(), model, layerName, options);
  }

  /** {@return a builder with AUCMEDI's defaults} */
  public static MethodBuilder<EigenCam> builder() {
    return PROVIDER.builder();
  }

  @Override
  protected double[] map(float[][] activations, float[][] gradients) {
    double[][] values = new double[activations.length][activations[0].length];
    for (int k = 0; k < values.length; k++) {
      for (int i = 0; i < values[k].length; i++) {
        values[k][i] = activations[k][i];
      }
    }
    return FirstComponent.project(values);
  }
}
