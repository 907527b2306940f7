package org.aucmedi.xai.imaging.medical.dicom;

import org.jspecify.annotations.Nullable;

/**
 * Stored values to values of the modality, such as Hounsfield units (PS3.3 section C.11.1): a
 * table, or a slope and an intercept.
 *
 * @param slope what a stored value is multiplied by
 * @param intercept what is added then
 * @param table the table, which takes the place of both, or null
 */
record ModalityTransform(double slope, double intercept, @Nullable LookupTable table) {

  /**
   * Reads the transform; without any, values stay.
   *
   * @param header the elements of a frame
   * @param signed whether stored values are signed
   */
  static ModalityTransform of(DataSet header, boolean signed) {
    DataSet lut = header.item(Tags.MODALITY_LUT_SEQUENCE);
    LookupTable table =
        lut.contains(Tags.LUT_DATA)
            ? LookupTable.of(lut, Tags.LUT_DESCRIPTOR, Tags.LUT_DATA, signed)
            : null;
    double slope = header.number(Tags.RESCALE_SLOPE).orElse(1);
    return new ModalityTransform(slope, header.number(Tags.RESCALE_INTERCEPT).orElse(0), table);
  }

  boolean isIdentity() {
    return table == null && slope == 1 && intercept == 0;
  }

  double apply(double stored) {
    return table == null ? slope * stored + intercept : table.get(stored);
  }

  /**
   * {@return the sum of the values of the darkest and the brightest pixel that can be stored; that
   * minus a value is its negative image}
   */
  double mirror(PixelFormat format) {
    if (table != null) {
      return (double) table.min() + table.max();
    }
    // The lowest and the highest of n bits sum to 2^n - 1, or to -1 with a sign.
    double sum = format.signed() ? -1 : Math.pow(2, format.bitsStored()) - 1;
    return slope * sum + 2 * intercept;
  }
}
