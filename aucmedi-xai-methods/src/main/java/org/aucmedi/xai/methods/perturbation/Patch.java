package org.aucmedi.xai.methods.perturbation;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.array.Spacing;

/**
 * The size of a patch, or a stride: one number for all axes, or one for each; in pixels or in
 * millimetres.
 *
 * @param inMillimetres whether the lengths are millimetres; else they are pixels, whole numbers of
 *     at least 1
 * @param lengths one, two or three numbers, each positive
 */
public record Patch(boolean inMillimetres, double... lengths) {

  private static final String UNIT = "mm";

  /** Checks and copies the lengths. */
  public Patch {
    lengths = lengths.clone();
    checkArgument(
        lengths.length >= 1
            && lengths.length <= 3
            && Arrays.stream(lengths).allMatch(l -> l > 0 && l <= 1_000_000),
        "a patch has one to three sizes above 0, got %s",
        Arrays.toString(lengths));
    checkArgument(
        inMillimetres || Arrays.stream(lengths).allMatch(l -> l == Math.rint(l)),
        "a patch has whole numbers of pixels, got %s",
        Arrays.toString(lengths));
  }

  /**
   * Makes a size in pixels.
   *
   * @param sizes one, two or three numbers, each at least 1
   */
  public Patch(int... sizes) {
    this(false, Arrays.stream(sizes).asDoubleStream().toArray());
  }

  /**
   * Makes a size in millimetres.
   *
   * @param lengths one, two or three numbers, each positive
   * @return the size
   */
  public static Patch ofMillimetres(double... lengths) {
    return new Patch(true, lengths);
  }

  /**
   * Parses a size.
   *
   * @param text for instance {@code 16}, {@code 16x8}, {@code 10mm} or {@code 5x10x10mm}
   * @return the size
   * @throws IllegalArgumentException if the text is not a size
   */
  public static Patch parse(String text) {
    String lower = text.toLowerCase(Locale.ROOT).strip();
    if (!lower.endsWith(UNIT)) {
      return new Patch(Arrays.stream(lower.split("x", -1)).mapToInt(Integer::parseInt).toArray());
    }
    String numbers = lower.substring(0, lower.length() - UNIT.length()).strip();
    return ofMillimetres(
        Arrays.stream(numbers.split("x", -1)).mapToDouble(Double::parseDouble).toArray());
  }

  /**
   * {@return the numbers of pixels}
   *
   * @throws IllegalStateException if the lengths are millimetres
   */
  public int[] sizes() {
    if (inMillimetres) {
      throw new IllegalStateException(this + " is no number of pixels");
    }
    return Arrays.stream(lengths).mapToInt(l -> (int) l).toArray();
  }

  /**
   * Returns one number of pixels per axis.
   *
   * @param rank the number of axes
   * @return the sizes
   * @throws IllegalArgumentException if there are sizes for another number of axes
   * @throws IllegalStateException if the lengths are millimetres
   */
  public int[] along(int rank) {
    int[] own = sizes();
    double[] all = each(rank);
    return own.length == rank ? own : Arrays.stream(all).mapToInt(l -> (int) l).toArray();
  }

  private double[] each(int rank) {
    checkArgument(
        lengths.length == 1 || lengths.length == rank,
        "the image has %s axes, and %s sizes are given: %s",
        rank,
        lengths.length,
        this);
    double[] all = Arrays.copyOf(lengths, rank);
    if (lengths.length == 1) {
      Arrays.fill(all, lengths[0]);
    }
    return all;
  }

  /**
   * Returns how many positions this size takes along each axis of an image. Millimetres are divided
   * by the spacing and rounded, to at least 1.
   *
   * @param axes the axes of the image
   * @return the numbers of positions
   * @throws IllegalArgumentException if there are sizes for another number of axes, or the lengths
   *     are millimetres and the image's spacing is not known
   */
  int[] positionsOf(BatchAxes axes) {
    int rank = axes.spatialSizes().length;
    if (!inMillimetres) {
      return along(rank);
    }
    double[] all = each(rank);
    double[] spacing = spacingOf(axes);
    int[] positions = new int[rank];
    Arrays.setAll(positions, a -> (int) Math.max(1, Math.round(all[a] / spacing[a])));
    return positions;
  }

  /**
   * Returns how many cells an image is divided into along each axis, at most one for each position:
   * this number of them, or, of millimetres, as many cells of about this size as fit.
   *
   * @param axes the axes of the image
   * @return the numbers of cells
   * @throws IllegalArgumentException as for {@link #positionsOf}
   */
  int[] cellsOf(BatchAxes axes) {
    int[] sizes = axes.spatialSizes();
    double[] all = each(sizes.length);
    double[] spacing = inMillimetres ? spacingOf(axes) : new double[0];
    int[] cells = new int[sizes.length];
    for (int a = 0; a < cells.length; a++) {
      double wanted = inMillimetres ? sizes[a] * spacing[a] / all[a] : all[a];
      cells[a] = (int) Math.max(1, Math.min(sizes[a], Math.round(wanted)));
    }
    return cells;
  }

  private double[] spacingOf(BatchAxes axes) {
    Spacing spacing = axes.spacing();
    checkArgument(
        spacing != null,
        "%s needs the size of the image's pixels, which its file does not tell; give the size in"
            + " pixels",
        this);
    return spacing.millimetres();
  }

  @Override
  public double[] lengths() {
    return lengths.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Patch patch
        && inMillimetres == patch.inMillimetres
        && Arrays.equals(lengths, patch.lengths);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(lengths);
  }

  @Override
  public String toString() {
    return Arrays.stream(lengths)
            .mapToObj(l -> l == Math.rint(l) ? Long.toString((long) l) : Double.toString(l))
            .collect(Collectors.joining("x"))
        + (inMillimetres ? UNIT : "");
  }
}
