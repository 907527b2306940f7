package org.aucmedi.xai.methods.segmentation;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.aucmedi.xai.array.BatchAxes;

/**
 * A grid with a given number of boxes along each axis. Position i of an axis with n positions and b
 * boxes is in box {@code floor(i * b / n)}; so 1x8 are eight vertical bands.
 *
 * @param counts how many boxes along each axis, each at least 1; none to leave the number to {@link
 *     Grid}
 */
public record Boxes(int... counts) implements Segmentation {

  /** Leaves the number of boxes to {@link Grid}. */
  public static final Boxes AUTO = new Boxes();

  private static final String NAME = "auto";

  /** Checks and copies the numbers. */
  public Boxes {
    counts = counts.clone();
    checkArgument(
        (counts.length == 0 || counts.length == 2 || counts.length == 3)
            && Arrays.stream(counts).allMatch(count -> count >= 1),
        "a grid has two or three numbers of boxes of at least 1, got %s",
        Arrays.toString(counts));
  }

  /**
   * Parses a grid.
   *
   * @param text {@code auto}, or the boxes along each axis, such as {@code 1x8} or {@code 4x4x4}
   * @return the grid
   * @throws IllegalArgumentException if the text is none of these
   */
  public static Boxes parse(String text) {
    return text.equalsIgnoreCase(NAME)
        ? AUTO
        : new Boxes(
            Arrays.stream(text.toLowerCase(Locale.ROOT).split("x", -1))
                .mapToInt(Integer::parseInt)
                .toArray());
  }

  /** Returns whether no numbers are given. */
  boolean isAuto() {
    return counts.length == 0;
  }

  /**
   * Returns how many boxes there are along each axis; an axis has no more boxes than positions.
   *
   * @param sizes the sizes of the axes
   * @throws IllegalArgumentException if there are numbers for another number of axes
   */
  int[] along(int[] sizes) {
    checkArgument(
        counts.length == sizes.length,
        "the image has %s axes and boxes=%s has %s; give a number for each axis",
        sizes.length,
        this,
        counts.length);
    int[] boxes = new int[sizes.length];
    Arrays.setAll(boxes, a -> Math.min(counts[a], sizes[a]));
    return boxes;
  }

  @Override
  public Superpixels segment(float[] image, BatchAxes axes) {
    int[] sizes = axes.spatialSizes();
    return Superpixels.of(Grid.cells(sizes, along(sizes)));
  }

  @Override
  public int[] counts() {
    return counts.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Boxes boxes && Arrays.equals(counts, boxes.counts);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(counts);
  }

  @Override
  public String toString() {
    return isAuto()
        ? NAME
        : Arrays.stream(counts).mapToObj(Integer::toString).collect(Collectors.joining("x"));
  }
}
