package org.aucmedi.xai.metrics;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;

/**
 * Scores against the share of pixels that have been exchanged.
 *
 * @param shares from 0 to 1, ascending; at least two
 * @param scores as many
 */
public record Curve(List<Double> shares, List<Double> scores) {

  /** Copies the lists. */
  public Curve {
    shares = List.copyOf(shares);
    scores = List.copyOf(scores);
    checkArgument(
        shares.size() == scores.size() && shares.size() >= 2,
        "a curve needs as many scores as shares and at least two, got %s and %s",
        scores.size(),
        shares.size());
  }

  /** {@return the area under the curve by the trapezoidal rule, divided by its width} */
  public double area() {
    double area = 0;
    for (int i = 1; i < scores.size(); i++) {
      area += (scores.get(i - 1) + scores.get(i)) / 2 * (shares.get(i) - shares.get(i - 1));
    }
    return area / (shares.get(shares.size() - 1) - shares.get(0));
  }

  /** {@return the mean of the scores} */
  public double mean() {
    return scores.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
  }
}
