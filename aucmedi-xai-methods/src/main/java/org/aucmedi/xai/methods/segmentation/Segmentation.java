package org.aucmedi.xai.methods.segmentation;

import org.aucmedi.xai.array.BatchAxes;

/** A way to divide an image or a volume into superpixels. */
@FunctionalInterface
public interface Segmentation {

  /**
   * Segments an image, deterministically. Non-finite values count as zero.
   *
   * @param image the image's values, row-major; not modified
   * @param axes the axes of a batch of one; with a spacing, distances are in millimetres, else in
   *     positions
   * @return the superpixels
   */
  Superpixels segment(float[] image, BatchAxes axes);
}
