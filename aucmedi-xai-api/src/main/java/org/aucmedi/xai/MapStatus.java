package org.aucmedi.xai;

/** What is to be known about a heatmap before it is believed. */
public enum MapStatus {
  /** Nothing unusual. */
  OK("ok"),
  /** The map is constant, if only after it was cut to [0, 1], and says nothing. */
  FLAT("flat: every place counts the same"),
  /** Every gradient is zero, as with a saturated output; the heatmap is zero everywhere. */
  ZERO_GRADIENT("zero gradient: the score does not react to small changes"),
  /** The prediction or the raw map is NaN or infinite; the heatmap is zero everywhere. */
  NON_FINITE("not finite: the prediction or the map is NaN or infinite"),
  /** The method has not reached the accuracy it promises; more steps or samples are needed. */
  NOT_CONVERGED("not converged: take more steps or samples");

  private final String description;

  MapStatus(String description) {
    this.description = description;
  }

  /**
   * Returns what the status means.
   *
   * @return a short phrase
   */
  public String description() {
    return description;
  }
}
