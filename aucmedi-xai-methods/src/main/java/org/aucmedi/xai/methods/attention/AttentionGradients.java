package org.aucmedi.xai.methods.attention;

import org.aucmedi.xai.MethodBuilder;
import org.aucmedi.xai.MethodDescription;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.methods.cam.Tokens;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/**
 * Attention gradients: which patches a class takes over by attention, each weight counted as far as
 * it raises the class's score. The rule of the generic attention explainability for self-attention.
 *
 * <pre>{@code
 * E[b]    = mean over the heads of max(0, dS_c/dA[b] * A[b])     element by element
 * R       = I, and then for each block from the first to the last R + E[b] R
 * L       = the class token's row of R, without the columns of other tokens
 * }</pre>
 *
 * That is, {@code M[b] = I + E[b]} in {@link AttentionMethod}, which says how layers and tokens are
 * found, and what is refused. L is at least 0: evidence against the class is dropped. The heatmap
 * is {@code (L - min L) / (max L - min L + eps)}.
 *
 * <p>Options: {@link Readout#OPTION}, {@link Tokens#OPTION}, {@link Score#OPTION}.
 *
 * <p>Cost: one forward pass for the outputs, and for each block a forward pass and a backward pass
 * per class; 13 and 12 for 12 blocks and one class.
 *
 * <p>Paper: H. Chefer, S. Gur, L. Wolf, <a href="https://arxiv.org/abs/2103.15679">Generic
 * Attention-model Explainability for Interpreting Bi-Modal and Encoder-Decoder Transformers</a>,
 * 2021, equations 5 and 6.
 */
public final class AttentionGradients extends AttentionMethod {

  /** Describes and constructs the method. */
  public static final XAIMethodProvider<AttentionGradients> PROVIDER =
      new XAIMethodProvider<>(
          MethodDescription.of("Attention gradients", "attentiongradients", "chefer")
              .requiring(
                  Capability.LAYERS, Capability.LAYER_ACTIVATIONS, Capability.LAYER_GRADIENTS)
              .readingAttention()
              .withOptions(Readout.OPTION, Tokens.OPTION, Score.OPTION)
              .costing(cost(true)),
          AttentionGradients::new);

  /**
   * Constructs the method.
   *
   * @param model the model to explain
   * @param layerName the layers with attention weights, with commas between them, or null to find
   *     them
   * @param options the profile and the options that are set
   */
  public AttentionGradients(
      ExplainableModel model, @Nullable String layerName, MethodOptions options) {
    super(PROVIDER.description(), model, layerName, options);
  }

  /** {@return a builder with AUCMEDI's defaults} */
  public static MethodBuilder<AttentionGradients> builder() {
    return PROVIDER.builder();
  }

  @Override
  protected double[][] matrix(float[][][] weights, float[][][] gradients) {
    int tokens = weights[0].length;
    double[][] matrix = new double[tokens][tokens];
    for (int p = 0; p < tokens; p++) {
      matrix[p][p] = 1;
      for (int q = 0; q < tokens; q++) {
        for (int h = 0; h < weights.length; h++) {
          double part = (double) weights[h][p][q] * gradients[h][p][q];
          matrix[p][q] += Math.max(0, part) / weights.length;
        }
      }
    }
    return matrix;
  }
}
