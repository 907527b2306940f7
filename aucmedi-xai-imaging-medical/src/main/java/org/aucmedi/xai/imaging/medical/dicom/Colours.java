package org.aucmedi.xai.imaging.medical.dicom;

/** Converts stored colours to RGB (PS3.3 section C.7.6.3.1.2). */
final class Colours {

  private static final int[][] PALETTE = {
    {
      Tags.RED_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
      Tags.RED_PALETTE_COLOR_LOOKUP_TABLE_DATA,
      Tags.SEGMENTED_RED_PALETTE_COLOR_LOOKUP_TABLE_DATA
    },
    {
      Tags.GREEN_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
      Tags.GREEN_PALETTE_COLOR_LOOKUP_TABLE_DATA,
      Tags.SEGMENTED_GREEN_PALETTE_COLOR_LOOKUP_TABLE_DATA
    },
    {
      Tags.BLUE_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
      Tags.BLUE_PALETTE_COLOR_LOOKUP_TABLE_DATA,
      Tags.SEGMENTED_BLUE_PALETTE_COLOR_LOOKUP_TABLE_DATA
    }
  };

  private Colours() {}

  /**
   * Converts YCbCr of the full range to RGB in place, as ITU-R 601 defines it.
   *
   * @param values Y, Cb and Cr of each pixel
   * @param bits the bits of a value
   */
  static void yccToRgb(int[] values, int bits) {
    double centre = 1 << (bits - 1);
    int max = (1 << bits) - 1;
    for (int i = 0; i + 2 < values.length; i += 3) {
      double y = values[i];
      double cb = values[i + 1] - centre;
      double cr = values[i + 2] - centre;
      values[i] = clamped(y + 1.402 * cr, max);
      values[i + 1] = clamped(y - 0.344136286 * cb - 0.714136286 * cr, max);
      values[i + 2] = clamped(y + 1.772 * cb, max);
    }
  }

  private static int clamped(double value, int max) {
    return (int) Math.max(0, Math.min(max, Math.rint(value)));
  }

  /**
   * Looks up colours of a palette.
   *
   * @param indices a stored value per pixel
   * @param data has the palette
   * @param signed whether stored values are signed
   * @return red, green and blue of each pixel, 0 to 255; the upper byte of entries of 16 bits
   * @throws IllegalArgumentException if the palette is missing or damaged
   */
  static int[] ofPalette(int[] indices, DataSet data, boolean signed) {
    int[] rgb = new int[Math.multiplyExact(3, indices.length)];
    for (int colour = 0; colour < 3; colour++) {
      int[] tags = PALETTE[colour];
      LookupTable table =
          data.contains(tags[2])
              ? LookupTable.ofSegments(data, tags[0], tags[2], signed)
              : LookupTable.of(data, tags[0], tags[1], signed);
      // Some writers claim 16 bits and store 8.
      int shift = table.max() > 0xff ? table.bits() - Byte.SIZE : 0;
      for (int i = 0; i < indices.length; i++) {
        rgb[3 * i + colour] = table.get(indices[i]) >> Math.max(0, shift);
      }
    }
    return rgb;
  }
}
