package org.aucmedi.xai.array;

import org.jspecify.annotations.Nullable;

/** The spacing of each image of a batch, where it is known. */
@FunctionalInterface
public interface Spacings {

  /** Knows none, as for pictures. */
  Spacings UNKNOWN = image -> null;

  /**
   * {@return the spacing of an image as the model gets it, or null if it is not known}
   *
   * @param image its index in the batch, from 0
   */
  @Nullable Spacing of(int image);
}
