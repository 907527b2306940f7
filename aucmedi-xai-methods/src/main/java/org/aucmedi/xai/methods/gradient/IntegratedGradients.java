package org.aucmedi.xai.methods.gradient;

import ai.djl.ndarray.NDManager;
import org.aucmedi.xai.BatchSizes;
import org.aucmedi.xai.ChannelReduction;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.MethodBuilder;
import org.aucmedi.xai.MethodCost;
import org.aucmedi.xai.MethodDescription;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.methods.Baseline;
import org.aucmedi.xai.methods.ImageBuffer;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/**
 * Integrated gradients: attributes the difference in score between the image and a baseline to the
 * input values, by integrating gradients along the straight path between them.
 *
 * <p>With the image x, the baseline x', the score {@code S_c} and n steps,
 *
 * <pre>{@code
 * g_j      = dS_c/dx at x' + j/n * (x - x'),  j = 0..n
 * IG[i, k] = (x[i, k] - x'[i, k]) * 1/n * sum over j < n of (g_j[i, k] + g_{j+1}[i, k]) / 2
 * M[i]     = max over channels k of IG[i, k]     (channels MAX, AUCMEDI's)
 * M[i]     = sum over channels k of IG[i, k]     (channels SUM, the paper's)
 * }</pre>
 *
 * and the heatmap is M scaled by its extremes. With {@link Quadrature#GAUSS_LEGENDRE} the points
 * and their weights are others, which are exact for a score that is a polynomial of degree up to 2n
 * - 2 along the path; where it has kinks, as with ReLU, they gain nothing. The attributions IG add
 * up to {@code S_c(x) - S_c(x')} as n grows (completeness). The error is the diagnostic {@link
 * #DELTA}; a map whose delta is more than {@link #TOLERANCE} of that difference is marked {@link
 * MapStatus#NOT_CONVERGED}.
 *
 * <p>Options: {@link #STEPS}, {@link #QUADRATURE}, {@link #BASELINE}, {@link #CHANNELS}, {@link
 * #TOLERANCE}, {@link #BATCH_SIZE} and {@link Score#OPTION}. The result does not depend on the
 * batch size.
 *
 * <p>Cost: n + 1 forward passes per image, the image's and the baseline's own among them, and as
 * many backward passes per class. Where the gradients of all classes are more than {@link
 * BatchSizes#MAX_VALUES} numbers, the classes are done a few at a time, with forward passes of
 * their own.
 *
 * <p>Paper: M. Sundararajan, A. Taly, Q. Yan, <a href="https://arxiv.org/abs/1703.01365">Axiomatic
 * Attribution for Deep Networks</a>, 2017.
 */
public final class IntegratedGradients extends PathGradients {

  /** The diagnostic that holds the sum of all attributions minus the difference in score. */
  public static final String DELTA = "completeness-delta";

  /** The number of steps from the baseline to the image. */
  public static final MethodOption<Integer> STEPS =
      MethodOption.ofInt("steps", "number of steps from the baseline to the image")
          .range(1, 100_000)
          .defaults(50);

  /** Where on the path the gradients are taken. */
  public static final MethodOption<Quadrature> QUADRATURE =
      MethodOption.ofEnum(
              "quadrature", "which points of the path stand for all of it", Quadrature.class)
          .defaults(Quadrature.TRAPEZOID);

  /** Where the path starts. */
  public static final MethodOption<Baseline> BASELINE =
      Baseline.option("baseline", "start of the integration path")
          .defaults(new Baseline.Constant(0));

  /** How the attributions of a pixel's channels become one value. */
  public static final MethodOption<ChannelReduction> CHANNELS =
      ChannelReduction.option(ChannelReduction.SUM);

  /** How large the completeness delta may be before a map is marked. */
  public static final MethodOption<Double> TOLERANCE =
      MethodOption.ofDouble(
              "tolerance", "largest completeness delta, relative to the difference in score")
          .range(0.0, 1e6)
          .defaults(0.05);

  /** How many points of the path go through the model at once. */
  public static final MethodOption<Integer> BATCH_SIZE =
      MethodOption.ofInt("batch-size", "maximum number of path points per pass")
          .range(1, 100_000)
          .defaults(32);

  private static final MethodDescription DESCRIPTION =
      MethodDescription.of("Integrated gradients", "IntegratedGradients", "ig")
          .requiring(Capability.INPUT_GRADIENTS)
          .withOptions(STEPS, QUADRATURE, BASELINE, CHANNELS, TOLERANCE, BATCH_SIZE, Score.OPTION)
          .costing(
              (options, sizes, maps) -> {
                long points = options.get(STEPS) + 1L;
                return new MethodCost.Passes(points, points * maps);
              });

  /** Describes and constructs the method. */
  public static final XAIMethodProvider<IntegratedGradients> PROVIDER =
      new XAIMethodProvider<>(DESCRIPTION, IntegratedGradients::new);

  private final Quadrature.Points points;

  /**
   * Constructs the method.
   *
   * @param model the model to explain
   * @param layerName ignored
   * @param options the profile and the options that are set
   * @throws IllegalArgumentException if the method does not have an option that is set, or
   *     Gauss-Legendre quadrature is to take fewer than 2 or more than 1000 steps
   */
  public IntegratedGradients(
      ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    super(DESCRIPTION, model, layerName, options);
    this.points = options.get(QUADRATURE).points(options.get(STEPS));
  }

  /** {@return a builder with AUCMEDI's defaults} */
  public static MethodBuilder<IntegratedGradients> builder() {
    return PROVIDER.builder();
  }

  @Override
  Path path(float[] image, BatchAxes axes, NDManager manager) {
    return new Line(image, options().get(BASELINE).of(image, axes, manager), points);
  }

  /** A straight line. */
  private record Line(float[] image, float[] baseline, Quadrature.Points points) implements Path {

    @Override
    public void write(int j, int count, ImageBuffer buffer) {
      for (int p = 0; p < count; p++) {
        float alpha = (float) points.positions()[j - p];
        ImageBuffer.writeBetween(buffer.image(p), baseline, image, alpha);
      }
    }

    @Override
    public double step(int j, int i) {
      return (image[i] - baseline[i]) * points.weights()[j];
    }
  }
}
