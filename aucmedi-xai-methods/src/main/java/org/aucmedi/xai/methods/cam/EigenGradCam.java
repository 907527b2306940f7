package org.aucmedi.xai.methods.cam;

import org.aucmedi.xai.MethodBuilder;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/**
 * EigenGrad-CAM: Eigen-CAM of the activations times their gradients, which makes it depend on the
 * class.
 *
 * <pre>{@code
 * X[k, i] = dS/dA[k, i] * A[k, i]
 * M[i, k] = X[k, i] - mean over j of X[k, j]
 * v       = the unit vector with the largest |M v|, its sign such that sum over k of v[k] >= 0
 * L[i]    = sum over k of M[i, k] * v[k]
 * }</pre>
 *
 * With this sign L rises with the map of {@link HiResCam}, {@code sum over k of X[k, i]}: a bright
 * position has more evidence for the class than a dark one. The values of L add up to 0, so that 0
 * is the average position, not one without evidence.
 *
 * <p>Options, cost and scaling as for {@link GradCam}, and a singular value decomposition for each
 * map.
 *
 * <p>It has no paper of its own: it is {@link EigenCam} of the contributions of {@link HiResCam},
 * known from the library pytorch-grad-cam.
 */
public final class EigenGradCam extends ClassActivationMap {

  /** Describes and constructs the method. */
  public static final XAIMethodProvider<EigenGradCam> PROVIDER =
      new XAIMethodProvider<>(
          describe("EigenGrad-CAM", "eigengradcam", "EigenGradCAM"), EigenGradCam::new);

  /** Constructs the method; arguments as of {@link GradCam}. */
  public EigenGradCam(ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    super(PROVIDER.description(), model, layerName, options);
  }

  /** {@return a builder with AUCMEDI's defaults} */
  public static MethodBuilder<EigenGradCam> builder() {
    return PROVIDER.builder();
  }

  @Override
  protected double[] map(float[][] activations, float[][] gradients) {
    double[][] values = new double[activations.length][activations[0].length];
    for (int k = 0; k < values.length; k++) {
      for (int i = 0; i < values[k].length; i++) {
        values[k][i] = (double) gradients[k][i] * activations[k][i];
      }
    }
    return FirstComponent.project(values);
  }
}
