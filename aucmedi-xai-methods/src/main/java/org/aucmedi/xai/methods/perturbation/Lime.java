package org.aucmedi.xai.methods.perturbation;

import com.google.common.collect.HashBasedTable;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.Table;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.aucmedi.xai.Attribution;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.MethodCost;
import org.aucmedi.xai.MethodDescription;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Normalization;
import org.aucmedi.xai.Objective;
import org.aucmedi.xai.RawScale;
import org.aucmedi.xai.methods.SampleMoments;
import org.aucmedi.xai.methods.segmentation.SegmentationChoice;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/**
 * LIME, local interpretable model-agnostic explanations: a linear model of which superpixels are
 * on, fitted to the scores of perturbed copies of the image. {@link LimePro} shows the evidence for
 * the class, {@link LimeCon} the evidence against it.
 *
 * <p>The image is {@linkplain SegmentationChoice divided} into F superpixels. In sample s the
 * superpixels with {@code z[s, f] = 1} are on; the others are off, that is, filled in. All are on
 * in the first sample; in the others each is on or off with equal probability. With the score
 * {@code y[s]} of sample s (of a class the output),
 *
 * <pre>{@code
 * d[s]     = 1 - sqrt(superpixels on in s / F)                the cosine distance to sample 0
 * pi[s]    = sqrt(exp(-d[s]^2 / kernelWidth^2))
 * beta, b  = argmin sum over s of pi[s] (y[s] - b - z[s] . beta)^2 + ridge |beta|^2
 * M[i]     = beta[the superpixel of position i]
 * }</pre>
 *
 * The raw map is M, signed, the same for both methods. Pro shows the superpixels with the {@link
 * #FEATURES} largest weights above zero, con those with the most negative; as {@link Form#MASK} or
 * {@link Form#WEIGHTS}. AUCMEDI's mask is scaled by its extremes, so a mask that covers the whole
 * image becomes zero everywhere; weights do not have this flaw. If the image is one superpixel the
 * map is flat. With no more samples than superpixels it is marked as not converged.
 *
 * <p>AUCMEDI fills superpixels with zeros of the <em>standardised</em> image and segments that
 * image as it is; in the paper's profile they are filled with their mean, and the image is rescaled
 * to [0, 1] before segmentation. Filling with the mean may hardly change a saturated probability;
 * model the logit then. The paper measures distances of images differently and chooses features by
 * Lasso; both profiles do as its authors' library does for images.
 *
 * <p>All classes share one set of samples, drawn with the same seed for every image. It depends on
 * neither the batch size nor the other images.
 *
 * <p>Options: {@link #SAMPLES}, {@link #FEATURES}, {@link #FORM}, {@link #FILL}, {@link
 * #KERNEL_WIDTH}, {@link #RIDGE}, {@link #SCORE}, {@link #RELIABILITY}, {@link #SEED}, {@link
 * #BATCH_SIZE}, and those of {@link SegmentationChoice}.
 *
 * <p>Cost: one forward pass per sample and image, for all classes together, besides the
 * segmentation. No gradients. How well the linear model fits is the diagnostic {@link #R_SQUARED};
 * how far the weights may be off by the choice of samples, {@link SampleMoments#STANDARD_ERROR},
 * the largest of the superpixels. With {@link #RELIABILITY} there are only as many samples, 50 or a
 * doubling of that, as make the weights that reliable; if even all of them do not, the map is
 * marked as not converged.
 *
 * <p>Paper: M. Ribeiro, S. Singh, C. Guestrin, <a href="https://arxiv.org/abs/1602.04938">"Why
 * Should I Trust You?": Explaining the Predictions of Any Classifier</a>, 2016.
 */
public abstract sealed class Lime extends SuperpixelMethod permits LimePro, LimeCon {

  /**
   * The diagnostic that holds the weighted coefficient of determination of the linear model, at
   * most 1. The closer to one, the more the heatmap says about the model near the image.
   */
  public static final String R_SQUARED = "r-squared";

