package org.aucmedi.xai.testkit;

import org.aucmedi.xai.model.PropagationRule;

/**
 * How one output shares its relevance among its contributions, the bias last: the rules of {@link
 * PropagationRule} written out, one output at a time.
 */
final class Shares {

  private Shares() {}

  /**
   * Shares the relevance of an output.
   *
   * @param rule the rule
   * @param x the inputs
   * @param w their weights
   * @param bias the bias
   * @param relevance the relevance of the output
   * @return the relevance of each input, and that of the bias
   */
  static double[] of(PropagationRule rule, double[] x, double[] w, double bias, double relevance) {
    double[] z = new double[x.length + 1];
    double y = bias;
    z[x.length] = bias;
    for (int j = 0; j < x.length; j++) {
      z[j] = x[j] * w[j];
      y += z[j];
    }
    double[] shares = new double[z.length];
    if (rule instanceof PropagationRule.Epsilon epsilon) {
      add(shares, z, 0, y + (y >= 0 ? 1 : -1) * epsilon.epsilon(), relevance);
    } else if (rule instanceof PropagationRule.Gamma gamma) {
      int sign = y > 0 ? 1 : -1;
      double sum = y + gamma.gamma() * sum(z, sign);
      add(shares, z, 0, sum, relevance);
      add(shares, z, sign, sum, gamma.gamma() * relevance);
    } else if (rule instanceof PropagationRule.AlphaBeta both) {
      double above = sum(z, 1);
      double below = sum(z, -1);
      double alpha = above == 0 ? 0 : below == 0 ? 1 : both.alpha();
      add(shares, z, 1, above, alpha * relevance);
      add(shares, z, -1, below, (1 - alpha) * relevance);
    } else {
      for (int j = 0; j < x.length; j++) {
        z[j] =
            rule instanceof PropagationRule.Box box
                ? z[j] - box.low() * Math.max(0, w[j]) - box.high() * Math.min(0, w[j])
                : 1;
      }
      z[x.length] = 0;
      add(shares, z, 0, sum(z, 0), relevance);
    }
    return shares;
  }

  private static double sum(double[] z, int sign) {
    double sum = 0;
    for (double part : z) {
      sum += sign * part < 0 ? 0 : part;
    }
    return sum;
  }

  /** Adds the shares of the parts of one sign, or of all of them. */
  private static void add(double[] shares, double[] z, int sign, double sum, double relevance) {
    for (int j = 0; j < z.length && sum != 0; j++) {
      shares[j] += sign * z[j] < 0 ? 0 : z[j] / sum * relevance;
    }
  }
}
