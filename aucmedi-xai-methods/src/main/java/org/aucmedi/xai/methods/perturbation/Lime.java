package org.aucmedi.xai.methods.perturbation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.aucmedi.xai.AttributionMethod;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.RawMaps;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.methods.Baseline;
import org.aucmedi.xai.methods.segmentation.SegmentationChoice;
import org.aucmedi.xai.methods.segmentation.Superpixels;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/**
 * LIME, local interpretable model-agnostic explanations: a linear model of which superpixels are
 * shown, fitted to the scores of images near the explained one. {@link LimePro} shows what speaks
 * for a class in it, {@link LimeCon} what speaks against.
 *
 * <p>The image is {@linkplain SegmentationChoice divided} into F superpixels. Sample s shows those
 * with {@code z[s, f] = 1} and hides the others; the first shows all, in the others each is shown
 * or hidden with equal probability. With the score {@code y[s]} of sample s (of a class the
 * output),
 *
 * <pre>{@code
 * d[s]     = 1 - sqrt(shown superpixels of s / F)                the cosine distance to sample 0
 * pi[s]    = sqrt(exp(-d[s]^2 / kernelWidth^2))
 * beta, b  = argmin sum over s of pi[s] (y[s] - b - z[s] . beta)^2 + ridge |beta|^2
 * M[i]     = beta[the superpixel of place i]
 * }</pre>
 *
 * The raw map is M, signed, the same for both methods. Pro shows the superpixels with the {@link
 * #FEATURES} largest weights above zero, con those with the most negative; as {@link Form#MASK} or
 * {@link Form#WEIGHTS}. AUCMEDI's mask is scaled by its extremes, so that one which covers the
 * whole image, as a few superpixels that all speak for the class make it, is zero everywhere; the
 * weights do not have this flaw. If the image is one superpixel the map is flat. With no more
 * samples than superpixels it is marked as not converged.
 *
 * <p>AUCMEDI hides superpixels with zeros of the <em>standardised</em> image and segments that
 * image as it is; in the paper's profile they become even (mean of each channel), and the image is
 * stretched to [0, 1] before it is segmented. An even superpixel may change a saturated probability
 * by next to nothing: model the logit then. The paper measures distances of images differently and
 * chooses features by Lasso; both profiles do as its authors' library does for images.
 *
 * <p>All classes share one set of samples. It follows from the seed, the same for every image, and
 * neither batch size nor the other images change it.
 *
 * <p>Options: {@link #SAMPLES}, {@link #FEATURES}, {@link #FORM}, {@link #FILL}, {@link
 * #KERNEL_WIDTH}, {@link #RIDGE}, {@link #SCORE}, {@link #SEED}, {@link #BATCH_SIZE}, and those of
 * {@link SegmentationChoice}.
 *
 * <p>Cost: one forward pass per sample and image, for all classes together, and one of a single
 * image; besides the segmentation. No gradients.
 *
 * <p>Paper: M. Ribeiro, S. Singh, C. Guestrin, <a href="https://arxiv.org/abs/1602.04938">"Why
 * Should I Trust You?": Explaining the Predictions of Any Classifier</a>, 2016.
 */
public abstract sealed class Lime extends AttributionMethod permits LimePro, LimeCon {

  /** What a heatmap shows. */
  public enum Form {
    /** One for the chosen superpixels, zero elsewhere. */
    MASK,
    /** The weights of the chosen superpixels, divided by the largest of them. */
    WEIGHTS
  }

  /** How many images the linear model is fitted to, the explained one among them. */
  public static final MethodOption<Integer> SAMPLES =
      MethodOption.ofInt(
          "samples", "how many images the linear model is fitted to", 2, 1_000_000, 1000, 1000);

  /** How fast images count less that hide more. */
  public static final MethodOption<Double> KERNEL_WIDTH =
      MethodOption.ofDouble(
          "kernel-width",
          "smaller means that images which hide much count less",
          0.01,
          1000,
          0.25,
          0.25);

  /** The penalty of large weights. */
  public static final MethodOption<Double> RIDGE =
      MethodOption.ofDouble("ridge", "the penalty of large weights", 1e-6, 1e6, 1, 1);

  /** How many superpixels the heatmap shows. */
  public static final MethodOption<Integer> FEATURES =
      MethodOption.ofInt(
          "features", "how many superpixels the heatmap shows at most", 1, 100_000, 5, 10);

  /** What the heatmap shows of them. */
  public static final MethodOption<Form> FORM =
      MethodOption.ofEnum(
          "map", "what the heatmap shows of these", Form.class, Form.MASK, Form.WEIGHTS);

  /** What hidden superpixels show. */
  public static final MethodOption<Hiding> FILL =
      Hiding.option(new Hiding(Optional.of(new Baseline.Constant(0))), Hiding.SEGMENT_MEAN);

  /** The score that is modelled; the output, a probability mostly, in the paper as in AUCMEDI. */
  public static final MethodOption<Score> SCORE =
      MethodOption.ofEnum(
          "score",
          "what is modelled: the output or the logit",
          Score.class,
          Score.OUTPUT,
          Score.OUTPUT);

