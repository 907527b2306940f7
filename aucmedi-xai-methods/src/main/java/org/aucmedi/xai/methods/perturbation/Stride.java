package org.aucmedi.xai.methods.perturbation;

import java.util.Optional;

/**
 * The distance from patch to patch.
 *
 * @param size the distance along each axis, or nothing for the size of the patch
 */
public record Stride(Optional<Patch> size) {

  /** From patch to patch without overlap. */
  public static final Stride PATCH = new Stride(Optional.empty());

  /**
   * Makes a stride.
   *
   * @param sizes one for all axes, or one for each
   * @return the stride
   * @throws IllegalArgumentException if one is not positive
   */
  public static Stride of(int... sizes) {
    return new Stride(Optional.of(new Patch(sizes)));
  }

  /**
   * Parses a stride.
   *
   * @param text {@code patch}, or a size such as {@code 8} or {@code 8x4}
   * @return the stride
   * @throws IllegalArgumentException if the text is not a stride
   */
  public static Stride parse(String text) {
    return text.equalsIgnoreCase("patch") ? PATCH : new Stride(Optional.of(Patch.parse(text)));
  }

  @Override
  public String toString() {
    return size.map(Object::toString).orElse("patch");
  }
}
