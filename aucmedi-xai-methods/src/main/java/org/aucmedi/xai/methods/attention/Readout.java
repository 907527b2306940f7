package org.aucmedi.xai.methods.attention;

import java.util.Arrays;
import org.aucmedi.xai.MethodOption;

/** Which tokens a network reads its classes from, and so which rows of the result are the map. */
public enum Readout {
  /** The first token, the class token, if there are more tokens than patches; else all patches. */
  AUTO,
  /** The mean of all patches; some networks that have a class token do not read it. */
  MEAN;

  /** The option that selects it. */
  public static final MethodOption<Readout> OPTION =
      MethodOption.ofEnum("readout", "the tokens that the classes are read from", Readout.class)
          .defaults(AUTO);

  /**
   * Returns the share of each token in what the classes are read from.
   *
   * @param tokens how many there are
   * @param patches how many of them, the last ones, are patches
   */
  double[] shares(int tokens, int patches) {
    double[] shares = new double[tokens];
    if (this == AUTO && tokens > patches) {
      shares[0] = 1;
    } else {
      Arrays.fill(shares, tokens - patches, tokens, 1.0 / patches);
    }
    return shares;
  }
}
