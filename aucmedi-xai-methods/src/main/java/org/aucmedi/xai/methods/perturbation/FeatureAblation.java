package org.aucmedi.xai.methods.perturbation;

import com.google.common.collect.ImmutableList;
import java.nio.FloatBuffer;
import org.aucmedi.xai.Attribution;
import org.aucmedi.xai.MethodBuilder;
import org.aucmedi.xai.MethodCost;
import org.aucmedi.xai.MethodDescription;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Objective;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.methods.segmentation.SegmentationChoice;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/**
 * Feature ablation: how much the score drops when one superpixel is hidden.
 *
 * <p>With the image x, {@linkplain SegmentationChoice divided} into superpixels, and the image
 * {@code x without f} in which superpixel f is filled in,
 *
 * <pre>{@code
 * V[f] = S(x) - S(x without f)
 * M[i] = V[the superpixel of position i]
 * }</pre>
 *
 * The raw map is signed, in units of the score. The heatmap is the raw map scaled by its extremes.
 * It is occlusion with patches that follow the image. Of evidence that is there twice neither part
 * is missed; {@link KernelShap} and {@link ShapleySampling} hide several superpixels at once.
 *
 * <p>Options: {@link #FILL}, {@link #SCORE}, {@link #BATCH_SIZE}, and those of {@link
 * SegmentationChoice}. Nothing is random, and the result does not depend on the batch size.
 *
 * <p>Cost: for each image one forward pass and one for each superpixel, for all classes together,
 * besides the segmentation. No gradients.
 *
 * <p>Paper: the idea is that of M. Zeiler, R. Fergus, <a
 * href="https://arxiv.org/abs/1311.2901">Visualizing and Understanding Convolutional Networks</a>,
 * 2013, section 4.2; of superpixels, that of M. Robnik-Šikonja, I. Kononenko, <a
 * href="https://doi.org/10.1109/TKDE.2007.190734">Explaining Classifications For Individual
 * Instances</a>, 2008.
 */
public final class FeatureAblation extends SuperpixelMethod {

  private static final MethodDescription DESCRIPTION =
      MethodDescription.of("Feature ablation", "FeatureAblation")
          .withOptions(
              ImmutableList.<MethodOption<?>>builder()
                  .add(FILL, SCORE, BATCH_SIZE)
                  .addAll(SegmentationChoice.OPTIONS)
                  .build())
          .costing(
              (options, sizes, maps) ->
                  new MethodCost.Passes(1L + SegmentationChoice.about(options, sizes), 0));

  /** Describes and constructs the method. */
  public static final XAIMethodProvider<FeatureAblation> PROVIDER =
      new XAIMethodProvider<>(DESCRIPTION, FeatureAblation::new);

  /**
   * Constructs the method.
   *
   * @param model the model to explain
   * @param layerName ignored
   * @param options the profile and the options that are set
   * @throws IllegalArgumentException if the method does not have an option that is set
   */
  public FeatureAblation(
      ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    super(DESCRIPTION, model, layerName, options);
  }

  /** {@return a builder with the defaults of AUCMEDI's profile} */
  public static MethodBuilder<FeatureAblation> builder() {
    return PROVIDER.builder();
  }

  @Override
  Perturbations perturb(SuperpixelImage image) {
    return new Ablated(image);
  }

  /** The image without each of its superpixels. */
  private record Ablated(SuperpixelImage image) implements Perturbations {

    @Override
    public int count() {
      return image.count();
    }

    @Override
    public void apply(int index, FloatBuffer pixels) {
      image.show(superpixel -> superpixel != index, pixels);
    }

    @Override
    public Attribution attribute(
        Objective objective, float[] outputs, double whole, double[] scores) {
      double[] drops = new double[scores.length];
      for (int f = 0; f < drops.length; f++) {
        drops[f] = whole - scores[f];
      }
      return image.attribution(objective, outputs, drops);
    }
  }
}
