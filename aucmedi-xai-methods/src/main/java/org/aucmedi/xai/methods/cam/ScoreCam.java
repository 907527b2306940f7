package org.aucmedi.xai.methods.cam;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.aucmedi.xai.MethodBuilder;
import org.aucmedi.xai.MethodCost;
import org.aucmedi.xai.MethodDescription;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Objective;
import org.aucmedi.xai.Progress;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.array.LinearInterpolation;
import org.aucmedi.xai.array.LinearInterpolation.BorderMode;
import org.aucmedi.xai.methods.perturbation.PerturbationMethod;
import org.aucmedi.xai.methods.perturbation.VariantPredictor;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.OutputActivation;
import org.jspecify.annotations.Nullable;

/**
 * Score-CAM: the channels of a layer, weighted by how high the score is of the image seen through
 * each of them. It needs no gradients.
 *
 * <pre>{@code
 * U[k]    = A[k], interpolated linearly to the size of the image x
 * m[k, i] = (U[k, i] - min U[k]) / (max U[k] - min U[k])
 * w[k]    = exp(S(x * m[k])) / sum over j of exp(S(x * m[j]))
 * L[i]    = sum over k of w[k] * A[k, i]
 * }</pre>
 *
 * A mask m multiplies the <em>standardised</em> image, all its channels alike, so what is hidden
 * becomes 0: black after one standardisation, grey or the mean colour after another. A channel with
 * the same activation everywhere has the mask 0. The paper subtracts the score of a blank image
 * from every S, which the softmax over the channels leaves without effect.
 *
 * <p>The softmax knows no scale: of scores that are probabilities, whose differences are small, the
 * weights are nearly equal and the maps of all classes alike; of large logits one channel may get
 * all the weight. The logit of a model that ends in a softmax is the centred one of {@link
 * Score#LOGIT}.
 *
 * <p>Options: {@link #RELU}, {@link LayerChoice#OPTION} where no layer is named, {@link
 * LayerFusion#OPTION} where several are, {@link Smoothing#OPTION}, {@link Tokens#OPTION}, {@link
 * #MAX_CHANNELS}, {@link PerturbationMethod#BATCH_SIZE}, {@link Score#OPTION}. Scaling as for
 * {@link GradCam}.
 *
 * <p>Cost: two forward passes for a batch, one for the outputs and one to the layer, and for each
 * image one per channel, for all classes together; channels that are the same everywhere share one.
 * One more forward pass of one image the first time, to see the layers.
 *
 * <p>Paper: H. Wang et al., <a href="https://arxiv.org/abs/1910.01279">Score-CAM: Score-Weighted
 * Visual Explanations for Convolutional Neural Networks</a>, 2020.
 */
public final class ScoreCam extends ClassActivationMap {

  /** How many channels are looked at. */
  public static final MethodOption<Integer> MAX_CHANNELS =
      MethodOption.ofInt(
              "max-channels",
              "maximum number of channels, those that vary most over the image; the others get no"
                  + " weight")
          .range(1, 100_000)
          .defaults(512);

  /** Describes and constructs the method. */
  public static final XAIMethodProvider<ScoreCam> PROVIDER =
      new XAIMethodProvider<>(
          MethodDescription.of("Score-CAM", "scorecam", "ScoreCAM")
              .requiring(Capability.LAYERS, Capability.LAYER_ACTIVATIONS)
              .usingLayer()
              .withOptions(
                  RELU,
                  LayerChoice.OPTION,
                  LayerFusion.OPTION,
                  Smoothing.OPTION,
                  Tokens.OPTION,
                  MAX_CHANNELS,
                  PerturbationMethod.BATCH_SIZE,
                  Score.OPTION)
              .costing(
                  Smoothing.times(
                      (options, sizes, maps) ->
                          new MethodCost.Passes(2L + options.get(MAX_CHANNELS), 0))),
          ScoreCam::new);

  /** Constructs the method; arguments as of {@link GradCam}. */
  public ScoreCam(ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    super(PROVIDER.description(), model, layerName, options);
  }

