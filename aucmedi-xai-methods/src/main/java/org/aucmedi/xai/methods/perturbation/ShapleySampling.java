package org.aucmedi.xai.methods.perturbation;

import com.google.common.collect.ImmutableList;
import java.nio.FloatBuffer;
import java.util.Arrays;
import org.aucmedi.xai.Attribution;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.MethodBuilder;
import org.aucmedi.xai.MethodDescription;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Objective;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.methods.SampleMoments;
import org.aucmedi.xai.methods.segmentation.SegmentationChoice;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/**
 * Shapley value sampling: what each superpixel adds to the score, on average over random orders in
 * which the superpixels are uncovered.
 *
 * <p>The image is {@linkplain SegmentationChoice divided} into superpixels. Superpixels that are
 * not shown are filled in. With the score {@code S(z)} of the image that shows the superpixels z
 * only, and P random orders,
 *
 * <pre>{@code
 * phi[f] = 1/P * sum over orders of S(f and those before it) - S(those before it)
 * M[i]   = phi[the superpixel of position i]
 * }</pre>
 *
 * The orders come in pairs of an order and its reverse, which makes the sample even. The values add
 * up to {@code S(all) - S(none)}, and converge to the Shapley values that {@link KernelShap}
 * explains. How far they may be off is the diagnostic {@link SampleMoments#STANDARD_ERROR}, the
 * largest of the superpixels, from the spread of the pairs.
 *
 * <p>There are as many pairs as {@link #SAMPLES} allows, a pair being {@code 2 (superpixels - 1)}
 * coalitions, and one at least; a map of a single pair is marked as not converged. With {@link
 * #PRECISION} they are fewer: the first, but at least {@value #LEAST_PAIRS}, after which no
 * standard error is larger. If even all of them do not reach it, the map is marked as not
 * converged.
 *
 * <p>The raw map is signed, in units of the score. The heatmap is the raw map scaled by its
 * extremes.
 *
 * <p>All classes share one set of orders, drawn with the same seed for every image. The map depends
 * on neither the batch size, nor the other images, nor what else is explained.
 *
 * <p>Options: {@link #SAMPLES}, {@link #PRECISION}, {@link #FILL}, {@link #SCORE}, {@link #SEED},
 * {@link #BATCH_SIZE}, and those of {@link SegmentationChoice}.
 *
 * <p>Cost: for each image two forward passes, of the image and of the hidden one, and one for each
 * different coalition, for all classes together, besides the segmentation. No gradients.
 *
 * <p>Papers: J. Castro, D. Gómez, J. Tejada, <a
 * href="https://doi.org/10.1016/j.cor.2008.04.004">Polynomial calculation of the Shapley value
 * based on sampling</a>, 2009; R. Mitchell et al., <a
 * href="https://arxiv.org/abs/2104.12199">Sampling Permutations for Shapley Value Estimation</a>,
 * 2022, for the pairs.
 */
public final class ShapleySampling extends SuperpixelMethod {

  /** The fewest pairs whose spread is taken for their error when deciding to stop. */
  static final int LEAST_PAIRS = 8;

  /** The most coalitions that are predicted. */
  public static final MethodOption<Integer> SAMPLES =
      MethodOption.ofInt("samples", "maximum number of coalitions of superpixels")
          .range(2, 1_000_000)
          .defaults(2000);

  /** The standard error at which to stop. */
  public static final MethodOption<Double> PRECISION =
      MethodOption.ofDouble(
              "precision",
              "stop when no standard error is larger, in units of the score; 0: use all samples")
          .range(0.0, 1e9)
          .defaults(0.0);

  private static final MethodDescription DESCRIPTION =
      MethodDescription.of("Shapley value sampling", "ShapleySampling")
          .withOptions(
              ImmutableList.<MethodOption<?>>builder()
                  .add(SAMPLES, PRECISION, FILL, SCORE, SEED, BATCH_SIZE)
                  .addAll(SegmentationChoice.OPTIONS)
                  .build())
          .costing(
              (options, sizes, maps) -> {
                int pair = 2 * (SegmentationChoice.about(options, sizes) - 1);
                return passes(options, sizes, Math.max(pair, options.get(SAMPLES)));
              });

