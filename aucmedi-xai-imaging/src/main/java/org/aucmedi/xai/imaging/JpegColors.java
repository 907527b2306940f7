package org.aucmedi.xai.imaging;

import java.awt.image.Raster;
import java.util.List;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.SampleType;

/**
 * Turns the components of a JPEG picture into grey or RGB, with the whole numbers of libjpeg and
 * Pillow. Four components are taken for inverted inks, as Adobe's programs store them.
 */
final class JpegColors {

  private static final int ONE = 1 << 16;

  /** What is added to Y is {@code factor * (chroma - 128)} (ITU-T T.871, section 7). */
  private static final int CR_TO_RED = (int) (1.402 * ONE + 0.5);

  private static final int CR_TO_GREEN = (int) (0.71414 * ONE + 0.5);
  private static final int CB_TO_GREEN = (int) (0.34414 * ONE + 0.5);
  private static final int CB_TO_BLUE = (int) (1.772 * ONE + 0.5);

  private static final List<Integer> RGB_LETTERS = List.of((int) 'R', (int) 'G', (int) 'B');

  private JpegColors() {}

  /**
   * Converts a picture.
   *
   * @param header says how the colours are stored
   * @param raster the components as stored, one, three or four
   * @return (H, W, 1) or (H, W, 3), 0 to 255
   */
  static ImageArray convert(JpegHeader header, Raster raster) {
    int stored = raster.getNumBands();
    int height = raster.getHeight();
    int width = raster.getWidth();
    int channels = stored == 1 ? 1 : 3;
    boolean ycc = isYcc(header, stored);
    float[] data = new float[height * width * channels];
    int[] row = new int[width * stored];
    double[] inks = new double[stored];
    for (int y = 0; y < height; y++) {
      raster.getPixels(0, y, width, 1, row);
      int target = y * width * channels;
      for (int source = 0; source < row.length; source += stored, target += channels) {
        if (ycc) {
          toRgb(row, source);
        }
        if (stored == 4) {
          toRgb(row, source, ycc, inks);
        }
        for (int c = 0; c < channels; c++) {
          data[target + c] = row[source + c];
        }
      }
    }
    return ImageArray.wrap(new int[] {height, width}, channels, data, SampleType.UINT8);
  }

  private static boolean isYcc(JpegHeader header, int components) {
    int adobe = header.adobeTransform();
    return switch (components) {
      case 3 ->
          header.jfif() || (adobe < 0 ? !header.components().equals(RGB_LETTERS) : adobe != 0);
      case 4 -> adobe > 0;
      default -> false;
    };
  }

  private static void toRgb(int[] row, int at) {
    int luma = row[at];
    int cb = row[at + 1] - 128;
    int cr = row[at + 2] - 128;
    row[at] = clamp(luma + ((CR_TO_RED * cr + ONE / 2) >> 16));
    row[at + 1] = clamp(luma + ((ONE / 2 - CB_TO_GREEN * cb - CR_TO_GREEN * cr) >> 16));
    row[at + 2] = clamp(luma + ((CB_TO_BLUE * cb + ONE / 2) >> 16));
  }

  private static int clamp(int value) {
    return Math.max(0, Math.min(255, value));
  }

  /** The colours of YCCK are the opposite of inks already, and the inks are stored inverted. */
  private static void toRgb(int[] row, int at, boolean ycck, double[] inks) {
    for (int c = 0; c < 4; c++) {
      inks[c] = ycck && c < 3 ? row[at + c] : 255 - row[at + c];
    }
    Inks.toRgb(inks, true);
    for (int c = 0; c < 3; c++) {
      row[at + c] = (int) inks[c];
    }
  }
}
