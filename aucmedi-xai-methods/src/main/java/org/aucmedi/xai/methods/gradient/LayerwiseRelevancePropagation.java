package org.aucmedi.xai.methods.gradient;

import static com.google.common.base.Preconditions.checkArgument;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.FloatBuffer;
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
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.OutputActivation;
import org.aucmedi.xai.model.PropagationRule;
import org.aucmedi.xai.model.RelevanceRules;
import org.aucmedi.xai.model.Relevances;
import org.jspecify.annotations.Nullable;

/**
 * Layer-wise relevance propagation: sends the score of a class back through the network, each layer
 * sharing the relevance of its outputs among its inputs by a {@linkplain PropagationRule rule}.
 *
 * <p>With the image x with channels k, and the logit {@code S_c} of class c,
 *
 * <pre>{@code
 * R_j     = sum over outputs q of (share of input j in q) * R_q     layer by layer, from R = S_c
 * M[i]    = sum over channels k of R[i, k]
 * }</pre>
 *
 * and the heatmap is M scaled by its extremes. The raw map is signed, in units of the logit: R and
 * what the biases took add up to {@code S_c}. What they miss is the diagnostic {@link #DELTA}; a
 * map that misses more than {@link #TOLERANCE} of the score is marked {@link
 * MapStatus#NOT_CONSERVED}.
 *
 * <p>The score is always the logit: a softmax or a sigmoid at the end is skipped. How other
 * operations pass relevance on, and which are refused, says {@link ExplainableModel#relevances}.
 *
 * <p>Options: {@link #COMPOSITE}, {@link #EPSILON}, {@link #GAMMA}, {@link #ALPHA}, {@link #LOW},
 * {@link #HIGH}, {@link #CHANNELS}, {@link #TOLERANCE}.
 *
 * <p>Cost: one forward pass for a batch, and one backward pass per class, each of which runs layers
 * up to five times.
 *
 * <p>Papers: S. Bach et al., <a href="https://doi.org/10.1371/journal.pone.0130140">On Pixel-Wise
 * Explanations for Non-Linear Classifier Decisions by Layer-Wise Relevance Propagation</a>, 2015;
 * G. Montavon et al., <a href="https://doi.org/10.1007/978-3-030-28954-6_10">Layer-Wise Relevance
 * Propagation: An Overview</a>, 2019.
 */
public final class LayerwiseRelevancePropagation extends AttributionMethod {

  /** The diagnostic that holds relevance and biases minus the score. */
  public static final String DELTA = "conservation-delta";

  /** The diagnostic that holds what biases took of the score. */
  public static final String BIASES = "relevance-of-biases";

  /** The rules of the layers that take the input, of convolutions and of dense layers. */
  public enum Composite {
    /** Epsilon for all layers. */
    EPSILON,
    /** Gamma for all layers. */
    GAMMA,
    /** Alpha-beta for all layers. */
    ALPHA_BETA,
    /** z+ for all layers, which is alpha-beta with alpha 1. */
    Z_PLUS,
    /** z+ for convolutions, epsilon for dense layers. */
    EPSILON_PLUS,
    /** The same, flat for the input. */
    EPSILON_PLUS_FLAT,
    /** Gamma for convolutions, epsilon for dense layers. */
    EPSILON_GAMMA,
    /** The same, box for the input. */
    EPSILON_GAMMA_BOX,
    /** Alpha-beta for convolutions, epsilon for dense layers. */
    EPSILON_ALPHA_BETA,
    /** The same, flat for the input. */
    EPSILON_ALPHA_BETA_FLAT
  }

  /** Which layers have which rule. */
  public static final MethodOption<Composite> COMPOSITE =
      MethodOption.ofEnum(
              "composite",
              "the rules of dense layers, of convolutions and, after them, of the input",
              Composite.class)
          .defaults(Composite.EPSILON_PLUS);

  /** The stabiliser of epsilon. */
  public static final MethodOption<Double> EPSILON =
      MethodOption.ofDouble("epsilon", "the stabiliser of the rule epsilon")
          .range(0.0, 1e6)
          .defaults(1e-6);

  /** How much gamma prefers positive contributions. */
  public static final MethodOption<Double> GAMMA =
      MethodOption.ofDouble("gamma", "how much the rule gamma adds to positive contributions")
          .range(0.0, 1e6)
          .defaults(0.25);

  /** The share of positive contributions in alpha-beta. */
  public static final MethodOption<Double> ALPHA =
      MethodOption.ofDouble("alpha", "alpha of the rule alpha-beta; beta is alpha - 1")
          .range(1.0, 1e6)
          .defaults(2.0);

  /** The lower bound of the box. */
  public static final MethodOption<Double> LOW =
      MethodOption.ofDouble("low", "the smallest value of a standardised pixel, for the rule box")
          .range(-1e9, 1e9)
          .defaults(0.0);

  /** The upper bound of the box. */
  public static final MethodOption<Double> HIGH =
      MethodOption.ofDouble(
              "high", "the largest value of a standardised pixel, for the rule box; set both")
          .range(-1e9, 1e9)
          .defaults(0.0);

