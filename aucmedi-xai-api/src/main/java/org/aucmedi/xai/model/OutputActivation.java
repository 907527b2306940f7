package org.aucmedi.xai.model;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.Locale;

/**
 * What a model's last operation makes of its logits. It is a property of the model, never read from
 * the numbers of one image: two sure sigmoids add up to 1 as a softmax does.
 */
public enum OutputActivation {
  /** {@code p_c = exp(z_c) / sum over j of exp(z_j)}: one class of several. */
  SOFTMAX,
  /** {@code log(p_c)} of a softmax. */
  LOG_SOFTMAX,
  /** {@code p_c = 1 / (1 + exp(-z_c))}, each unit by itself: several labels, or one yes or no. */
  SIGMOID,
  /** The outputs are the logits. */
  NONE,
  /** The engine cannot see it and nobody has said it. */
  UNKNOWN;

  /**
   * Reads the text form, as the command line takes it.
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
                    "'" + text + "' is no activation; use softmax, log-softmax, sigmoid or none"));
  }

  /** Returns the text form. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static OutputActivation checkKnown(OutputActivation activation) {
    checkArgument(activation != UNKNOWN, "an activation to set is a known one");
    return activation;
  }
}
