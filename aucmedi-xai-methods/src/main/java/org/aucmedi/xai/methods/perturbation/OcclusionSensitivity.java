package org.aucmedi.xai.methods.perturbation;

import static com.google.common.base.Preconditions.checkArgument;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.List;
import org.aucmedi.xai.AttributionMethod;
import org.aucmedi.xai.AucmediMethod;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.RawMaps;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.methods.AucmediProvider;
import org.aucmedi.xai.methods.Baseline;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/**
 * Occlusion sensitivity: what happens to the score when a patch of the image is covered.
 *
 * <p>With the image x, the image {@code x_P} whose patch P is covered, and the score S (of a class
 * c the output {@code S_c}),
 *
 * <pre>{@code
 * V(P) = 1 - S(x_P)           (value COMPLEMENT, AUCMEDI's)
 * V(P) = S(x) - S(x_P)        (value DROP, the paper's)
 * M[i] = mean of V(P) over the patches P that cover place i
 * }</pre>
 *
 * Patches start at every multiple of the stride along each axis, up to the first that reaches the
 * edge, where it is cut; so every place is covered, in two or three dimensions. All channels are
 * covered alike.
 *
 * <p>Under COMPLEMENT the heatmap is M itself, cut to [0, 1], which fits outputs that are
 * probabilities; under DROP it is M scaled by its extremes. AUCMEDI covers with 127.5 in the units
 * of the <em>standardised</em> image, where that is far outside the range; the paper's default here
 * is the mean of each channel.
 *
 * <p>Options: {@link #PATCH}, {@link #STRIDE}, {@link #FILL}, {@link #VALUE}, {@link #BATCH_SIZE},
 * {@link Score#OPTION}.
 *
 * <p>Cost: for each image one forward pass per patch and one more, for all classes together, and
 * one for the batch to see that there is such a class. No gradients. Memory does not grow with the
 * number of patches, but for one number per patch and class asked for.
 *
 * <p>Paper: M. Zeiler, R. Fergus, <a href="https://arxiv.org/abs/1311.2901">Visualizing and
 * Understanding Convolutional Networks</a>, 2013, section 4.2.
 */
public final class OcclusionSensitivity extends AttributionMethod {

  /** What a covered patch is worth. */
  public enum Value {
    /** One minus the score of the covered image. */
    COMPLEMENT,
    /** The score of the image minus that of the covered image. */
    DROP
  }

  /** The size of a patch. */
  public static final MethodOption<Patch> PATCH =
      MethodOption.of(
          "patch",
          "the size of a patch, for all axes or each",
          "a size such as 16, 16x8 or 8x8x8",
          Patch::parse,
          new Patch(16),
          new Patch(16));

  /** From patch to patch; zero stands for the size of the patch. */
  public static final MethodOption<String> STRIDE =
      MethodOption.of(
          "stride",
          "from patch to patch, for all axes or each; at most the patch",
          "patch, or a size such as 8, 8x4 or 4x4x4",
          OcclusionSensitivity::checkStride,
          "patch",
          "patch");

  /** What a patch is covered with. */
  public static final MethodOption<Baseline> FILL =
      Baseline.option(
          "fill",
          "what a patch is covered with",
          new Baseline.Constant(127.5f),
          new Baseline.Mean());

  /** What a covered patch is worth. */
  public static final MethodOption<Value> VALUE =
      MethodOption.ofEnum(
          "value", "what a covered patch is worth", Value.class, Value.COMPLEMENT, Value.DROP);

  /** How many covered images go through the model at once. */
  public static final MethodOption<Integer> BATCH_SIZE =
      MethodOption.ofInt("batch-size", "covered images per pass, at most", 1, 100_000, 32, 32);

  private static final ImmutableList<MethodOption<?>> OPTIONS =
      ImmutableList.of(PATCH, STRIDE, FILL, VALUE, BATCH_SIZE, Score.OPTION);

  private final Progress progress;

  /**
   * Constructs the method as AUCMEDI computes it.
   *
   * @param model a loaded DJL model
   */
  public OcclusionSensitivity(Model model) {
    this(explainable(model));
  }

  /**
   * Constructs the method as AUCMEDI computes it.
   *
   * @param model the model to explain
   */
  public OcclusionSensitivity(ExplainableModel model) {
    this(model, null, MethodOptions.of(Profile.AUCMEDI));
  }

  /**
   * Constructs the method.
   *
   * @param model the model to explain
   * @param layerName ignored; accepted since every method is constructed alike
   * @param options the parameters
   * @throws IllegalArgumentException if there is an option that it does not have, or the complement
   *     of a logit is asked for
   */
  public OcclusionSensitivity(
      ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    this(model, layerName, options, Progress.NONE);
  }

