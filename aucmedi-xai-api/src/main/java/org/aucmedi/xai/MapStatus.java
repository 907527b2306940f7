package org.aucmedi.xai;

/** Caveats to check before trusting a heatmap. */
public enum MapStatus {
  /** Nothing unusual. */
  OK("ok"),
  /** The map is constant, possibly only after clipping to [0, 1], and carries no information. */
  FLAT("flat: every position has the same value"),
  /** Every gradient is zero, for instance because the output is saturated; so is the heatmap. */
  ZERO_GRADIENT("zero gradient: the score does not respond to small changes"),
  /** The prediction or the raw map is NaN or infinite; the heatmap is zero everywhere. */
  NON_FINITE("not finite: the model or the method returned NaN or infinity"),
  /** The method did not reach its target accuracy; use more steps or samples. */
  NOT_CONVERGED("not converged: use more steps or samples"),
  /** The parts do not add up to what they are parts of, by a rule that should conserve it. */
  NOT_CONSERVED("not conserved: the parts do not add up to the score"),
  /** Most of what the map shows is the noise of sampling; another random seed gives another map. */
  UNSTABLE("unstable: another random seed gives another map; use more samples"),
  /** Most of the highest values lie outside the body that a mask shows. */
  OUTSIDE_BODY("outside the body: most of the highest values lie outside the given mask"),
  /** The score does not drop where all of the image is filled in, so a drop says little. */
  FILL_WITHOUT_EFFECT("fill without effect: the score does not drop when all is filled in");

  private final String description;

  MapStatus(String description) {
    this.description = description;
  }

  /** {@return what the status means, a short phrase} */
  public String description() {
    return description;
  }

  /** A status visible in the values takes precedence over the method's own. */
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
