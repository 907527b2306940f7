package org.aucmedi.xai.model;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.Locale;

/**
 * The activation at the end of a model. It is a property of the model and cannot be inferred from
 * the outputs for one image: two saturated sigmoids can add up to 1 like a softmax.
 */
public enum OutputActivation {
  /** {@code p_c = exp(z_c) / sum over j of exp(z_j)}: one class of several. */
  SOFTMAX,
  /** {@code log(p_c)} of a softmax. */
  LOG_SOFTMAX,
  /**
   * {@code p_c = 1 / (1 + exp(-z_c))}, for each unit independently: multi-label or binary
   * classification.
   */
  SIGMOID,
  /** The outputs are the logits. */
  NONE,
  /** Neither visible to the engine nor set by the caller. */
  UNKNOWN;

  /**
   * Parses the text form, as used on the command line.
   *
   * @param text softmax, log-softmax, sigmoid or none
   * @return the activation
   * @throws IllegalArgumentException if it is none of these
   */
  public static OutputActivation of(String text) {
    return Arrays.stream(values())
        .filter(value -> value != UNKNOWN && value.toString().equals(text.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "'"
                        + text
                        + "' is not an activation; use softmax, log-softmax, sigmoid or none"));
  }

  /** Returns the text form. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static OutputActivation checkKnown(OutputActivation activation) {
    checkArgument(activation != UNKNOWN, "the activation must not be unknown");
    return activation;
  }
}
