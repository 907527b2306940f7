package org.aucmedi.xai.methods.attention;

import org.aucmedi.xai.MethodOption;

/** How the attention weights of a block's heads become one matrix. */
public enum HeadFusion {
  /** The mean, the paper's: a head counts as much as another. */
  MEAN,
  /** The largest: a token is attended to if one head does. */
  MAX,
  /** The smallest: a token is attended to if every head does. */
  MIN;

  /** The option that selects it. */
  public static final MethodOption<HeadFusion> OPTION =
      MethodOption.ofEnum(
              "heads", "how the weights of a block's heads become one", HeadFusion.class)
          .defaults(MEAN);

  /**
   * Joins the heads.
   *
   * @param heads the weights, {@code [head][from][to]}
   * @return one matrix, {@code [from][to]}
   */
  double[][] join(float[][][] heads) {
    int tokens = heads[0].length;
    double[][] joined = new double[tokens][tokens];
    for (int p = 0; p < tokens; p++) {
      for (int q = 0; q < tokens; q++) {
        double value = heads[0][p][q];
        for (int h = 1; h < heads.length; h++) {
          value = join(value, heads[h][p][q]);
        }
        joined[p][q] = this == MEAN ? value / heads.length : value;
      }
    }
    return joined;
  }

  private double join(double soFar, double value) {
    return switch (this) {
      case MEAN -> soFar + value;
      case MAX -> Math.max(soFar, value);
      case MIN -> Math.min(soFar, value);
    };
  }
}
