package org.aucmedi.xai.imaging;

import static com.google.common.base.Preconditions.checkArgument;

import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.Range;
import org.aucmedi.xai.array.SampleType;

/**
 * Removes the colour of the light from an RGB image, by the Shades of Gray algorithm: the light's
 * colour is taken to be the Minkowski mean of each channel,
 *
 * <pre>{@code
 * v[c] = mean(x[c] ^ p) ^ (1 / p)
 * y[c] = min(255, x[c] * |v| / (v[c] * sqrt(3)))
 * }</pre>
 *
 * AUCMEDI leaves values above 255, which its standardisations and overlays refuse then. A channel
 * of zeros stays.
 *
 * <p>Finlayson and Trezzi, Shades of Gray and Colour Constancy, 2004.
 *
 * @param power p, at least 1; 1 is the grey world, a large one the brightest pixel
 */
public record ColorConstancy(int power) implements Subfunction {

  /** AUCMEDI's power. */
  public static final ColorConstancy DEFAULT = new ColorConstancy(6);

  private static final int RGB = 3;

  /**
   * Checks the power.
   *
   * @throws IllegalArgumentException if it is less than 1
   */
  public ColorConstancy {
    checkArgument(power >= 1, "the power of colour constancy is at least 1, got %s", power);
  }

  @Override
  public Result apply(ImageArray image, String sample) {
    checkArgument(
        image.channels() == RGB,
        "colour constancy takes RGB images, got %s; leave this step out",
        image.channels() == 1 ? "1 channel" : image.channels() + " channels");
    float[] x = image.values();
    Range range = Range.of(x);
    checkArgument(
        range.isIn255(),
        "colour constancy takes values in [0, 255], got %s to %s; clip or scale them to it first",
        range.min(),
        range.max());
    double[] light = new double[RGB];
    for (int i = 0; i < x.length; i++) {
      light[i % RGB] += Math.pow(x[i] / 255.0, power);
    }
    double length = 0;
    for (int c = 0; c < RGB; c++) {
      light[c] = Math.pow(light[c] * RGB / x.length, 1.0 / power);
      length += light[c] * light[c];
    }
    float[] y = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      double own = light[i % RGB] * Math.sqrt(3);
      y[i] = own == 0 ? 0 : (float) Math.min(255, x[i] * Math.sqrt(length) / own);
    }
    return Result.of(
        image,
        ImageArray.wrap(image.spatialShape(), RGB, y, SampleType.FLOAT)
            .withGeometry(image.geometry()));
  }
}