  /** What a heatmap shows. */
  public enum Form {
    /** One for the chosen superpixels, zero elsewhere. */
    MASK,
    /** The weights of the chosen superpixels, divided by the largest of them. */
    WEIGHTS
  }

  /** The number of samples the linear model is fitted to, including the image itself. */
  public static final MethodOption<Integer> SAMPLES =
      MethodOption.ofInt("samples", "number of samples the linear model is fitted to")
          .range(2, 1_000_000)
          .defaults(1000);

  /** The width of the proximity kernel; smaller values down-weight samples far from the image. */
  public static final MethodOption<Double> KERNEL_WIDTH =
      MethodOption.ofDouble(
              "kernel-width", "width of the proximity kernel; smaller means more local")
          .range(0.01, 1000.0)
          .defaults(0.25);

  /** The penalty of large weights. */
  public static final MethodOption<Double> RIDGE =
      MethodOption.ofDouble("ridge", "penalty of large weights").range(1e-6, 1e6).defaults(1.0);

  /** How many superpixels the heatmap shows. */
  public static final MethodOption<Integer> FEATURES =
      MethodOption.ofInt("features", "maximum number of superpixels in the heatmap")
          .range(1, 100_000)
          .defaults(5, 10);

  /** What the heatmap shows of them. */
  public static final MethodOption<Form> FORM =
      MethodOption.ofEnum("map", "show a mask or the weights of these superpixels", Form.class)
          .defaults(Form.MASK, Form.WEIGHTS);

  /** The reliability at which to stop. */
  public static final MethodOption<Double> RELIABILITY = SampleMoments.RELIABILITY;

  static final ImmutableList<MethodOption<?>> OPTIONS =
      ImmutableList.<MethodOption<?>>builder()
          .add(
              SAMPLES,
              FEATURES,
              FORM,
              FILL,
              KERNEL_WIDTH,
              RIDGE,
              SCORE,
              RELIABILITY,
              SEED,
              BATCH_SIZE)
          .addAll(SegmentationChoice.OPTIONS)
          .build();

  /** Each sample is a pass. */
  static MethodCost.Passes cost(MethodOptions options, int[] sizes, int maps) {
    return new MethodCost.Passes(options.get(SAMPLES), 0);
  }

  Lime(
      MethodDescription description,
      ExplainableModel model,
      @Nullable String layerName,
      MethodOptions options) {
    super(description, model, layerName, options);
  }

  /** Returns 1 if the heatmap shows evidence for the class, -1 if evidence against it. */
  abstract int sign();

  @Override
  final Perturbations perturb(SuperpixelImage image) {
    // The seed is the same for every image, so that a map does not depend on the batch.
    PerturbationSamples near =
        PerturbationSamples.draw(
            options().get(SAMPLES),
            image.count(),
            options().get(SEED),
            options().get(KERNEL_WIDTH));
    return new Samples(image, near);
  }

  /** All samples but the first, which is the image itself. */
  private final class Samples implements Perturbations {

    private final SuperpixelImage image;
    private final PerturbationSamples near;
    private final SamplesNeeded needed =
        new SamplesNeeded(
            options().get(RELIABILITY),
            (whole, scores, samples) ->
                areMany(samples)
                    ? reliability(
                        half(Part.EVEN, whole, scores, samples),
                        half(Part.ODD, whole, scores, samples))
                    : Double.NaN);

    /** Regressions by how many samples they have, and by which part of them. */
    private final Table<Integer, Part, RidgeRegression> regressions = HashBasedTable.create();

    Samples(SuperpixelImage image, PerturbationSamples near) {
      this.image = image;
      this.near = near;
    }

    @Override
    public int count() {
      return near.on().length - 1;
    }

    @Override
    public void apply(int index, FloatBuffer pixels) {
      boolean[] on = near.on()[index + 1];
      image.show(superpixel -> on[superpixel], pixels);
    }

    @Override
    public boolean suffice(double whole, double[] scores, int known) {
      return needed.suffice(whole, scores, known);
    }

