package org.aucmedi.xai.imaging;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.SampleType;

/** Takes the samples out of a PNG, BMP or GIF picture, as they are stored: no colour management. */
final class PictureSamples {

  private static final int RGB = 3;

  private PictureSamples() {}

  /**
   * Converts a picture; palettes are expanded, alpha is dropped.
   *
   * @param picture the picture
   * @return (H, W, 1) if it is grey, else (H, W, 3); 0 to 255, whole numbers unless samples are
   *     longer than 8 bits
   */
  static ImageArray of(BufferedImage picture) {
    return picture.getColorModel() instanceof IndexColorModel palette
        ? expand(picture.getRaster(), palette)
        : scale(picture.getRaster(), picture.getColorModel());
  }

  private static ImageArray expand(Raster raster, IndexColorModel palette) {
    int height = raster.getHeight();
    int width = raster.getWidth();
    float[] data = new float[height * width * RGB];
    int[] row = new int[width];
    for (int y = 0, target = 0; y < height; y++) {
      raster.getPixels(0, y, width, 1, row);
      for (int index : row) {
        data[target++] = palette.getRed(index);
        data[target++] = palette.getGreen(index);
        data[target++] = palette.getBlue(index);
      }
    }
    return ImageArray.wrap(new int[] {height, width}, RGB, data, SampleType.UINT8);
  }

  private static ImageArray scale(Raster raster, ColorModel model) {
    int height = raster.getHeight();
    int width = raster.getWidth();
    int channels = model.getColorSpace().getType() == ColorSpace.TYPE_GRAY ? 1 : RGB;
    float[] data = new float[height * width * channels];
    int[] row = new int[width];
    boolean bytes = true;
    for (int c = 0; c < channels; c++) {
      // The components may differ in length: 5, 6, 5 bits are common.
      int bits = model.getComponentSize(c);
      bytes &= bits <= Byte.SIZE;
      for (int y = 0; y < height; y++) {
        raster.getSamples(0, y, width, 1, c, row);
        int at = y * width * channels + c;
        for (int x = 0; x < width; x++, at += channels) {
          data[at] = bits == Byte.SIZE ? row[x] : scaled(row[x], bits);
        }
      }
    }
    return ImageArray.wrap(
        new int[] {height, width}, channels, data, bytes ? SampleType.UINT8 : SampleType.FLOAT);
  }

  /** A sample of some bits in units of 8-bit grey levels. */
  private static float scaled(int sample, int bits) {
    double value = sample * 255.0 / ((1 << bits) - 1);
    // Pillow cuts off what is shorter than 8 bits.
    return (float) (bits < Byte.SIZE ? Math.floor(value) : value);
  }
}
