package org.aucmedi.xai.model;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * How a layer {@code y_k = b_k + sum over j of x_j w_jk} shares the relevance R_k of its outputs
 * among its inputs, in layer-wise relevance propagation. What falls to the bias goes no further.
 *
 * <p>Below, {@code z_jk = x_j w_jk}; a plus or a minus takes the positive or the negative ones, the
 * bias among them.
 *
 * <p>Papers: S. Bach et al., <a href="https://doi.org/10.1371/journal.pone.0130140">On Pixel-Wise
 * Explanations for Non-Linear Classifier Decisions by Layer-Wise Relevance Propagation</a>, 2015
 * (epsilon, alpha-beta, flat); G. Montavon et al., <a
 * href="https://arxiv.org/abs/1512.02479">Explaining NonLinear Classification Decisions with Deep
 * Taylor Decomposition</a>, 2017 (z+, box); G. Montavon et al., <a
 * href="https://doi.org/10.1007/978-3-030-28954-6_10">Layer-Wise Relevance Propagation: An
 * Overview</a>, 2019 (gamma).
 */
public sealed interface PropagationRule {

  /** {@return whether the rule is only for layers that take the input} */
  default boolean ofInput() {
    return false;
  }

  /**
   * {@code R_j = sum over k of z_jk / (y_k + epsilon sign(y_k)) R_k}.
   *
   * @param epsilon at least 0; takes relevance away where outputs are small
   */
  record Epsilon(double epsilon) implements PropagationRule {

    /** Checks the number. */
    public Epsilon {
      checkArgument(
          epsilon >= 0 && epsilon < Double.POSITIVE_INFINITY,
          "epsilon must be at least 0, got %s",
          epsilon);
    }
  }

  /**
   * {@code R_j = sum over k of (z_jk + gamma z_jk+) / (y_k + gamma sum over j of z_jk+) R_k}, as in
   * the paper, whose inputs and outputs are not negative. An output below zero has z- in the place
   * of z+, so that what agrees with the output always gains.
   *
   * @param gamma at least 0; 0 is LRP-0, and as it grows the rule becomes z+
   */
  record Gamma(double gamma) implements PropagationRule {

    /** Checks the number. */
    public Gamma {
      checkArgument(
          gamma >= 0 && gamma < Double.POSITIVE_INFINITY,
          "gamma must be at least 0, got %s",
          gamma);
    }
  }

  /**
   * {@code R_j = sum over k of (alpha z_jk+ / sum z_jk+ - beta z_jk- / sum z_jk-) R_k} with {@code
   * beta = alpha - 1}. Where an output has contributions of one sign only, these share all of its
   * relevance.
   *
   * @param alpha at least 1; 1 is the rule z+
   */
  record AlphaBeta(double alpha) implements PropagationRule {

    /** Checks the number. */
    public AlphaBeta {
      checkArgument(
          alpha >= 1 && alpha < Double.POSITIVE_INFINITY,
          "alpha must be at least 1, got %s",
          alpha);
    }

    /** {@return alpha - 1} */
    public double beta() {
      return alpha - 1;
    }
  }

  /** {@code R_j = sum over k of R_k / (number of inputs of k)}; only for the input. */
  record Flat() implements PropagationRule {

    @Override
    public boolean ofInput() {
      return true;
    }
  }

  /**
   * The rule z^B, {@code R_j = sum over k of (z_jk - low w_jk+ - high w_jk-) / (sum over j of the
   * same) R_k}; only for the input.
   *
   * @param low the smallest value that a pixel can have, in the units of the standardised image
   * @param high the largest
   */
  record Box(double low, double high) implements PropagationRule {

    /** Checks the bounds. */
    public Box {
      checkArgument(
          Double.isFinite(low) && Double.isFinite(high) && low < high,
          "the box needs two bounds with low < high, got %s and %s",
          low,
          high);
    }

    @Override
    public boolean ofInput() {
      return true;
    }
  }
}
