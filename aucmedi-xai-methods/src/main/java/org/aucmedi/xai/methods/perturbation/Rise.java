package org.aucmedi.xai.methods.perturbation;

import ai.djl.ndarray.NDManager;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.aucmedi.xai.Attribution;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.MethodBuilder;
import org.aucmedi.xai.MethodCost;
import org.aucmedi.xai.MethodDescription;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Objective;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.methods.Baseline;
import org.aucmedi.xai.methods.SampleMoments;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/**
 * RISE, randomized input sampling for explanation: the mean of random masks, each weighted by the
 * score of the image seen through it.
 *
 * <p>A mask {@code m_n} has values from 0 to 1. It is a grid of s cells along each axis, each one
 * with probability p and else zero, enlarged linearly, and shifted by less than a cell. With the
 * image x, the fill x' and the score S,
 *
 * <pre>{@code
 * x_n[i] = x'[i] + m_n[i] (x[i] - x'[i])
 * M[i]   = 1 / (N p) * sum over n of S(x_n) m_n[i]                        (center false, the paper's)
 * M[i]   = S' + 1 / ((N - 1) p) * sum over n of (S(x_n) - S') m_n[i]      (center true)
 * }</pre>
 *
 * with the mean S' of all {@code S(x_n)}. Either has the same expectation: that of the score, where
 * position i is seen. Without centering most of the noise is that of the masks' own mean, times the
 * mean score. Where all scores are the same, so is the map. The fill is zero in the units of the
 * <em>standardised</em> image, which masks are multiplied with, as in the paper. The heatmap is M
 * scaled by its extremes; the smallest value of M is no evidence against the class, since all
 * values hold the mean score.
 *
 * <p>The map is noisy; how much is the diagnostic {@link SampleMoments#STANDARD_ERROR}, the mean
 * over the positions of the standard error of M. Compare it with the range of the raw map. With
 * {@link #RELIABILITY} there are only as many masks, 50 or a doubling of that, as make the map that
 * reliable; if even all of them do not, it is marked as not converged.
 *
 * <p>All classes share one set of masks, drawn with the same seed for every image. It depends on
 * neither the batch size nor the other images.
 *
 * <p>Options: {@link #SAMPLES}, {@link #CELLS}, {@link #PROBABILITY}, {@link #CENTER}, {@link
 * #FILL}, {@link #SCORE}, {@link #SEED}, {@link #BATCH_SIZE}. In two and three dimensions.
 *
 * <p>Cost: for each image one forward pass and one per mask, for all classes together. No
 * gradients. Each mask is made once to be applied and once for each map.
 *
 * <p>Paper: V. Petsiuk, A. Das, K. Saenko, <a href="https://arxiv.org/abs/1806.07421">RISE:
 * Randomized Input Sampling for Explanation of Black-box Models</a>, 2018.
 */
public final class Rise extends PerturbationMethod {

  /** How many masks. */
  public static final MethodOption<Integer> SAMPLES =
      MethodOption.ofInt("samples", "number of random masks").range(2, 1_000_000).defaults(4000);

  /** How many cells a mask has along each axis. */
  public static final MethodOption<Patch> CELLS =
      MethodOption.of(
              "cells",
              "cells of a mask along an axis, one number or one per axis",
              Patch.class,
              "a number such as 7, 7x9 or 4x7x7, or the size of a cell such as 10mm",
              Patch::parse)
          .defaults(new Patch(7));

  /** How much of the image a mask shows. */
  public static final MethodOption<Double> PROBABILITY =
      MethodOption.ofDouble("probability", "probability of a cell to be seen")
          .range(0.01, 0.99)
          .defaults(0.5);

  /** Whether the mean score is taken out of the noise. */
  public static final MethodOption<Boolean> CENTER =
      MethodOption.ofBoolean("center", "weigh masks by how far the score is from the mean score")
          .defaults(true, false);

  /** What is seen where the mask is zero. */
  public static final MethodOption<Baseline> FILL =
      Baseline.option("fill", "what is seen where a mask is zero")
          .defaults(new Baseline.Constant(0));

  /** The score that is watched; the output, a probability mostly, in either profile. */
  public static final MethodOption<Score> SCORE = SuperpixelMethod.SCORE;

  /** The reliability at which to stop. */
  public static final MethodOption<Double> RELIABILITY = SampleMoments.RELIABILITY;

  /** The random seed of the masks. */
  public static final MethodOption<Integer> SEED = SuperpixelMethod.SEED;

  private static final MethodDescription DESCRIPTION =
      MethodDescription.of("RISE", "Rise")
          .withOptions(
              SAMPLES, CELLS, PROBABILITY, CENTER, FILL, SCORE, RELIABILITY, SEED, BATCH_SIZE)
          .costing((options, sizes, maps) -> new MethodCost.Passes(1L + options.get(SAMPLES), 0));