  /** What the choice of images follows from. */
  public static final MethodOption<Integer> SEED =
      MethodOption.ofInt("seed", "what the random choice follows from", 0, Integer.MAX_VALUE, 0, 0);

  /** How many images go through the model at once. */
  public static final MethodOption<Integer> BATCH_SIZE =
      MethodOption.ofInt("batch-size", "images per pass", 1, 100_000, 32, 32);

  static final ImmutableList<MethodOption<?>> OPTIONS =
      ImmutableList.<MethodOption<?>>builder()
          .add(SAMPLES, FEATURES, FORM, FILL, KERNEL_WIDTH, RIDGE, SCORE, SEED, BATCH_SIZE)
          .addAll(SegmentationChoice.OPTIONS)
          .build();

  private final Progress progress;

  /** The raw maps of a batch, and for each image and map how well the linear model fits. */
  private record LocalModels(RawMaps maps, double[][] rSquared) {}

  Lime(
      ExplainableModel model,
      @Nullable String layerName,
      MethodOptions options,
      Progress progress) {
    super(model, layerName, options.checkKnown(OPTIONS));
    this.progress = progress;
  }

  /** Returns 1 if the heatmap shows what speaks for the class, -1 if what speaks against it. */
  abstract int sign();

  @Override
  protected final RawMaps attribute(NDArray batch, Target target) {
    return fit(batch, target).maps;
  }

  /**
   * Computes how well the linear model fits the scores it was fitted to. The closer to one, the
   * more the heatmap says about the model near the image.
   *
   * <p>This costs as much as the maps.
   *
   * @param batch N images, float32
   * @param target what to explain, K maps per image
   * @return for each image and map the weighted coefficient of determination, at most 1
   */
  public final double[][] rSquared(NDArray batch, Target target) {
    return fit(checkBatch(batch), target).rSquared;
  }

  private LocalModels fit(NDArray batch, Target target) {
    int images = Math.toIntExact(batch.getShape().get(0));
    Shape shape = batch.getShape().slice(1);
    BatchAxes axes = new BatchAxes(new Shape(1).addAll(shape), model().channelLayout());
    float[] values = batch.toFloatArray();
    // Known before the sweep, so that a class that is none costs nothing.
    float[][] found = model().outputs(batch);
    List<float[]> seeds = target.seeds(images, found[0].length);
    RawMaps raw = new RawMaps(images, seeds.size(), axes.spatialShape());
    double[][] rSquared = new double[images][seeds.size()];
    for (int n = 0; n < images; n++) {
      float[] image = ofImage(values, n, images);
      Superpixels superpixels = SegmentationChoice.of(options(), axes).segment(image, axes);
      // The seed is the same for every image, so that a map does not depend on the batch.
      Neighbourhood near =
          Neighbourhood.draw(
              options().get(SAMPLES),
              superpixels.count(),
              options().get(SEED),
              options().get(KERNEL_WIDTH));
      int index = n;
      List<float[]> own = seeds.stream().map(seed -> ofImage(seed, index, images)).toList();
      double[][] scores = scores(batch, image, axes, superpixels, near, own);
      RidgeRegression regression =
          new RidgeRegression(near.shown(), near.weights(), options().get(RIDGE));
      for (int k = 0; k < seeds.size(); k++) {
        RidgeRegression.Fit fit = regression.fit(scores[k]);
        rSquared[n][k] = fit.rSquared();
        raw.set(n, k, map(fit.coefficients(), superpixels, raw.size()));
        if (near.shown().length <= superpixels.count()) {
          raw.mark(n, k, MapStatus.NOT_CONVERGED); // fewer equations than unknowns
        }
      }
    }
    raw.markNonFinite(found);
    return new LocalModels(raw, rSquared);
  }

  private static float[] map(double[] weights, Superpixels superpixels, int size) {
    float[] map = new float[size];
    for (int i = 0; i < size; i++) {
      map[i] = (float) weights[superpixels.at(i)];
    }
    return map;
  }

  /** Computes the score of every sample for each seed; outputs of many classes are not kept. */
  private double[][] scores(
      NDArray batch,
      float[] image,
      BatchAxes axes,
      Superpixels superpixels,
      Neighbourhood near,
      List<float[]> seeds) {
    float[] hidden = options().get(FILL).of(image, axes, superpixels, batch.getManager());
    double[][] scores = new double[seeds.size()][near.shown().length];
    Score score = options().get(SCORE);
    new VariantPredictor(model(), options().get(BATCH_SIZE), progress)
        .predict(
            batch.getManager(),
            image,
            batch.getShape().slice(1),
            near.shown().length,
            (index, pixels, offset) -> {
              boolean[] shown = near.shown()[index];
              for (int i = 0; i < axes.positions(); i++) {
                for (int c = 0; c < axes.channels() && !shown[superpixels.at(i)]; c++) {
                  int value = axes.index(0, c, i);
                  pixels[offset + value] = hidden[value];
                }
              }
            },
            (index, output) -> {
              for (int k = 0; k < scores.length; k++) {
                scores[k][index] = score.value(seeds.get(k), output, model().outputActivation());
              }
            });
    return scores;
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
    return mask ? minMax(scaled, eps) : scaled;
  }
}
