package org.aucmedi.xai;

/** How the attributions of a position's channels become one value. */
public enum ChannelReduction {
  /** The largest value, sign kept; the raw map may be negative. AUCMEDI's. */
  MAX {
    @Override
    float join(float soFar, float value) {
      return Math.max(soFar, value);
    }
  },
  /** The largest magnitude; the raw map is at least 0. */
  ABS_MAX {
    @Override
    float join(float soFar, float value) {
      return Math.max(soFar, Math.abs(value));
    }
  },
  /** The sum; what is conserved over channels stays conserved. */
  SUM {
    @Override
    float join(float soFar, float value) {
      return soFar + value;
    }
  };

  abstract float join(float soFar, float value);

  float start() {
    return this == MAX ? Float.NEGATIVE_INFINITY : 0;
  }

  /**
   * Makes the option that chooses between them; AUCMEDI's default is {@link #MAX}.
   *
   * @param paper the default of the method's paper
   * @return the option
   */
  public static MethodOption<ChannelReduction> option(ChannelReduction paper) {
    return MethodOption.ofEnum(
            "channels", "how the values of a pixel's channels become one", ChannelReduction.class)
        .alias("signed", MAX)
        .alias("absolute", ABS_MAX)
        .defaults(MAX, paper);
  }
}
