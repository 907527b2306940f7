package org.aucmedi.xai.methods.perturbation;

import com.google.common.collect.ImmutableList;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.stream.IntStream;
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
 * KernelSHAP: the Shapley value of each superpixel, by a weighted regression.
 *
 * <p>The image is {@linkplain SegmentationChoice divided} into M superpixels. Of a coalition z, a
 * set of superpixels, the others are hidden, that is, filled in; {@code S(z)} is the score of that
 * image. The Shapley value of superpixel f is its mean gain over all orders in which the
 * superpixels may be uncovered,
 *
 * <pre>{@code
 * phi[f] = sum over z without f of |z|! (M - |z| - 1)! / M! * (S(z and f) - S(z))
 * }</pre>
 *
 * and is also the solution of
 *
 * <pre>{@code
 * phi  = argmin sum over z of w(z) (S(z) - S(none) - sum over f in z of phi[f])^2
 * w(z) = (M - 1) / (C(M, |z|) |z| (M - |z|)),   z neither empty nor all
 * subject to sum over f of phi[f] = S(all) - S(none)
 * M[i] = phi[the superpixel of position i]
 * }</pre>
 *
 * If all {@code 2^M - 2} coalitions are no more than {@link #SAMPLES}, the values are exact. Else
 * coalitions are drawn with the probabilities w, each together with its complement, which makes the
 * sample even; the values still add up. How far they may be off is the diagnostic {@link
 * SampleMoments#STANDARD_ERROR}, the largest of the superpixels. Without more pairs than
 * superpixels there is no telling, and the map is marked as not converged; several times as many
 * are needed for a good one.
 *
 * <p>The raw map is signed: what a superpixel adds to the score. The heatmap is the raw map scaled
 * by its extremes.
 *
 * <p>All classes share one set of coalitions, drawn with the same seed for every image. It depends
 * on neither the batch size nor the other images.
 *
 * <p>Options: {@link #SAMPLES}, {@link #FILL}, {@link #SCORE}, {@link #SEED}, {@link #BATCH_SIZE},
 * and those of {@link SegmentationChoice}.
 *
 * <p>Cost: for each image two forward passes, of the image and of the hidden one, and one for each
 * different coalition, for all classes together, besides the segmentation. No gradients. The
 * regression takes memory for {@code SAMPLES * M / 2} numbers.
 *
 * <p>Papers: S. Lundberg, S.-I. Lee, <a href="https://arxiv.org/abs/1705.07874">A Unified Approach
 * to Interpreting Model Predictions</a>, 2017; I. Covert, S.-I. Lee, <a
 * href="https://arxiv.org/abs/2012.01536">Improving KernelSHAP: Practical Shapley Value Estimation
 * via Linear Regression</a>, 2021, for the pairs.
 */
public final class KernelShap extends SuperpixelMethod {

  /** The most coalitions that are predicted. */
  public static final MethodOption<Integer> SAMPLES =
      MethodOption.ofInt("samples", "maximum number of coalitions of superpixels")
          .range(2, 1_000_000)
          .defaults(1000);

  private static final MethodDescription DESCRIPTION =
      MethodDescription.of("KernelSHAP", "KernelShap")
          .withOptions(
              ImmutableList.<MethodOption<?>>builder()
                  .add(SAMPLES, FILL, SCORE, SEED, BATCH_SIZE)
                  .addAll(SegmentationChoice.OPTIONS)
                  .build())
          .costing((options, sizes, maps) -> passes(options, sizes, options.get(SAMPLES) / 2 * 2));

  /** Describes and constructs the method. */
  public static final XAIMethodProvider<KernelShap> PROVIDER =
      new XAIMethodProvider<>(DESCRIPTION, KernelShap::new);

  /**
   * Constructs the method.
   *
   * @param model the model to explain
   * @param layerName ignored
   * @param options the profile and the options that are set
   * @throws IllegalArgumentException if the method does not have an option that is set
   */
  public KernelShap(ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    super(DESCRIPTION, model, layerName, options);
  }

  /** {@return a builder with the defaults of AUCMEDI's profile} */
  public static MethodBuilder<KernelShap> builder() {
    return PROVIDER.builder();
  }

  @Override
  Perturbations perturb(SuperpixelImage image) {
    // The seed is the same for every image, so that a map does not depend on the batch.
    CoalitionPairs pairs =
        CoalitionPairs.of(image.count(), options().get(SAMPLES), options().get(SEED));
    return new Coalitions(image, pairs);
  }

  /** The image with all superpixels hidden, then the coalitions. */
  private final class Coalitions implements Perturbations {

    private final SuperpixelImage image;
    private final CoalitionPairs pairs;
    private final KernelRegression regression;

    Coalitions(SuperpixelImage image, CoalitionPairs pairs) {
      this.image = image;
      this.pairs = pairs;
      this.regression = new KernelRegression(pairs);
    }

    @Override
    public int count() {
      return 1 + pairs.coalitions();
    }

    @Override
    public void apply(int index, FloatBuffer pixels) {
      image.show(superpixel -> index > 0 && pairs.contains(index - 1, superpixel), pixels);
    }

    @Override
    public Attribution attribute(
        Objective objective, float[] outputs, double whole, double[] scores) {
      KernelRegression.Fit fit =
          regression.fit(Arrays.copyOfRange(scores, 1, scores.length), whole - scores[0]);
      Attribution made = image.attribution(objective, outputs, fit.values());
      if (pairs.areAll()) {
        return made;
      }
      if (pairs.first().size() < image.count()) {
        return made.withStatus(MapStatus.NOT_CONVERGED);
      }
      Attribution known = image.withErrors(made, fit.errors());
      // With hardly more pairs than superpixels half of them tells little about all.
      return pairs.first().size() < 4 * image.count()
          ? known
          : withReliability(known, half(0, whole, scores), half(1, whole, scores));
    }

    /** Fits every second pair. */
    private Attribution half(int first, double whole, double[] scores) {
      int[] taken = IntStream.range(0, pairs.first().size()).filter(p -> p % 2 == first).toArray();
      CoalitionPairs half = pairs.only(taken);
      double[] own =
          Arrays.stream(taken)
              .flatMap(p -> IntStream.of(2 * p + 1, 2 * p + 2))
              .mapToDouble(n -> scores[n])
              .toArray();
      return image.attribution(
          SamplesNeeded.ANY,
          SamplesNeeded.NO_OUTPUTS,
          new KernelRegression(half).fit(own, whole - scores[0]).values());
    }
  }
}
