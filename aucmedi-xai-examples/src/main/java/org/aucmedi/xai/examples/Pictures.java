package org.aucmedi.xai.examples;

import java.awt.image.BufferedImage;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.Overlay;

/** Draws the tiles of a contact sheet. */
final class Pictures {

  private static final int OUTLINE = 0x00e000;

  private Pictures() {}

  /** The image as it is. */
  static BufferedImage plain(ImageArray image) {
    return Overlay.blend(image, new float[image.spatialShape()[0] * image.spatialShape()[1]], 0);
  }

  /** The image with the border of a mask drawn in green. */
  static BufferedImage outlined(ImageArray image, boolean[] mask) {
    BufferedImage picture = plain(image);
    int width = picture.getWidth();
    for (int i = 0; i < mask.length; i++) {
      boolean interior =
          mask[i] && mask[i - 1] && mask[i + 1] && mask[i - width] && mask[i + width];
      if (mask[i] && !interior) {
        picture.setRGB(i % width, i / width, OUTLINE);
      }
    }
    return picture;
  }
}
