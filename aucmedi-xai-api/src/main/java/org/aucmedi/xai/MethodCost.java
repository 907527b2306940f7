package org.aucmedi.xai;

import static com.google.common.base.Preconditions.checkArgument;

import org.aucmedi.xai.array.Spacing;
import org.jspecify.annotations.Nullable;

/** How many passes of the model a method takes, known before it runs. */
@FunctionalInterface
public interface MethodCost {

  /**
   * Passes of one image.
   *
   * @param forward passes from the input to the outputs
   * @param backward passes from an output back
   */
  record Passes(long forward, long backward) {

    /** Checks the numbers. */
    public Passes {
      checkArgument(
          forward >= 0 && backward >= 0,
          "passes cannot be negative, got %s, %s",
          forward,
          backward);
    }

    /**
     * Adds passes.
     *
     * @param other the others
     * @return the sum
     */
    public Passes plus(Passes other) {
      return new Passes(forward + other.forward, backward + other.backward);
    }
  }

  /**
   * Counts the passes of an image, besides those that happen once per run, such as a look at the
   * layers.
   *
   * @param options the method's options
   * @param sizes the spatial sizes that the model gets, two or three
   * @param maps how many maps of the image are asked for
   * @return the passes; more than the method takes only where that depends on the image, and an
   *     estimate where the number of superpixels, or of a transformer's blocks, does
   */
  Passes of(MethodOptions options, int[] sizes, int maps);

  /**
   * Counts the passes of an image whose pixels may have a size; override it where options are in
   * millimetres.
   *
   * @param options the method's options
   * @param sizes the spatial sizes that the model gets, two or three
   * @param spacing the distances of its pixels, or null if they are not known
   * @param maps how many maps of the image are asked for
   * @return the passes
   * @throws IllegalArgumentException if an option is in millimetres and the spacing is not known
   */
  default Passes of(MethodOptions options, int[] sizes, @Nullable Spacing spacing, int maps) {
    return of(options, sizes, maps);
  }
}
