package org.aucmedi.xai.methods.perturbation;

import static com.google.common.base.Preconditions.checkArgument;

import ai.djl.ndarray.NDManager;
import java.nio.FloatBuffer;
import org.aucmedi.xai.Attribution;
import org.aucmedi.xai.MethodBuilder;
import org.aucmedi.xai.MethodCost;
import org.aucmedi.xai.MethodDescription;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Normalization;
import org.aucmedi.xai.Objective;
import org.aucmedi.xai.RawScale;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.array.Spacing;
import org.aucmedi.xai.methods.Baseline;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/**
 * Occlusion sensitivity: how the score changes when a patch of the image is covered.
 *
 * <p>With the image x, the image {@code x_P} whose patch P is covered, and the score S (of a class
 * c the output {@code S_c}),
 *
 * <pre>{@code
 * V(P) = 1 - S(x_P)           (value COMPLEMENT, AUCMEDI's)
 * V(P) = S(x) - S(x_P)        (value DROP, the paper's)
 * M[i] = mean of V(P) over the patches P that cover position i
 * }</pre>
 *
 * Patches start at every multiple of the stride along each axis, up to the first that reaches the
 * edge, where it is cut; so every position is covered, in two or three dimensions. All channels are
 * covered alike.
 *
 * <p>Under COMPLEMENT the heatmap is M itself, cut to [0, 1], which fits outputs that are
 * probabilities; under DROP it is M scaled by its extremes. AUCMEDI covers with 127.5 in the units
 * of the <em>standardised</em> image, where that is far outside the range; the paper's default here
 * is the mean of each channel.
 *
 * <p>Sizes in millimetres are divided by the image's spacing, as the model gets it, and rounded to
 * at least one position; they need an image that tells its spacing.
 *
 * <p>Options: {@link #PATCH}, {@link #STRIDE}, {@link #FILL}, {@link #VALUE}, {@link #BATCH_SIZE},
 * {@link Score#OPTION}.
 *
 * <p>Cost: for each image one forward pass and one per patch that changes it, for all classes
 * together. No gradients. Memory grows only by one number per patch and class.
 *
 * <p>Paper: M. Zeiler, R. Fergus, <a href="https://arxiv.org/abs/1311.2901">Visualizing and
 * Understanding Convolutional Networks</a>, 2013, section 4.2.
 */
public final class OcclusionSensitivity extends PerturbationMethod {

  /** The value of a covered patch. */
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
              "patch size, one number or one per axis",
              Patch.class,
              "a size such as 16, 16x8 or 8x8x8 pixels, 10mm or 5x10x10mm",
              Patch::parse)
          .defaults(new Patch(16));

  /** The distance from patch to patch; {@link Stride#PATCH} is the size of the patch. */
  public static final MethodOption<Stride> STRIDE =
      MethodOption.of(
              "stride",
              "distance between patches, one number or one per axis; at most the patch size",
              Stride.class,
              "patch, or a size such as 8, 8x4 or 4x4x4 pixels, 5mm or 5x5x5mm",
              Stride::parse)
          .defaults(Stride.PATCH);

  /** What a patch is covered with. */
  public static final MethodOption<Baseline> FILL =
      Baseline.option("fill", "fill for covered patches")
          .defaults(new Baseline.Constant(127.5f), new Baseline.Mean());

  /** The value of a covered patch. */
  public static final MethodOption<Value> VALUE =
      MethodOption.ofEnum(
              "value",
              "value of a covered patch: one minus the score, or the drop in score",
              Value.class)
          .defaults(Value.COMPLEMENT, Value.DROP);

  private static final MethodDescription DESCRIPTION =
      MethodDescription.of("Occlusion sensitivity", "OcclusionSensitivity", "os")
          .withOptions(PATCH, STRIDE, FILL, VALUE, BATCH_SIZE, Score.OPTION)
          .costing(new Cost());

  /** Describes and constructs the method. */
  public static final XAIMethodProvider<OcclusionSensitivity> PROVIDER =
      new XAIMethodProvider<>(DESCRIPTION, OcclusionSensitivity::new);

  /**
   * Constructs the method.
   *
   * @param model the model to explain
   * @param layerName ignored
   * @param options the profile and the options that are set
   * @throws IllegalArgumentException if the method does not have an option that is set, or the
   *     complement of a logit is asked for
   */
  public OcclusionSensitivity(
      ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    super(DESCRIPTION, model, layerName, options);
    checkArgument(
        options.get(VALUE) == Value.DROP || options.get(Score.OPTION) == Score.OUTPUT,
        "value=complement is one minus a probability, and score=logit is none; set value=drop or"
            + " score=output");
  }

  /** {@return a builder with AUCMEDI's defaults} */
  public static MethodBuilder<OcclusionSensitivity> builder() {
    return PROVIDER.builder();
  }

  @Override
  protected Score score() {
    return options().get(Score.OPTION);
  }

  @Override
  protected Perturbations perturb(float[] image, BatchAxes axes, NDManager manager) {
    float[] fill = options().get(FILL).of(image, axes, manager);
    return new Covered(axes, patches(options(), axes), fill, options().get(VALUE));
  }

  private static Patches patches(MethodOptions options, BatchAxes axes) {
    Patch patch = options.get(PATCH);
    return new Patches(
        axes.spatialSizes(),
        patch.positionsOf(axes),
        options.get(STRIDE).size().orElse(patch).positionsOf(axes));
  }

  /** A pass of the image, and one of each patch. */
  private static final class Cost implements MethodCost {

    @Override
    public Passes of(MethodOptions options, int[] sizes, int maps) {
      return of(options, sizes, null, maps);
    }

    @Override
    public Passes of(MethodOptions options, int[] sizes, @Nullable Spacing spacing, int maps) {
      BatchAxes axes = BatchAxes.ofMap(sizes).withSpacing(spacing);
      return new Passes(1L + patches(options, axes).count(), 0);
    }
  }

  /** The image with each of its patches covered. */
  private record Covered(BatchAxes axes, Patches patches, float[] fill, Value value)
      implements Perturbations {

    @Override
    public int count() {
      return patches.count();
    }

    @Override
    public void apply(int index, FloatBuffer pixels) {
      int[] positions = patches.positions(index);
      for (int c = 0; c < axes.channels(); c++) {
        for (int position : positions) {
          int covered = axes.index(0, c, position);
          pixels.put(covered, fill[covered]);
        }
      }
    }

    @Override
    public Attribution attribute(
        Objective objective, float[] outputs, double whole, double[] scores) {
      double[] sums = new double[axes.positions()];
      int[] counts = new int[axes.positions()];
      for (int p = 0; p < scores.length; p++) {
        double worth = (value == Value.DROP ? whole : 1) - scores[p];
        for (int position : patches.positions(p)) {
          sums[position] += worth;
          counts[position]++;
        }
      }
      float[] map = new float[sums.length];
      for (int i = 0; i < map.length; i++) {
        map[i] = (float) (sums[i] / counts[i]);
      }
      return Attribution.of(objective, outputs, BatchAxes.ofMap(axes.spatialSizes()), map);
    }
  }

  @Override
  protected float[] normalize(float[] raw, float eps) {
    return options().get(VALUE) == Value.DROP
        ? Normalization.minMax(raw, eps)
        : Normalization.clip(raw);
  }

  @Override
  protected RawScale rawScale(float[] raw) {
    return options().get(VALUE) == Value.DROP ? RawScale.ofRange(raw) : RawScale.IDENTITY;
  }
}