  /** Describes and constructs the method. */
  public static final XAIMethodProvider<ShapleySampling> PROVIDER =
      new XAIMethodProvider<>(DESCRIPTION, ShapleySampling::new);

  /**
   * Constructs the method.
   *
   * @param model the model to explain
   * @param layerName ignored
   * @param options the profile and the options that are set
   * @throws IllegalArgumentException if the method does not have an option that is set
   */
  public ShapleySampling(
      ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    super(DESCRIPTION, model, layerName, options);
  }

  /** {@return a builder with the defaults of AUCMEDI's profile} */
  public static MethodBuilder<ShapleySampling> builder() {
    return PROVIDER.builder();
  }

  private static int pairs(int features, MethodOptions options) {
    return features == 1 ? 1 : Math.max(1, options.get(SAMPLES) / (2 * (features - 1)));
  }

  @Override
  Perturbations perturb(SuperpixelImage image) {
    // The seed is the same for every image, so that a map does not depend on the batch.
    PermutationPairs orders =
        new PermutationPairs(image.count(), pairs(image.count(), options()), options().get(SEED));
    return new Uncovered(image, orders);
  }

  /** The coalitions that the orders meet, the empty one first. */
  private final class Uncovered implements Perturbations {

    private final SuperpixelImage image;
    private final PermutationPairs orders;
    private final double precision = options().get(PRECISION);

    Uncovered(SuperpixelImage image, PermutationPairs orders) {
      this.image = image;
      this.orders = orders;
    }

    @Override
    public int count() {
      return orders.coalitions().size();
    }

    @Override
    public void apply(int index, FloatBuffer pixels) {
      image.show(orders.coalitions().get(index)::get, pixels);
    }

    @Override
    public boolean suffice(double whole, double[] scores, int known) {
      return precision > 0 && isPrecise(gains(whole, scores, orders.pairsWithin(known)));
    }

    private boolean isPrecise(SampleMoments gains) {
      return gains.count() >= LEAST_PAIRS && gains.largestErrorOfMean() <= precision;
    }

    /** The gains of the first pairs, up to those that are precise. */
    private SampleMoments gains(double whole, double[] scores, int pairs) {
      SampleMoments gains = SampleMoments.ofMean(image.count());
      for (int p = 0; p < pairs && !(precision > 0 && isPrecise(gains)); p++) {
        orders.addGains(p, scores, whole, gains);
      }
      return gains;
    }

    @Override
    public Attribution attribute(
        Objective objective, float[] outputs, double whole, double[] scores) {
      SampleMoments gains = gains(whole, scores, orders.pairs());
      Attribution made = map(objective, outputs, gains);
      if (image.count() == 1) {
        return made;
      }
      if (gains.count() == 1) {
        return made.withStatus(MapStatus.NOT_CONVERGED);
      }
      double[] errors = new double[image.count()];
      Arrays.setAll(errors, gains::errorOfMean);
      int pairs = Math.toIntExact(gains.count());
      Attribution known =
          withReliability(
              image.withErrors(made, errors),
              half(0, whole, scores, pairs),
              half(1, whole, scores, pairs));
      return precision > 0 && gains.largestErrorOfMean() > precision
          ? known.withStatus(MapStatus.NOT_CONVERGED)
          : known;
    }

    private Attribution half(int first, double whole, double[] scores, int pairs) {
      SampleMoments gains = SampleMoments.ofMean(image.count());
      for (int p = first; p < pairs; p += 2) {
        orders.addGains(p, scores, whole, gains);
      }
      return map(SamplesNeeded.ANY, SamplesNeeded.NO_OUTPUTS, gains);
    }

    private Attribution map(Objective objective, float[] outputs, SampleMoments gains) {
      double[] values = new double[image.count()];
      Arrays.setAll(values, gains::mean);
      return image.attribution(objective, outputs, values);
    }
  }
}
