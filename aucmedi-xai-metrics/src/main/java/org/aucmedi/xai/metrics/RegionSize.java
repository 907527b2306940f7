package org.aucmedi.xai.metrics;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * How large the object is in its image, since methods that find large ones may miss small ones (A.
 * Saporta et al., <a href="https://doi.org/10.1038/s42256-022-00536-x">Benchmarking saliency
 * methods for chest X-ray interpretation</a>, 2022).
 */
public enum RegionSize {
  /** Nothing is there: the mask is empty. */
  NONE,
  /** Less than the first bound. */
  SMALL,
  /** From the first bound to less than the second. */
  MEDIUM,
  /** The second bound or more. */
  LARGE;

  /** The bounds that are used unless others are given: 1 % and 10 % of the image. */
  public static final Bounds DEFAULT_BOUNDS = new Bounds(0.01, 0.1);

  /**
   * Where one size ends and the next begins.
   *
   * @param medium the share of the image, from which on an object is medium; above 0
   * @param large from which on it is large; above medium, below 1
   */
  public record Bounds(double medium, double large) {

    /** Checks the bounds. */
    public Bounds {
      checkArgument(
          medium > 0 && medium < large && large < 1,
          "two bounds are shares of the image, ascending, above 0 and below 1, got %s and %s",
          medium,
          large);
    }
  }

  /**
   * Tells the size of an object.
   *
   * @param region for each position whether it is there; at least one
   * @param bounds between the sizes
   * @return its size
   * @throws IllegalArgumentException if there are no positions
   */
  public static RegionSize of(boolean[] region, Bounds bounds) {
    double share = PointingGame.chance(region);
    if (share == 0) {
      return NONE;
    }
    return share < bounds.medium ? SMALL : share < bounds.large ? MEDIUM : LARGE;
  }
}
