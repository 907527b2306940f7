package org.aucmedi.xai.methods.perturbation;

import ai.djl.ndarray.NDManager;
import java.util.Optional;
import org.aucmedi.xai.MethodCost;
import org.aucmedi.xai.MethodDescription;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.methods.Baseline;
import org.aucmedi.xai.methods.segmentation.SegmentationChoice;
import org.aucmedi.xai.methods.segmentation.Superpixels;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/** A method that hides superpixels and watches the score. */
abstract class SuperpixelMethod extends PerturbationMethod {

  /** The fill for superpixels that are off. */
  public static final MethodOption<SuperpixelFill> FILL =
      SuperpixelFill.option(
          new SuperpixelFill(Optional.of(new Baseline.Constant(0))), SuperpixelFill.SEGMENT_MEAN);

  /** The score that is watched; the output, a probability mostly, in either profile. */
  public static final MethodOption<Score> SCORE =
      MethodOption.ofEnum("score", "the score to explain: the output or the logit", Score.class)
          .defaults(Score.OUTPUT);

  /** The random seed of the samples. */
  public static final MethodOption<Integer> SEED =
      MethodOption.ofInt("seed", "random seed of the samples")
          .range(0, Integer.MAX_VALUE)
          .defaults(0);

  SuperpixelMethod(
      MethodDescription description,
      ExplainableModel model,
      @Nullable String layerName,
      MethodOptions options) {
    super(description, model, layerName, options);
  }

  /**
   * Counts the passes of a method that predicts the image, the hidden one and coalitions.
   *
   * @param options the method's options
   * @param sizes the spatial sizes of the image
   * @param samples the most coalitions
   */
  static MethodCost.Passes passes(MethodOptions options, int[] sizes, int samples) {
    int superpixels = SegmentationChoice.about(options, sizes);
    long all = superpixels < 30 ? (1L << superpixels) - 2 : Long.MAX_VALUE;
    return new MethodCost.Passes(2 + Math.min(samples, all), 0);
  }

  /** Says which superpixels are hidden in each perturbed image. */
  abstract Perturbations perturb(SuperpixelImage image);

  @Override
  protected final Score score() {
    return options().get(SCORE);
  }

  @Override
  protected final Perturbations perturb(float[] image, BatchAxes axes, NDManager manager) {
    Superpixels superpixels = SegmentationChoice.of(options(), axes).segment(image, axes);
    float[] hidden = options().get(FILL).of(image, axes, superpixels, manager);
    return perturb(new SuperpixelImage(axes, superpixels, hidden));
  }
}