  /**
   * Constructs the method with a listener.
   *
   * @param model the model to explain
   * @param layerName ignored; accepted since every method is constructed alike
   * @param options the parameters
   * @param progress is told after every pass
   */
  public OcclusionSensitivity(
      ExplainableModel model,
      @Nullable String layerName,
      MethodOptions options,
      Progress progress) {
    super(model, layerName, options.checkKnown(OPTIONS));
    checkArgument(
        options.get(VALUE) == Value.DROP || options.get(Score.OPTION) == Score.OUTPUT,
        "value=complement is one minus a probability, and score=logit is none; set value=drop or"
            + " score=output");
    this.progress = progress;
  }

  @Override
  protected RawMaps attribute(NDArray batch, Target target) {
    int images = Math.toIntExact(batch.getShape().get(0));
    Shape shape = batch.getShape().slice(1);
    BatchAxes axes = new BatchAxes(new Shape(1).addAll(shape), model().channelLayout());
    Patches patches = patches(axes.spatialSizes());
    float[][] outputs = model().outputs(batch);
    List<float[]> seeds = target.seeds(images, outputs[0].length);
    float[] values = batch.toFloatArray();
    RawMaps raw = new RawMaps(images, seeds.size(), axes.spatialShape());
    for (int n = 0; n < images; n++) {
      int index = n;
      List<float[]> own = seeds.stream().map(seed -> ofImage(seed, index, images)).toList();
      float[] image = ofImage(values, n, images);
      double[][] scores = scores(batch.getManager(), image, shape, axes, patches, own);
      for (int k = 0; k < scores.length; k++) {
        raw.set(n, k, map(patches, scores[k], axes.positions()));
      }
    }
    // A patch may cover every NaN of an image, and its prediction look sound.
    raw.markNonFinite(outputs);
    return raw;
  }

  /** Computes, for each seed, the score with each patch covered, and last that of the image. */
  private double[][] scores(
      NDManager manager,
      float[] image,
      Shape shape,
      BatchAxes axes,
      Patches patches,
      List<float[]> seeds) {
    float[] fill = options().get(FILL).of(image, axes, manager);
    double[][] scores = new double[seeds.size()][patches.count() + 1];
    Score score = options().get(Score.OPTION);
    new VariantPredictor(model(), options().get(BATCH_SIZE), progress)
        .predict(
            manager,
            image,
            shape,
            patches.count() + 1,
            (index, pixels, offset) -> {
              if (index < patches.count()) {
                cover(pixels, offset, fill, axes, patches.places(index));
              }
            },
            (index, output) -> {
              for (int k = 0; k < scores.length; k++) {
                scores[k][index] = score.value(seeds.get(k), output, model().outputActivation());
              }
            });
    return scores;
  }

  private float[] map(Patches patches, double[] scores, int positions) {
    double whole = options().get(VALUE) == Value.DROP ? scores[patches.count()] : 1;
    double[] sums = new double[positions];
    int[] counts = new int[positions];
    for (int p = 0; p < patches.count(); p++) {
      double value = whole - scores[p];
      for (int position : patches.places(p)) {
        sums[position] += value;
        counts[position]++;
      }
    }
    float[] map = new float[positions];
    for (int i = 0; i < positions; i++) {
      map[i] = (float) (sums[i] / counts[i]);
    }
    return map;
  }

  private static void cover(float[] pixels, int offset, float[] fill, BatchAxes axes, int[] patch) {
    for (int c = 0; c < axes.channels(); c++) {
      for (int position : patch) {
        int index = axes.index(0, c, position);
        pixels[offset + index] = fill[index];
      }
    }
  }

  private Patches patches(int[] sizes) {
    int[] patch = options().get(PATCH).along(sizes.length);
    int[] stride =
        options().get(STRIDE).equals("patch")
            ? patch
            : Patch.parse(options().get(STRIDE)).along(sizes.length);
    return new Patches(sizes, patch, stride);
  }

  @Override
  protected float[] normalize(float[] raw, float eps) {
    if (options().get(VALUE) == Value.DROP) {
      return minMax(raw, eps);
    }
    float[] cut = raw.clone();
    for (int i = 0; i < cut.length; i++) {
      cut[i] = Math.max(0, Math.min(1, cut[i]));
    }
    return cut;
  }

  private static String checkStride(String text) {
    return text.equalsIgnoreCase("patch") ? "patch" : Patch.parse(text).toString();
  }

  /** Registers the method under AUCMEDI's keys. */
  public static final class Provider extends AucmediProvider {

    /** Constructs the provider; ServiceLoader calls this. */
    public Provider() {
      super(
          AucmediMethod.OCCLUSION_SENSITIVITY,
          ImmutableSet.of(),
          false,
          OPTIONS,
          OcclusionSensitivity::new);
    }
  }
}
