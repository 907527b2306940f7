package org.aucmedi.xai.imaging;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Objects;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.SampleType;

/**
 * The part of an image's values that is shown from black, 0, to white, 255 (DICOM PS3.3 section
 * C.11.2.1.2). What lies outside becomes black or white.
 *
 * @param center the value that becomes middle grey, such as 40 Hounsfield units
 * @param width the range of values between black and white; at least 1 for {@link Function#LINEAR},
 *     else above 0
 * @param function how values between become brightness
 */
public record Window(double center, double width, Function function) {

  private static final double WHITE = 255;

  /** How values become brightness; c is the centre, w the width, x the value, y from 0 to 1. */
  public enum Function {
    /** y = (x - (c - 0.5)) / (w - 1) + 0.5, the usual one: made for whole numbers. */
    LINEAR,
    /** y = (x - c) / w + 0.5. */
    LINEAR_EXACT,
    /** y = 1 / (1 + exp(-4 (x - c) / w)). */
    SIGMOID
  }

  /**
   * Makes a window.
   *
   * @throws IllegalArgumentException if the width is too small, or a number not finite
   */
  public Window {
    Objects.requireNonNull(function, "function");
    checkArgument(Double.isFinite(center), "a window's center must be finite, got %s", center);
    checkArgument(
        Double.isFinite(width) && (function == Function.LINEAR ? width >= 1 : width > 0),
        "a window's width must be at least 1, or above 0 if it is not LINEAR, got %s",
        width);
  }

  /**
   * {@return the brightness of a value, 0 to 255}
   *
   * @param value the value
   */
  public double apply(double value) {
    return WHITE
        * switch (function) {
          case LINEAR -> clamped(value, center - 0.5, width - 1);
          case LINEAR_EXACT -> clamped(value, center, width);
          case SIGMOID -> 1 / (1 + Math.exp(-4 * (value - center) / width));
        };
  }

  /** The standard gives the lower edge to black, so a window of width 0 is a threshold. */
  private static double clamped(double value, double middle, double range) {
    if (value <= middle - range / 2) {
      return 0;
    }
    return value > middle + range / 2 ? 1 : (value - middle) / range + 0.5;
  }

  /**
   * {@return the image with the brightness of each value, 0 to 255, not rounded}
   *
   * @param image any image
   */
  public ImageArray apply(ImageArray image) {
    float[] shown = new float[image.values().length];
    for (int i = 0; i < shown.length; i++) {
      shown[i] = (float) apply(image.values()[i]);
    }
    return ImageArray.wrap(image.spatialShape(), image.channels(), shown, SampleType.FLOAT)
        .withGeometry(image.geometry());
  }
}
