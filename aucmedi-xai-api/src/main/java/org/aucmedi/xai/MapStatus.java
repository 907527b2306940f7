package org.aucmedi.xai;

/** Caveats to check before trusting a heatmap. */
public enum MapStatus {
  /** Nothing unusual. */
  OK("ok"),
  /** The map is constant, if only after it was cut to [0, 1], and says nothing. */
  FLAT("flat: every position counts the same"),
  /** Every gradient is zero, as with a saturated output; the heatmap is zero everywhere. */
  ZERO_GRADIENT("zero gradient: the score does not react to small changes"),
  /** The prediction or the raw map is NaN or infinite; the heatmap is zero everywhere. */
  NON_FINITE("not finite: the model or the method returned NaN or infinity"),
  /** The method has not reached the accuracy it promises; more steps or samples are needed. */
  NOT_CONVERGED("not converged: take more steps or samples");

  private final String description;

  MapStatus(String description) {
    this.description = description;
  }

  /** {@return what the status means, a short phrase} */
  public String description() {
    return description;
  }

  /** What can be seen of a map comes first; what only the method knows is kept. */
  static MapStatus of(float[] values, MapStatus known) {
    float min = values[0];
    float max = values[0];
    for (float value : values) {
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
    if (!Float.isFinite(max - min)) {
      return NON_FINITE;
    }
    return min == max && known == OK ? FLAT : known;
  }

  /**
   * {@return whether all values are finite}
   *
   * @param values the values
   */
  public static boolean allFinite(float[] values) {
    for (float value : values) {
      if (!Float.isFinite(value)) {
        return false;
      }
    }
    return true;
  }
}