  /** How the relevances of a pixel's channels become one value. */
  public static final MethodOption<ChannelReduction> CHANNELS =
      MethodOption.ofEnum(
              "channels",
              "how the channels of a pixel are reduced to one value",
              ChannelReduction.class)
          .defaults(ChannelReduction.SUM);

  /** How much of the score may be missing before a map is marked. */
  public static final MethodOption<Double> TOLERANCE =
      MethodOption.ofDouble("tolerance", "largest conservation delta, relative to the score")
          .range(0.0, 1e6)
          .defaults(0.01);

  private static final MethodDescription DESCRIPTION =
      MethodDescription.of(
              "Layer-wise relevance propagation", "lrp", "LayerwiseRelevancePropagation")
          .requiring(Capability.PROPAGATION)
          .withOptions(COMPOSITE, EPSILON, GAMMA, ALPHA, LOW, HIGH, CHANNELS, TOLERANCE)
          .costing((options, sizes, maps) -> new MethodCost.Passes(1, maps));

  /** Describes and constructs the method. */
  public static final XAIMethodProvider<LayerwiseRelevancePropagation> PROVIDER =
      new XAIMethodProvider<>(DESCRIPTION, LayerwiseRelevancePropagation::new);

  private final RelevanceRules rules;

  /**
   * Constructs the method.
   *
   * @param model the model to explain
   * @param layerName ignored
   * @param options the profile and the options that are set
   * @throws IllegalArgumentException if the method does not have an option that is set, or the box
   *     lacks its bounds
   */
  public LayerwiseRelevancePropagation(
      ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    super(DESCRIPTION, model, layerName, options);
    this.rules = rules(options);
  }

  /** {@return a builder with the method's defaults} */
  public static MethodBuilder<LayerwiseRelevancePropagation> builder() {
    return PROVIDER.builder();
  }

  private static RelevanceRules rules(MethodOptions options) {
    PropagationRule epsilon = new PropagationRule.Epsilon(options.get(EPSILON));
    PropagationRule gamma = new PropagationRule.Gamma(options.get(GAMMA));
    PropagationRule alphaBeta = new PropagationRule.AlphaBeta(options.get(ALPHA));
    PropagationRule positive = new PropagationRule.AlphaBeta(1);
    PropagationRule flat = new PropagationRule.Flat();
    return switch (options.get(COMPOSITE)) {
      case EPSILON -> RelevanceRules.all(epsilon);
      case GAMMA -> RelevanceRules.all(gamma);
      case ALPHA_BETA -> RelevanceRules.all(alphaBeta);
      case Z_PLUS -> RelevanceRules.all(positive);
      case EPSILON_PLUS -> new RelevanceRules(null, positive, epsilon);
      case EPSILON_PLUS_FLAT -> new RelevanceRules(flat, positive, epsilon);
      case EPSILON_GAMMA -> new RelevanceRules(null, gamma, epsilon);
      case EPSILON_GAMMA_BOX -> new RelevanceRules(box(options), gamma, epsilon);
      case EPSILON_ALPHA_BETA -> new RelevanceRules(null, alphaBeta, epsilon);
      case EPSILON_ALPHA_BETA_FLAT -> new RelevanceRules(flat, alphaBeta, epsilon);
    };
  }

  private static PropagationRule box(MethodOptions options) {
    double low = options.get(LOW);
    double high = options.get(HIGH);
    checkArgument(
        low < high,
        "the rule box needs the smallest and the largest value of a standardised pixel, got low=%s"
            + " and high=%s; set both, for instance low=-1 high=1 after 'tf'",
        low,
        high);
    return new PropagationRule.Box(low, high);
  }

  @Override
  protected List<List<Attribution>> attribute(NDArray batch, Target target, Progress progress) {
    BatchAxes axes = new BatchAxes(batch.getShape(), model().channelLayout());
    try (NDManager scope = batch.getManager().newSubManager()) {
      // The model skips the activation at the end, so that outputs are logits where it starts.
      TargetGradient scores = new TargetGradient(target, Score.LOGIT, OutputActivation.NONE);
      Relevances found = model().relevances(batch, scores, rules);
      found.relevances().attach(scope);
      found.scores().attach(scope);
      found.biases().attach(scope);
      return scores.attributions(
          k -> {
            FloatBuffer relevances = values(found.relevances().get(k));
            float[] totals = found.scores().get(k).toFloatArray();
            float[] biases = found.biases().get(k).toFloatArray();
            return (n, objective, outputs) ->
                checked(
                    InputGradientMethod.ofGradient(
                        objective,
                        outputs,
                        axes.ofOneImage(),
                        ofImage(relevances, n, axes.images())),
                    totals[n],
                    biases[n]);
          });
    }
  }

  private Attribution checked(Attribution made, double score, double biases) {
    double sum = biases;
    for (float value : made.values()) {
      sum += value;
    }
    Attribution told = made.withDiagnostic(DELTA, sum - score).withDiagnostic(BIASES, biases);
    double allowed = options().get(TOLERANCE) * Math.abs(score);
    return Math.abs(sum - score) > allowed && made.status() == MapStatus.OK
        ? told.withStatus(MapStatus.NOT_CONSERVED)
        : told;
  }

  @Override
  protected ChannelReduction channelReduction() {
    return options().get(CHANNELS);
  }
}
