package org.aucmedi.xai.methods.cam;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.aucmedi.xai.MethodOption;

/**
 * How a transformer's tokens (N, tokens, features) lie on the image: as a grid of patches, in
 * row-major order, after tokens that belong to no patch, such as the class token.
 *
 * @param grid the number of patches along each spatial axis, or nothing to find it from the shapes
 */
public record Tokens(Optional<int[]> grid) {

  /** Finds the grid from the number of tokens and the shape of the image. */
  public static final Tokens AUTO = new Tokens(Optional.empty());

  /** The option that says how. */
  public static final MethodOption<Tokens> OPTION =
      MethodOption.of(
              "tokens",
              "grid of a transformer's tokens on the image",
              Tokens.class,
              "auto, or a grid such as 14x14",
              Tokens::parse)
          .defaults(AUTO);

  /**
   * Reads a grid.
   *
   * @param text {@code auto}, or the patches along each axis, such as {@code 14x14}
   * @return the grid
   * @throws IllegalArgumentException if it is none
   */
  public static Tokens parse(String text) {
    if (text.equalsIgnoreCase("auto")) {
      return AUTO;
    }
    int[] sizes =
        Arrays.stream(text.toLowerCase(Locale.ROOT).split("x", -1))
            .mapToInt(Integer::parseInt)
            .toArray();
    checkArgument(
        (sizes.length == 2 || sizes.length == 3) && Arrays.stream(sizes).allMatch(s -> s >= 1));
    return new Tokens(Optional.of(sizes));
  }

  /**
   * Finds the grid of an image.
   *
   * <p>Without a given grid the patches are cubes that divide the image without rest, and there is
   * one token for each, or one more, the class token. So 197 tokens of a square image are 14 x 14
   * and the class token.
   *
   * @param tokens how many there are
   * @param image the spatial sizes of the image
   * @return the patches along each axis, at most as many as there are tokens, or nothing if there
   *     is no such grid or more than one
   */
  public Optional<int[]> find(int tokens, int[] image) {
    if (grid.isPresent()) {
      return grid.filter(given -> given.length == image.length && product(given) <= tokens);
    }
    Optional<int[]> exact = gridOf(tokens, image);
    return exact.isPresent() ? exact : gridOf(tokens - 1, image);
  }

  private static Optional<int[]> gridOf(int patches, int[] image) {
    for (int side = 1; side <= Arrays.stream(image).min().orElse(0); side++) {
      int length = side;
      if (Arrays.stream(image).allMatch(size -> size % length == 0)) {
        int[] sizes = Arrays.stream(image).map(size -> size / length).toArray();
        if (patches > 1 && product(sizes) == patches) {
          return Optional.of(sizes);
        }
      }
    }
    return Optional.empty();
  }

  private static long product(int[] sizes) {
    return Arrays.stream(sizes).asLongStream().reduce(1, (a, b) -> a * b);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Tokens that && Arrays.equals(grid.orElse(null), that.grid.orElse(null));
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(grid.orElse(null));
  }

  @Override
  public String toString() {
    return grid.map(
            sizes ->
                Arrays.stream(sizes).mapToObj(String::valueOf).collect(Collectors.joining("x")))
        .orElse("auto");
  }
}
