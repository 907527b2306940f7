package org.aucmedi.xai.methods.segmentation;

import org.aucmedi.xai.array.BatchAxes;

/** A way to divide an image or a volume into superpixels. */
@FunctionalInterface
public interface Segmentation {

  /**
   * Divides an image. Equal images are divided equally; values that are not finite count as zero.
   *
   * @param image its values, row-major; not changed
   * @param axes the axes of a batch of one
   * @return the superpixels
   */
  Superpixels segment(float[] image, BatchAxes axes);
}
