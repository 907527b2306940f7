package org.aucmedi.xai.methods.perturbation;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The size of a patch, or a stride: one number for all axes, or one for each.
 *
 * @param sizes one, two or three numbers, each at least 1
 */
public record Patch(int... sizes) {

  /** Checks and copies the sizes. */
  public Patch {
    sizes = sizes.clone();
    checkArgument(
        sizes.length >= 1
            && sizes.length <= 3
            && Arrays.stream(sizes).allMatch(size -> size >= 1 && size <= 1_000_000),
        "a patch has one to three sizes of at least 1, got %s",
        Arrays.toString(sizes));
  }

  /**
   * Parses a size.
   *
   * @param text for instance {@code 16} or {@code 16x8}
   * @return the size
   * @throws IllegalArgumentException if the text is not a size
   */
  public static Patch parse(String text) {
    return new Patch(
        Arrays.stream(text.toLowerCase(Locale.ROOT).split("x", -1))
            .mapToInt(Integer::parseInt)
            .toArray());
  }

  /**
   * Returns one size per axis.
   *
   * @param rank the number of axes
   * @return the sizes
   * @throws IllegalArgumentException if there are sizes for another number of axes
   */
  public int[] along(int rank) {
    checkArgument(
        sizes.length == 1 || sizes.length == rank,
        "the image has %s axes, and %s sizes are given: %s",
        rank,
        sizes.length,
        this);
    int[] all = Arrays.copyOf(sizes, rank);
    if (sizes.length == 1) {
      Arrays.fill(all, sizes[0]);
    }
    return all;
  }

  @Override
  public int[] sizes() {
    return sizes.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Patch patch && Arrays.equals(sizes, patch.sizes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(sizes);
  }

  @Override
  public String toString() {
    return Arrays.stream(sizes).mapToObj(Integer::toString).collect(Collectors.joining("x"));
  }
}
