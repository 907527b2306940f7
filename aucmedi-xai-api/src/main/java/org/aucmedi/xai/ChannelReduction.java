package org.aucmedi.xai;

/** How the attributions of all channels at a position are reduced to one value. */
public enum ChannelReduction {
  /** The largest value, with its sign; the raw map may be negative. Used by AUCMEDI. */
  MAX {
    @Override
    float join(float soFar, float value) {
      return Math.max(soFar, value);
    }
  },
  /** The largest magnitude; the raw map is never negative. */
  ABS_MAX {
    @Override
    float join(float soFar, float value) {
      return Math.max(soFar, Math.abs(value));
    }
  },
  /** The sum, which preserves the total attribution. */
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
   * Creates the option that selects the reduction; its AUCMEDI default is {@link #MAX}.
   *
   * @param paper the default of the method's paper
   * @return the option
   */
  public static MethodOption<ChannelReduction> option(ChannelReduction paper) {
    return MethodOption.ofEnum(
            "channels",
            "how the channels of a pixel are reduced to one value",
            ChannelReduction.class)
        .alias("signed", MAX)
        .alias("absolute", ABS_MAX)
        .defaults(MAX, paper);
  }
}
