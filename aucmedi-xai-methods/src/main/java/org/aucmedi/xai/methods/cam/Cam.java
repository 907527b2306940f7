package org.aucmedi.xai.methods.cam;

import static com.google.common.base.Preconditions.checkArgument;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.google.common.collect.ImmutableList;
import java.nio.FloatBuffer;
import java.util.List;
import org.aucmedi.xai.Attribution;
import org.aucmedi.xai.MethodBuilder;
import org.aucmedi.xai.MethodCost;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Objective;
import org.aucmedi.xai.Progress;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.TargetGradient;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.array.Range;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.LayerGradients;
import org.aucmedi.xai.model.OutputGradient;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.jspecify.annotations.Nullable;

/**
 * CAM, the original class activation map: the channels of a layer, weighted by the weights of the
 * dense layer that alone follows it behind a global average pooling.
 *
 * <pre>{@code
 * S_c  = b[c] + sum over k of W[c, k] * (mean over i of A[k, i])     what the network must end in
 * L[i] = sum over k of W[c, k] * A[k, i]
 * }</pre>
 *
 * Without ReLU the mean of L over the positions is the logit but for its bias. Grad-CAM of the
 * logit is the same map divided by the number of positions, and needs no such head.
 *
 * <p>The weights are read from the gradients of the logit, of which they are the sum over the
 * positions, so that a model needs no more than gradients. The map is refused unless the gradients
 * show that the head is the one above: they must be the same at all positions, and for an image and
 * its negative, {@code min x + max x - x}. Of a model that ends in a softmax, which knows its
 * logits but for a number that they share, the weights are those of the centred logit, {@code W[c,
 * k]} less its mean over the classes.
 *
 * <p>Where no layer is named it is the last one with more than one position, under both profiles.
 *
 * <p>Options: {@link #RELU}, {@link LayerFusion#OPTION} where several layers are named, {@link
 * Smoothing#OPTION}, {@link Tokens#OPTION}. It always explains the {@linkplain Score#LOGIT logit}.
 * Scaling as for {@link GradCam}.
 *
 * <p>Cost: two forward passes for a batch, one of them for the negatives, and per class two
 * backward passes from the output to the layer; one more forward pass of one image the first time,
 * to see the layers.
 *
 * <p>Paper: B. Zhou et al., <a href="https://arxiv.org/abs/1512.04150">Learning Deep Features for
 * Discriminative Localization</a>, 2016.
 */
public final class Cam extends WeightedActivationMap {

  /** Describes and constructs the method. */
  public static final XAIMethodProvider<Cam> PROVIDER =
      new XAIMethodProvider<>(
          describe("CAM", "cam")
              .withOptions(
                  ImmutableList.of(RELU, LayerFusion.OPTION, Smoothing.OPTION, Tokens.OPTION))
              .costing(
                  Smoothing.times((options, sizes, maps) -> new MethodCost.Passes(2, 2L * maps))),
          Cam::new);

  /** How much gradients that should be the same may differ, relative to the largest. */
  private static final double SAME = 1e-3;

  /** Constructs the method; arguments as of {@link GradCam}. */
  public Cam(ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    super(PROVIDER.description(), model, layerName, options);
  }

  /** {@return a builder with AUCMEDI's defaults} */
  public static MethodBuilder<Cam> builder() {
    return PROVIDER.builder();
  }

  @Override
  Score score() {
    return Score.LOGIT;
  }

  @Override
  LayerChoice layerChoice() {
    return LayerChoice.LAST_SPATIAL;
  }

  @Override
  protected double[] weights(float[][] activations, float[][] gradients) {
    double[] weights = new double[gradients.length];
    for (int k = 0; k < weights.length; k++) {
      for (float gradient : gradients[k]) {
        weights[k] += gradient;
      }
    }
    return weights;
  }

  @Override
  List<List<Attribution>> withGradients(
      NDManager scope, NDArray batch, TargetGradient scores, Seen known, Progress progress) {
    OutputGradient checked =
        outputs -> {
          List<float[]> gradients = scores.of(outputs);
          scores.objectives().forEach(own -> own.forEach(Cam::requireLogit));
          return gradients;
        };
    LayerGradients found = layerGradients(scope, batch, checked, known.layer());
    if (!found.gradients().isEmpty()) {
      TargetGradient same = gradientOf(Target.ofObjectives(scores.objectives()), score());
      LayerGradients other = layerGradients(scope, negatives(scope, batch), same, known.layer());
      Placement placement = known.placement(found.activations().getShape());
      for (int k = 0; k < found.gradients().size(); k++) {
        float[][][] own = placement.channels(found.gradients().get(k));
        float[][][] others = placement.channels(other.gradients().get(k));
        for (int n = 0; n < own.length; n++) {
          requireSame(own[n], others[n], known.layer());
        }
      }
    }
    return maps(found, scores, known);
  }

  private static void requireLogit(Objective objective) {
    checkArgument(
        !(objective instanceof Objective.OfFunction),
        "'%s' is a function of the outputs and has no logit, which CAM explains; use gradcam with"
            + " score=output",
        objective.label());
  }

  /** Keeps to the values that an image may have. */
  private static NDArray negatives(NDManager scope, NDArray batch) {
    int images = Math.toIntExact(batch.getShape().get(0));
    float[] values = batch.toFloatArray();
    FloatBuffer turned = FloatBuffer.allocate(values.length);
    for (int n = 0; n < images; n++) {
      float[] image = ofImage(values, n, images);
      Range range = Range.of(image);
      for (float value : image) {
        turned.put(range.min() + range.max() - value);
      }
    }
    return scope.create(turned.flip(), batch.getShape());
  }

  /** Refuses a head that is not an average and one dense layer; what is not finite shows itself. */
  private void requireSame(float[][] own, float[][] others, String layer) {
    double largest = 0;
    double inSpace = 0;
    double betweenImages = 0;
    for (int k = 0; k < own.length; k++) {
      for (int i = 0; i < own[k].length; i++) {
        largest = Math.max(largest, Math.abs(own[k][i]));
        inSpace = Math.max(inSpace, Math.abs(own[k][i] - own[k][0]));
        betweenImages = Math.max(betweenImages, Math.abs(own[k][i] - others[k][i]));
      }
    }
    if (inSpace > SAME * largest || betweenImages > SAME * largest) {
      throw new UnsupportedModelException(
          "layer '"
              + layer
              + "' of "
              + model()
              + " is not followed by global average pooling and one dense layer alone, which CAM"
              + " needs: the derivatives of the logit by its output differ between "
              + (inSpace > SAME * largest ? "positions" : "images")
              + "; name the layer right before the pooling, or use gradcam or hirescam, which need"
              + " no such head");
    }
  }
}
