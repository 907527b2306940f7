package org.aucmedi.xai.imaging;

import com.google.common.base.Ascii;
import java.util.Arrays;
import java.util.stream.Collectors;

/** What fills the margin that {@link Padding} adds, as {@code numpy.pad} names it. */
public enum PadMode {
  /** Zeros. */
  CONSTANT,
  /** The outermost pixel. */
  EDGE,
  /** Mirrored about the outermost pixel, which is not repeated. */
  REFLECT,
  /** Mirrored about the edge of the image, so that the outermost pixel is repeated. */
  SYMMETRIC,
  /** The image again, from its other side. */
  WRAP,
  /** The largest value of the line of pixels along the axis, for each channel. */
  MAXIMUM,
  /** The mean of the line; integers are rounded half to even. */
  MEAN,
  /** The median of the line; integers are rounded half to even. */
  MEDIAN,
  /** The smallest value of the line. */
  MINIMUM,
  /** From the outermost pixel down to zero in equal steps; integers are rounded down. */
  LINEAR_RAMP,
  /** Zeros; NumPy leaves what happens to be in memory. */
  EMPTY;

  /**
   * Finds a mode.
   *
   * @param text NumPy's name, in any case
   * @return the mode
   * @throws IllegalArgumentException if there is none; the message lists all
   */
  public static PadMode of(String text) {
    return Arrays.stream(values())
        .filter(mode -> mode.toString().equals(Ascii.toLowerCase(text)))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "unknown padding '"
                        + text
                        + "'; known: "
                        + Arrays.stream(values())
                            .map(PadMode::toString)
                            .collect(Collectors.joining(", "))));
  }

  @Override
  public String toString() {
    return Ascii.toLowerCase(name());
  }
}