    @Override
    public Attribution attribute(
        Objective objective, float[] outputs, double whole, double[] scores) {
      int samples = needed.of(whole, scores, scores.length);
      RidgeRegression.Fit fit = fit(Part.ALL, whole, scores, samples);
      Attribution made =
          image
              .attribution(objective, outputs, fit.coefficients())
              .withDiagnostic(R_SQUARED, fit.rSquared());
      if (!Double.isNaN(fit.errors()[0])) {
        made = image.withErrors(made, fit.errors());
      }
      if (areMany(samples)) {
        made =
            withReliability(
                made,
                half(Part.EVEN, whole, scores, samples),
                half(Part.ODD, whole, scores, samples));
      }
      boolean fewerEquationsThanUnknowns = samples + 1 <= image.count();
      return fewerEquationsThanUnknowns || needed.isMissed(scores)
          ? made.withStatus(MapStatus.NOT_CONVERGED)
          : made;
    }

    /** With hardly more samples than superpixels half of them tells little about all. */
    private boolean areMany(int samples) {
      return samples >= 4 * image.count();
    }

    private Attribution half(Part part, double whole, double[] scores, int samples) {
      RidgeRegression.Fit fit = fit(part, whole, scores, samples);
      return image.attribution(SamplesNeeded.ANY, SamplesNeeded.NO_OUTPUTS, fit.coefficients());
    }

    /** Fits the image itself and a part of the first samples. */
    private RidgeRegression.Fit fit(Part part, double whole, double[] scores, int samples) {
      int[] rows =
          IntStream.rangeClosed(0, samples).filter(row -> row == 0 || part.has(row)).toArray();
      RidgeRegression regression = regressions.get(samples, part);
      if (regression == null) {
        regression =
            new RidgeRegression(
                Arrays.stream(rows).mapToObj(row -> near.on()[row]).toArray(boolean[][]::new),
                Arrays.stream(rows).mapToDouble(row -> near.weights()[row]).toArray(),
                options().get(RIDGE));
        regressions.put(samples, part, regression);
      }
      return regression.fit(
          Arrays.stream(rows).mapToDouble(row -> row == 0 ? whole : scores[row - 1]).toArray());
    }
  }

  /** Which samples to take. */
  private enum Part {
    ALL,
    EVEN,
    ODD;

    boolean has(int sample) {
      return this == ALL || sample % 2 == (this == EVEN ? 0 : 1);
    }
  }

  /** Superpixels of equal weight count as one here; there is no telling which would come first. */
  @Override
  protected final float[] normalize(float[] raw, float eps) {
    double[] evidence =
        IntStream.range(0, raw.length).mapToDouble(i -> Math.max(0, sign() * raw[i])).toArray();
    double[] weights =
        Arrays.stream(evidence).filter(value -> value > 0).distinct().sorted().toArray();
    if (weights.length == 0 || Arrays.stream(evidence).allMatch(value -> value == evidence[0])) {
      return new float[raw.length];
    }
    double least = weights[Math.max(0, weights.length - options().get(FEATURES))];
    double largest = weights[weights.length - 1];
    boolean mask = options().get(FORM) == Form.MASK;
    float[] scaled = new float[raw.length];
    for (int i = 0; i < raw.length; i++) {
      if (evidence[i] >= least) {
        scaled[i] = (float) (mask ? 1 : evidence[i] / (largest + eps));
      }
    }
    return mask ? Normalization.minMax(scaled, eps) : scaled;
  }

  /** A mask tells what is in it, weights are shown with the sign that makes them evidence. */
  @Override
  protected final RawScale rawScale(float[] raw) {
    if (options().get(FORM) == Form.MASK) {
      return RawScale.IDENTITY;
    }
    double largest =
        IntStream.range(0, raw.length).mapToDouble(i -> sign() * raw[i]).max().orElse(0);
    return new RawScale(0, (float) (sign() * Math.max(0, largest)));
  }
}