  /** {@return a builder with AUCMEDI's defaults} */
  public static MethodBuilder<ScoreCam> builder() {
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
    int[] channels = mostVaried(view.activations(), options().get(MAX_CHANNELS));
    double[][] scores = scores(view, channels, objectives, progress);
    for (int o = 0; o < maps.length; o++) {
      maps[o] = weightedSum(view.activations(), channels, softmax(scores[o]));
    }
    return maps;
  }

  /** The sum of some channels, each times its weight. */
  static double[] weightedSum(float[][] activations, int[] channels, double[] weights) {
    double[] sum = new double[activations[0].length];
    for (int c = 0; c < channels.length; c++) {
      float[] channel = activations[channels[c]];
      for (int i = 0; i < channel.length; i++) {
        sum[i] += weights[c] * channel[i];
      }
    }
    return sum;
  }

  /** The channels that vary most over the positions, in their order. */
  static int[] mostVaried(float[][] activations, int most) {
    return IntStream.range(0, activations.length)
        .boxed()
        .sorted(Comparator.comparingDouble(k -> -variance(activations[k])))
        .limit(most)
        .mapToInt(k -> k)
        .sorted()
        .toArray();
  }

  private static double variance(float[] values) {
    double mean = 0;
    for (float value : values) {
      mean += (double) value / values.length;
    }
    double variance = 0;
    for (float value : values) {
      variance += (value - mean) * (value - mean);
    }
    return variance;
  }

  /** The score of each objective for the image seen through each channel. */
  private double[][] scores(
      LayerView view, int[] channels, List<Objective> objectives, Progress progress) {
    OutputActivation activation = model().outputActivation();
    Score score = options().get(Score.OPTION);
    // Masks that hide everything are alike, and predicted once, after the others.
    int[] varied =
        IntStream.range(0, channels.length)
            .filter(c -> !isUniform(view.activations()[channels[c]]))
            .toArray();
    int count = varied.length < channels.length ? varied.length + 1 : varied.length;
    double[][] ofMasks = new double[objectives.size()][count];
    new VariantPredictor(model(), options().get(PerturbationMethod.BATCH_SIZE), progress)
        .predict(
            view.manager(),
            view.image(),
            view.shape(),
            count,
            (v, pixels) -> {
              float[] mask =
                  v < varied.length
                      ? mask(view, view.activations()[channels[varied[v]]])
                      : new float[view.axes().positions()];
              for (int k = 0; k < view.axes().channels(); k++) {
                for (int i = 0; i < mask.length; i++) {
                  int at = view.axes().index(0, k, i);
                  pixels.put(at, pixels.get(at) * mask[i]);
                }
              }
            },
            (v, output) -> {
              for (int o = 0; o < ofMasks.length; o++) {
                ofMasks[o][v] = objectives.get(o).value(output, score, activation);
              }
            });
    double[][] scores = new double[objectives.size()][channels.length];
    for (int o = 0; o < scores.length; o++) {
      Arrays.fill(scores[o], ofMasks[o][count - 1]);
      for (int v = 0; v < varied.length; v++) {
        scores[o][varied[v]] = ofMasks[o][v];
      }
    }
    return scores;
  }

  private static boolean isUniform(float[] channel) {
    for (float value : channel) {
      if (value != channel[0]) {
        return false;
      }
    }
    return true;
  }

  private static float[] mask(LayerView view, float[] channel) {
    float[] mask =
        LinearInterpolation.resize(
            channel, view.sizes(), view.axes().spatialSizes(), 1, BorderMode.CLAMP);
    float min = mask[0];
    float max = mask[0];
    for (float value : mask) {
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
    for (int i = 0; i < mask.length; i++) {
      mask[i] = max == min ? 0 : (mask[i] - min) / (max - min);
    }
    return mask;
  }

  private static double[] softmax(double[] scores) {
    double largest = Arrays.stream(scores).max().orElseThrow();
    double[] weights = Arrays.stream(scores).map(score -> Math.exp(score - largest)).toArray();
    double sum = Arrays.stream(weights).sum();
    return Arrays.stream(weights).map(weight -> weight / sum).toArray();
  }
}
