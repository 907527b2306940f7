package org.aucmedi.xai.array;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The distances of neighbouring pixels of an image, in millimetres.
 *
 * @param millimetres one for each spatial axis, in the order of the axes: of a volume those of
 *     slices, rows and columns; each positive
 */
public record Spacing(double... millimetres) {

  /** Checks and copies the distances. */
  public Spacing {
    millimetres = millimetres.clone();
    checkArgument(
        Arrays.stream(millimetres).allMatch(s -> s > 0 && Double.isFinite(s)),
        "a spacing must be positive numbers, got %s",
        Arrays.toString(millimetres));
  }

  /**
   * {@return the spacing of an image, or null if it has no {@linkplain ImageArray#geometry
   * geometry}}
   *
   * @param image the image; one that was resized has larger or smaller pixels
   */
  public static @Nullable Spacing of(ImageArray image) {
    Geometry geometry = image.geometry();
    if (geometry == null) {
      return null;
    }
    // x is the last axis.
    double[] xyz = geometry.spacing();
    double[] own = new double[image.spatialRank()];
    Arrays.setAll(own, axis -> xyz[own.length - 1 - axis]);
    return new Spacing(own);
  }

  @Override
  public double[] millimetres() {
    return millimetres.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Spacing spacing && Arrays.equals(millimetres, spacing.millimetres);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(millimetres);
  }

  @Override
  public String toString() {
    return Arrays.toString(millimetres) + " mm";
  }
}