  /** Describes and constructs the method. */
  public static final XAIMethodProvider<Rise> PROVIDER =
      new XAIMethodProvider<>(DESCRIPTION, Rise::new);

  /**
   * Constructs the method.
   *
   * @param model the model to explain
   * @param layerName ignored
   * @param options the profile and the options that are set
   * @throws IllegalArgumentException if the method does not have an option that is set
   */
  public Rise(ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    super(DESCRIPTION, model, layerName, options);
  }

  /** {@return a builder with the defaults of AUCMEDI's profile} */
  public static MethodBuilder<Rise> builder() {
    return PROVIDER.builder();
  }

  @Override
  protected Score score() {
    return options().get(SCORE);
  }

  @Override
  protected Perturbations perturb(float[] image, BatchAxes axes, NDManager manager) {
    int[] sizes = axes.spatialSizes();
    RandomMasks masks =
        new RandomMasks(
            sizes,
            options().get(CELLS).cellsOf(axes),
            options().get(PROBABILITY),
            options().get(SAMPLES),
            options().get(SEED));
    float[] fill = options().get(FILL).of(image, axes, manager);
    return new Masked(axes, masks, fill);
  }

  /** The image seen through each of the masks. */
  private final class Masked implements Perturbations {

    private final BatchAxes axes;
    private final RandomMasks masks;
    private final float[] fill;
    private final SamplesNeeded needed =
        new SamplesNeeded(
            options().get(RELIABILITY),
            (whole, scores, samples) -> {
              List<Attribution> maps =
                  maps(SamplesNeeded.ANY, SamplesNeeded.NO_OUTPUTS, scores, samples);
              return reliability(maps.get(1), maps.get(2));
            });

    Masked(BatchAxes axes, RandomMasks masks, float[] fill) {
      this.axes = axes;
      this.masks = masks;
      this.fill = fill;
    }

    @Override
    public int count() {
      return masks.count();
    }

    @Override
    public void apply(int index, FloatBuffer pixels) {
      float[] mask = masks.mask(index);
      for (int i = 0; i < mask.length; i++) {
        for (int c = 0; c < axes.channels(); c++) {
          int at = axes.index(0, c, i);
          pixels.put(at, fill[at] + mask[i] * (pixels.get(at) - fill[at]));
        }
      }
    }

    @Override
    public boolean suffice(double whole, double[] scores, int known) {
      return needed.suffice(whole, scores, known);
    }

    @Override
    public Attribution attribute(
        Objective objective, float[] outputs, double whole, double[] scores) {
      int samples = needed.of(whole, scores, scores.length);
      List<Attribution> maps = maps(objective, outputs, scores, samples);
      Attribution made = withReliability(maps.get(0), maps.get(1), maps.get(2));
      return needed.isMissed(scores) ? made.withStatus(MapStatus.NOT_CONVERGED) : made;
    }

    /** Makes the maps of the first samples, of those of even and of those of odd numbers. */
    private List<Attribution> maps(
        Objective objective, float[] outputs, double[] scores, int samples) {
      List<WeightedMasks> parts = new ArrayList<>();
      for (IntPredicate part : List.<IntPredicate>of(n -> true, n -> n % 2 == 0, n -> n % 2 == 1)) {
        double[] own =
            IntStream.range(0, samples).filter(part).mapToDouble(n -> scores[n]).toArray();
        parts.add(new WeightedMasks(own));
      }
      for (int n = 0; n < samples; n++) {
        float[] mask = masks.mask(n);
        parts.get(0).add(scores[n], mask);
        parts.get(1 + n % 2).add(scores[n], mask);
      }
      return parts.stream().map(part -> part.attribution(objective, outputs)).toList();
    }

    /** The formula. */
    private final class WeightedMasks {

      private final double middle;
      private final double scale;
      private final SampleMoments moments = SampleMoments.ofMean(axes.positions());

      /** Starts, with the scores of all masks that will be added. */
      WeightedMasks(double[] scores) {
        boolean center = options().get(CENTER);
        boolean equal = Arrays.stream(scores).allMatch(score -> score == scores[0]);
        double mean = equal ? scores[0] : Arrays.stream(scores).average().orElseThrow();
        double freedom = center ? scores.length - 1.0 : scores.length;
        middle = center || equal ? mean : 0;
        scale = scores.length / (freedom * options().get(PROBABILITY));
      }

      void add(double score, float[] mask) {
        double weight = (score - middle) * scale;
        moments.add(i -> weight * mask[i]);
      }

      Attribution attribution(Objective objective, float[] outputs) {
        float[] map = new float[axes.positions()];
        for (int i = 0; i < map.length; i++) {
          map[i] = (float) (middle + moments.mean(i));
        }
        return SampleMoments.withErrors(
            Attribution.of(objective, outputs, BatchAxes.ofMap(axes.spatialSizes()), map),
            moments::errorOfMean);
      }
    }
  }
}
