package org.aucmedi.xai.methods.cam;

import java.util.List;
import org.aucmedi.xai.MethodBuilder;
import org.aucmedi.xai.MethodCost;
import org.aucmedi.xai.MethodDescription;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Objective;
import org.aucmedi.xai.Progress;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.methods.perturbation.PerturbationMethod;
import org.aucmedi.xai.methods.perturbation.VariantPredictor;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.OutputActivation;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.jspecify.annotations.Nullable;

/**
 * Ablation-CAM: the channels of a layer, weighted by the share of the score that is lost without
 * them. It needs no gradients, so that saturation does not hide a channel.
 *
 * <p>With the score {@code y}, and {@code y[k]} the score where channel k of the layer is 0
 * everywhere and the network goes on from there,
 *
 * <pre>{@code
 * w[k] = (y - y[k]) / |y|
 * L[i] = sum over k of w[k] * A[k, i]
 * }</pre>
 *
 * The paper divides by y, which is the same where it is positive; of a negative logit that would
 * turn the map upside down. Where y is 0 the weights are the losses themselves. Where global
 * pooling and one dense layer follow and the score is a logit, {@code w[k]} is the weight of the
 * channel times its mean, divided by {@code |y|}.
 *
 * <p>Zero means "nothing found" where a ReLU comes before the layer. In a layer with values of both
 * signs zero is a value like others, and the map says what a channel does in comparison with it.
 *
 * <p>A channel that is 0 already has weight 0 without a pass. Of tokens a channel is a feature, in
 * all tokens, the class token too.
 *
 * <p>Options: {@link #RELU}, {@link LayerChoice#OPTION} where no layer is named, {@link
 * LayerFusion#OPTION} where several are, {@link Smoothing#OPTION}, {@link Tokens#OPTION}, {@link
 * ScoreCam#MAX_CHANNELS}, {@link PerturbationMethod#BATCH_SIZE}, {@link Score#OPTION}. Scaling as
 * for {@link GradCam}.
 *
 * <p>Cost: two forward passes for a batch, one for the outputs and one to the layer, and for each
 * image one with the layer as it is and one per channel, for all classes together; TensorFlow and
 * ONNX Runtime begin these at the layer. One more forward pass of one image the first time, to see
 * the layers.
 *
 * <p>Paper: S. Desai, H. G. Ramaswamy, <a
 * href="https://openaccess.thecvf.com/content_WACV_2020/papers/Desai_Ablation-CAM_Visual_Explanations_for_Deep_Convolutional_Network_via_Gradient-free_Localization_WACV_2020_paper.pdf">Ablation-CAM:
 * Visual Explanations for Deep Convolutional Network via Gradient-free Localization</a>, 2020.
 */
public final class AblationCam extends ClassActivationMap {

  /** How much the outputs may change where nothing is replaced, relative to the largest. */
  private static final double SAME = 1e-3;

  /** Describes and constructs the method. */
  public static final XAIMethodProvider<AblationCam> PROVIDER =
      new XAIMethodProvider<>(
          MethodDescription.of("Ablation-CAM", "ablationcam", "AblationCAM")
              .requiring(
                  Capability.LAYERS, Capability.LAYER_ACTIVATIONS, Capability.PREDICTION_FROM_LAYER)
              .usingLayer()
              .withOptions(
                  RELU,
                  LayerChoice.OPTION,
                  LayerFusion.OPTION,
                  Smoothing.OPTION,
                  Tokens.OPTION,
                  ScoreCam.MAX_CHANNELS,
                  PerturbationMethod.BATCH_SIZE,
                  Score.OPTION)
              .costing(
                  Smoothing.times(
                      (options, sizes, maps) ->
                          new MethodCost.Passes(3L + options.get(ScoreCam.MAX_CHANNELS), 0))),
          AblationCam::new);

  /** Constructs the method; arguments as of {@link GradCam}. */
  public AblationCam(ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    super(PROVIDER.description(), model, layerName, options);
  }

  /** {@return a builder with AUCMEDI's defaults} */
  public static MethodBuilder<AblationCam> builder() {
    return PROVIDER.builder();
  }

  @Override
  protected double[] map(float[][] activations, float[][] gradients) {
    throw new IllegalStateException("the weights are not made of activations and gradients alone");
  }

  @Override
  double[][] maps(LayerView view, List<Objective> objectives, Progress progress) {
    double[][] maps = new double[objectives.size()][];
    if (maps.length == 0) {
      return maps;
    }
    int[] channels = ScoreCam.mostVaried(view.activations(), options().get(ScoreCam.MAX_CHANNELS));
    double[][] weights = weights(view, channels, objectives, progress);
    for (int o = 0; o < maps.length; o++) {
      maps[o] = ScoreCam.weightedSum(view.activations(), channels, weights[o]);
    }
    return maps;
  }

  /** The share of each objective's score that is lost without each channel. */
  private double[][] weights(
      LayerView view, int[] channels, List<Objective> objectives, Progress progress) {
    OutputActivation activation = model().outputActivation();
    Score score = options().get(Score.OPTION);
    Tapped tapped = view.tapped();
    double[] whole = new double[objectives.size()];
    double[][] weights = new double[objectives.size()][channels.length];
    VariantPredictor.ofLayer(
            model(),
            tapped.layer(),
            view.image(),
            view.shape(),
            options().get(PerturbationMethod.BATCH_SIZE),
            progress)
        .predict(
            view.manager(),
            tapped.values(),
            tapped.shape(),
            1 + channels.length,
            (v, values) -> {
              if (v > 0) {
                tapped.placement().clear(channels[v - 1], values, tapped.shape());
              }
            },
            (v, output) -> {
              if (v == 0) {
                requireSame(tapped.layer(), output, view.outputs());
              }
              for (int o = 0; o < whole.length; o++) {
                double value = objectives.get(o).value(output, score, activation);
                if (v == 0) {
                  whole[o] = value;
                } else {
                  double scale = whole[o] == 0 ? 1 : Math.abs(whole[o]);
                  weights[o][v - 1] = (whole[o] - value) / scale;
                }
              }
            });
    return weights;
  }

  /**
   * What is seen of a layer whose output is changed in place afterwards, as a sum is that is added
   * to it, is not what the network went on from.
   */
  private void requireSame(String layer, float[] found, float[] expected) {
    double largest = 0;
    double difference = 0;
    for (int c = 0; c < expected.length; c++) {
      largest = Math.max(largest, Math.abs(expected[c]));
      difference = Math.max(difference, Math.abs(expected[c] - found[c]));
    }
    if (difference > SAME * largest) {
      throw new UnsupportedModelException(
          model()
              + " predicts otherwise when it goes on from the output of layer '"
              + layer
              + "', so the output is changed in place after the layer; name the layer that changes"
              + " it, or use a method that does not go on from a layer, such as scorecam");
    }
  }
}
