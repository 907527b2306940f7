package org.aucmedi.xai.array;

/** The type of the numbers that an image was stored in. */
public enum SampleType {
  /** Unsigned 8-bit integers, 0 to 255. */
  UINT8,
  /** Any other integers. */
  INTEGER,
  /** Floating-point numbers. */
  FLOAT;

  /**
   * Tells whether resizing in two dimensions rounds.
   *
   * @return true for integers
   */
  public boolean isInteger() {
    return this != FLOAT;
  }
}
