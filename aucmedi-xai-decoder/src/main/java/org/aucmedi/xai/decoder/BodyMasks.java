package org.aucmedi.xai.decoder;

import java.util.Optional;

/**
 * Where the body is in each image, and not the air, the table or a label burnt into the picture.
 */
@FunctionalInterface
public interface BodyMasks {

  /** Of no image. */
  BodyMasks NONE = (sample, shape) -> Optional.empty();

  /**
   * Returns the mask of an image.
   *
   * @param sample the sample's name
   * @param shape the sizes of the spatial axes of the image that maps lie on
   * @return one value per position, row-major, true in the body; empty if there is no mask
   * @throws org.aucmedi.xai.error.XAIException if the mask cannot be read, or has another size; the
   *     sample fails and the run continues
   */
  Optional<boolean[]> of(String sample, int[] shape);
}
