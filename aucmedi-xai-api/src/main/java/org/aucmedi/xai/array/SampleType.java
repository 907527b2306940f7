package org.aucmedi.xai.array;

/** The type in which an image's values were stored. */
public enum SampleType {
  /** Unsigned 8-bit integers, 0 to 255. */
  UINT8,
  /** Any other integers. */
  INTEGER,
  /** Floating-point numbers. */
  FLOAT;

  /** {@return whether resizing in two dimensions rounds, as it does for integers} */
  public boolean isInteger() {
    return this != FLOAT;
  }
}
