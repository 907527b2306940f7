package org.aucmedi.xai.methods.attention;

import java.util.Arrays;
import org.aucmedi.xai.MethodBuilder;
import org.aucmedi.xai.MethodDescription;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.methods.cam.Tokens;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/**
 * Attention rollout: how much of each patch reaches the class token of a transformer, if attention
 * weights and shortcuts were all that moves between tokens. It needs no gradient and knows no
 * class: the maps of all classes are the same.
 *
 * <pre>{@code
 * E[b]    = mean over the heads of A[b]
 * M[b]    = (E[b] + I) / 2
 * L       = the class token's row of M[B] ... M[2] M[1], without the columns of other tokens
 * }</pre>
 *
 * I stands for the shortcut around the attention. With {@link HeadFusion#OPTION} E is the largest
 * or the smallest weight of all heads, and with {@link #DISCARD} the smallest values of E are zero;
 * then each row of {@code E + I} is divided by its sum. L is at least 0 and adds up to at most 1.
 * The heatmap is {@code (L - min L) / (max L - min L + eps)}.
 *
 * <p>{@link AttentionMethod} says how layers and tokens are found, and what is refused.
 *
 * <p>Options: {@link HeadFusion#OPTION}, {@link #DISCARD}, {@link Readout#OPTION}, {@link
 * Tokens#OPTION}.
 *
 * <p>Cost: one forward pass for the outputs and one for each block, 13 for 12 blocks, whatever the
 * number of classes.
 *
 * <p>Paper: S. Abnar, W. Zuidema, <a href="https://arxiv.org/abs/2005.00928">Quantifying Attention
 * Flow in Transformers</a>, 2020.
 */
public final class AttentionRollout extends AttentionMethod {

  /** Which share of a block's weights, the smallest ones, counts as zero. */
  public static final MethodOption<Double> DISCARD =
      MethodOption.ofDouble("discard", "share of a block's weights, the smallest, that become zero")
          .range(0.0, 0.999)
          .defaults(0.0);

  /** Describes and constructs the method. */
  public static final XAIMethodProvider<AttentionRollout> PROVIDER =
      new XAIMethodProvider<>(
          MethodDescription.of("Attention rollout", "attentionrollout", "rollout")
              .requiring(Capability.LAYERS, Capability.LAYER_ACTIVATIONS)
              .readingAttention()
              .withOptions(HeadFusion.OPTION, DISCARD, Readout.OPTION, Tokens.OPTION)
              .costing(cost(false)),
          AttentionRollout::new);

  /**
   * Constructs the method.
   *
   * @param model the model to explain
   * @param layerName the layers with attention weights, with commas between them, or null to find
   *     them
   * @param options the profile and the options that are set
   */
  public AttentionRollout(
      ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    super(PROVIDER.description(), model, layerName, options);
  }

  /** {@return a builder with AUCMEDI's defaults} */
  public static MethodBuilder<AttentionRollout> builder() {
    return PROVIDER.builder();
  }

  @Override
  protected double[][] matrix(float[][][] weights, float[][][] gradients) {
    double[][] matrix = options().get(HeadFusion.OPTION).join(weights);
    discard(matrix, options().get(DISCARD));
    for (int p = 0; p < matrix.length; p++) {
      matrix[p][p] += 1;
      double sum = Arrays.stream(matrix[p]).sum();
      for (int q = 0; q < matrix.length; q++) {
        matrix[p][q] /= sum;
      }
    }
    return matrix;
  }

  /** Sets the smallest values to zero; of equal ones all or none. */
  private static void discard(double[][] matrix, double share) {
    int count = (int) (share * matrix.length * matrix.length);
    if (count == 0) {
      return;
    }
    double[] sorted = Arrays.stream(matrix).flatMapToDouble(Arrays::stream).sorted().toArray();
    for (double[] row : matrix) {
      for (int q = 0; q < row.length; q++) {
        row[q] = row[q] < sorted[count] ? 0 : row[q];
      }
    }
  }
}
