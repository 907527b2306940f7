package org.aucmedi.xai.methods.gradient;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.aucmedi.xai.Attribution;
import org.aucmedi.xai.AttributionMethod;
import org.aucmedi.xai.ChannelReduction;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.MethodBuilder;
import org.aucmedi.xai.MethodCost;
import org.aucmedi.xai.MethodDescription;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Progress;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.TargetGradient;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.methods.Baseline;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.Multipliers;
import org.aucmedi.xai.model.OutputActivation;
import org.jspecify.annotations.Nullable;

/**
 * DeepLIFT with the rescale rule: attributes the difference in score between the image and a
 * baseline to the input values, in one pass.
 *
 * <p>With the image x with channels k, the baseline x' and the logit {@code S_c} of class c,
 *
 * <pre>{@code
 * m       = dS_c/dx, but each nonlinear operation y = f(u) has (f(u) - f(u')) / (u - u') for f'(u)
 * D[i, k] = m[i, k] * (x[i, k] - x'[i, k])
 * M[i]    = sum over channels k of D[i, k]
 * }</pre>
 *
 * and the heatmap is M scaled by its extremes. The raw map is signed, in units of the logit, and
 * its attributions add up to {@code S_c(x) - S_c(x')}. What they miss is the diagnostic {@link
 * #DELTA}; a map that misses more than {@link #TOLERANCE} of the difference is marked {@link
 * MapStatus#NOT_CONSERVED}.
 *
 * <p>The score is always the logit: a softmax or a sigmoid at the end is skipped. What a maximum
 * does, and which operations are refused, says {@link ExplainableModel#multipliers}.
 *
 * <p>Options: {@link #BASELINE}, {@link #CHANNELS}, {@link #TOLERANCE}.
 *
 * <p>Cost: two forward passes per image, and one backward pass per class.
 *
 * <p>Paper: A. Shrikumar, P. Greenside, A. Kundaje, <a
 * href="https://arxiv.org/abs/1704.02685">Learning Important Features Through Propagating
 * Activation Differences</a>, 2017.
 */
public final class DeepLift extends AttributionMethod {

  /** The diagnostic that holds the sum of all attributions minus the difference in score. */
  public static final String DELTA = IntegratedGradients.DELTA;

  /** What the image is compared with. */
  public static final MethodOption<Baseline> BASELINE =
      Baseline.option("baseline", "what the image is compared with")
          .defaults(new Baseline.Constant(0));

  /** How the attributions of a pixel's channels become one value. */
  public static final MethodOption<ChannelReduction> CHANNELS =
      LayerwiseRelevancePropagation.CHANNELS;

  /** How much of the difference may be missing before a map is marked. */
  public static final MethodOption<Double> TOLERANCE =
      MethodOption.ofDouble(
              "tolerance", "largest completeness delta, relative to the difference in score")
          .range(0.0, 1e6)
          .defaults(0.01);

  private static final MethodDescription DESCRIPTION =
      MethodDescription.of("DeepLIFT", "deeplift")
          .requiring(Capability.PROPAGATION)
          .withOptions(BASELINE, CHANNELS, TOLERANCE)
          .costing((options, sizes, maps) -> new MethodCost.Passes(2, maps));

  /** Describes and constructs the method. */
  public static final XAIMethodProvider<DeepLift> PROVIDER =
      new XAIMethodProvider<>(DESCRIPTION, DeepLift::new);

  /**
   * Constructs the method.
   *
   * @param model the model to explain
   * @param layerName ignored
   * @param options the profile and the options that are set
   * @throws IllegalArgumentException if the method does not have an option that is set
   */
  public DeepLift(ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    super(DESCRIPTION, model, layerName, options);
  }

  /** {@return a builder with the method's defaults} */
  public static MethodBuilder<DeepLift> builder() {
    return PROVIDER.builder();
  }

  @Override
  protected List<List<Attribution>> attribute(NDArray batch, Target target, Progress progress) {
    BatchAxes axes = new BatchAxes(batch.getShape(), model().channelLayout());
    float[] values = batch.toFloatArray();
    List<List<Attribution>> all = new ArrayList<>();
    for (int n = 0; n < axes.images(); n++) {
      Progress.checkNotInterrupted(n, axes.images());
      int index = n;
      Target own = (outputs, image, images) -> target.objectives(outputs, index, axes.images());
      all.add(attribute(ofImage(values, n, axes.images()), axes.ofOneImage(), own, batch));
      progress.update(n + 1, axes.images());
    }
    return all;
  }

  private List<Attribution> attribute(float[] image, BatchAxes axes, Target target, NDArray batch) {
    try (NDManager scope = batch.getManager().newSubManager()) {
      float[] baseline = options().get(BASELINE).of(image, axes, scope);
      Shape shape = new Shape(1).addAll(batch.getShape().slice(1));
      NDArray x = scope.create(FloatBuffer.wrap(image), shape);
      NDArray reference = scope.create(FloatBuffer.wrap(baseline), shape);
      // The model skips the activation at the end, so that outputs are logits where it starts.
      TargetGradient scores = new TargetGradient(target, Score.LOGIT, OutputActivation.NONE);
      Multipliers found = model().multipliers(x, reference, scores);
      found.multipliers().attach(scope);
      found.differences().attach(scope);
      return scores
          .attributions(
              k -> {
                FloatBuffer multipliers = values(found.multipliers().get(k));
                float difference = found.differences().get(k).toFloatArray()[0];
                return (n, objective, outputs) -> {
                  float[] parts = new float[image.length];
                  for (int i = 0; i < parts.length; i++) {
                    parts[i] = multipliers.get(i) * (image[i] - baseline[i]);
                  }
                  Attribution made =
                      InputGradientMethod.ofGradient(objective, outputs, axes, parts);
                  return checked(made, difference);
                };
              })
          .get(0);
    }
  }

  private Attribution checked(Attribution made, double difference) {
    double sum = 0;
    for (float value : made.values()) {
      sum += value;
    }
    Attribution told = made.withDiagnostic(DELTA, sum - difference);
    double allowed = options().get(TOLERANCE) * Math.abs(difference);
    return Math.abs(sum - difference) > allowed && made.status() == MapStatus.OK
        ? told.withStatus(MapStatus.NOT_CONSERVED)
        : told;
  }

  @Override
  protected ChannelReduction channelReduction() {
    return options().get(CHANNELS);
  }
}
