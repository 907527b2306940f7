package org.aucmedi.xai.model;

import static com.google.common.base.Preconditions.checkArgument;

import org.jspecify.annotations.Nullable;

/**
 * The rules of layer-wise relevance propagation for a network.
 *
 * @param input for the layers that take the input, or null if they have no rule of their own
 * @param convolution for convolutions
 * @param dense for dense layers
 */
public record RelevanceRules(
    @Nullable PropagationRule input, PropagationRule convolution, PropagationRule dense) {

  /** Checks that each rule is in its place. */
  public RelevanceRules {
    checkArgument(input == null || input.ofInput(), "%s is not a rule for the input only", input);
    checkArgument(!convolution.ofInput(), "%s is a rule for the input only", convolution);
    checkArgument(!dense.ofInput(), "%s is a rule for the input only", dense);
  }

  /**
   * Uses one rule for all layers.
   *
   * @param rule the rule
   * @return the rules
   */
  public static RelevanceRules all(PropagationRule rule) {
    return new RelevanceRules(null, rule, rule);
  }
}
