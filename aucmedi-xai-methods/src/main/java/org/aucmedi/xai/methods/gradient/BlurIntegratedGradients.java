package org.aucmedi.xai.methods.gradient;

import ai.djl.ndarray.NDManager;
import java.util.ArrayDeque;
import java.util.Deque;
import org.aucmedi.xai.BatchSizes;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.MethodBuilder;
import org.aucmedi.xai.MethodCost;
import org.aucmedi.xai.MethodDescription;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.methods.ImageBuffer;
import org.aucmedi.xai.methods.SeparableFilter;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/**
 * Blur integrated gradients: {@linkplain IntegratedGradients integrated gradients} along the path
 * on which the blurred image gets sharp, so that no baseline has to be chosen.
 *
 * <p>With the image x with channels k blurred by a Gaussian of standard deviation s, {@code L(s)},
 * n steps, and the gradients of the score of class c
 *
 * <pre>{@code
 * s_j     = sigma * (1 - j/n)^2,  g_j = dS_c/dx at L(s_j),  j = 0..n
 * B[i, k] = sum over j < n of (L(s_{j+1})[i, k] - L(s_j)[i, k]) * (g_j[i, k] + g_{j+1}[i, k]) / 2
 * M[i]    = max over channels k of B[i, k]     (channels MAX, as AUCMEDI's integrated gradients)
 * M[i]    = sum over channels k of B[i, k]     (channels SUM, the paper's)
 * }</pre>
 *
 * and the heatmap is M scaled by its extremes. The steps get finer towards the image, where details
 * appear. Edges are repeated; each point is the next sharper one, blurred by what it lacks. The
 * attributions B add up to {@code S_c(x) - S_c(L(sigma))} as n grows; what is missing is the
 * diagnostic {@link IntegratedGradients#DELTA}, and a map that misses more than {@link
 * IntegratedGradients#TOLERANCE} of that difference is marked {@link MapStatus#NOT_CONVERGED}.
 *
 * <p>Options: {@link #SIGMA}, {@link IntegratedGradients#STEPS}, {@link
 * IntegratedGradients#CHANNELS}, {@link IntegratedGradients#TOLERANCE}, {@link
 * IntegratedGradients#BATCH_SIZE} and {@link Score#OPTION}. The result does not depend on the batch
 * size.
 *
 * <p>Cost: that of integrated gradients, n + 1 forward passes per image and as many backward passes
 * per class. Where the gradients of all classes are more than {@link BatchSizes#MAX_VALUES}
 * numbers, the classes are done a few at a time, with forward passes of their own.
 *
 * <p>Paper: S. Xu, S. Venugopalan, M. Sundararajan, <a
 * href="https://arxiv.org/abs/2004.03383">Attribution in Scale and Space</a>, 2020.
 */
public final class BlurIntegratedGradients extends PathGradients {

  /** How blurred the start is. */
  public static final MethodOption<Double> SIGMA =
      MethodOption.ofDouble("sigma", "standard deviation of the first blur, in pixels")
          .range(0.1, 1000.0)
          .defaults(50.0);

  private static final MethodDescription DESCRIPTION =
      MethodDescription.of("Blur integrated gradients", "BlurIG", "BlurIntegratedGradients")
          .requiring(Capability.INPUT_GRADIENTS)
          .withOptions(
              SIGMA,
              IntegratedGradients.STEPS,
              IntegratedGradients.CHANNELS,
              IntegratedGradients.TOLERANCE,
              IntegratedGradients.BATCH_SIZE,
              Score.OPTION)
          .costing(
              (options, sizes, maps) -> {
                long points = options.get(IntegratedGradients.STEPS) + 1L;
                return new MethodCost.Passes(points, points * maps);
              });

  /** Describes and constructs the method. */
  public static final XAIMethodProvider<BlurIntegratedGradients> PROVIDER =
      new XAIMethodProvider<>(DESCRIPTION, BlurIntegratedGradients::new);

  /**
   * Constructs the method.
   *
   * @param model the model to explain
   * @param layerName ignored
   * @param options the profile and the options that are set
   * @throws IllegalArgumentException if the method does not have an option that is set
   */
  public BlurIntegratedGradients(
      ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    super(DESCRIPTION, model, layerName, options);
  }

  /** {@return a builder with the defaults of AUCMEDI's profile} */
  public static MethodBuilder<BlurIntegratedGradients> builder() {
    return PROVIDER.builder();
  }

  @Override
  Path path(float[] image, BatchAxes axes, NDManager manager) {
    return new Blurs(image, axes, options().get(SIGMA), options().get(IntegratedGradients.STEPS));
  }

  /** The image, more and more blurred. */
  private static final class Blurs implements Path {

    private final float[] image;
    private final BatchAxes axes;
    private final double sigma;
    private final int steps;

    /** Those that the pass needs, from the first-th, the sharpest, on. */
    private final Deque<float[]> points = new ArrayDeque<>();

    private int first;
    private float[][] known = {};

    Blurs(float[] image, BatchAxes axes, double sigma, int steps) {
      this.image = image;
      this.axes = axes;
      this.sigma = sigma;
      this.steps = steps;
    }

    @Override
    public void write(int j, int count, ImageBuffer buffer) {
      if (j == steps) {
        points.clear();
        points.add(image);
        first = steps;
      }
      while (first > Math.min(steps, j + 1)) {
        points.removeFirst();
        first--;
      }
      while (first - points.size() >= Math.max(0, j - count)) {
        points.addLast(blurred(first - points.size()));
      }
      known = points.toArray(float[][]::new);
      for (int p = 0; p < count; p++) {
        buffer.image(p).put(0, at(j - p));
      }
    }

    private float[] blurred(int j) {
      double way = (double) (steps - j) / steps;
      return SeparableFilter.gaussian(sigma * way * way).apply(image, axes);
    }

    private float[] at(int j) {
      return known[first - j];
    }

    @Override
    public double step(int j, int i) {
      return ((double) at(Math.min(steps, j + 1))[i] - at(Math.max(0, j - 1))[i]) / 2;
    }
  }
}
