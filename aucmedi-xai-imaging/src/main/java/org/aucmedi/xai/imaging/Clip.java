package org.aucmedi.xai.imaging;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.SampleType;
import org.jspecify.annotations.Nullable;

/**
 * Limits values to a range, such as a window of Hounsfield units: smaller ones become its lower
 * bound, larger ones its upper bound. Bounds are in units of the pixel values.
 */
public final class Clip implements Subfunction {

  private final float[] min;
  private final float[] max;

  private Clip(float[] min, float[] max) {
    checkArgument(
        min.length > 0 && min.length == max.length,
        "give as many lower as upper bounds, got %s and %s",
        min.length,
        max.length);
    for (int i = 0; i < min.length; i++) {
      checkArgument(
          min[i] <= max[i],
          "the lower bound of a range is not above the upper, got %s and %s",
          min[i],
          max[i]);
    }
    this.min = min;
    this.max = max;
  }

  /**
   * {@return a clip of all channels}
   *
   * @param min the lower bound, or null for none
   * @param max the upper bound, or null for none
   * @throws IllegalArgumentException if the lower bound is above the upper
   */
  public static Clip to(@Nullable Float min, @Nullable Float max) {
    return new Clip(
        new float[] {min == null ? Float.NEGATIVE_INFINITY : min},
        new float[] {max == null ? Float.POSITIVE_INFINITY : max});
  }

  /**
   * {@return a clip with a range for each channel}
   *
   * @param min the lower bounds, of which an infinite one is none
   * @param max the upper bounds, as many
   * @throws IllegalArgumentException if there are not as many, or a lower bound is above the upper
   */
  public static Clip perChannel(float[] min, float[] max) {
    return new Clip(min.clone(), max.clone());
  }

  @Override
  public Result apply(ImageArray image, String sample) {
    checkArgument(
        min.length == 1 || min.length == image.channels(),
        "there are %s ranges to clip %s channels to; give one for all or one for each",
        min.length,
        image.channels());
    float[] clipped = image.values().clone();
    for (int i = 0; i < clipped.length; i++) {
      int channel = i % min.length;
      clipped[i] = Math.max(min[channel], Math.min(max[channel], clipped[i]));
    }
    return Result.of(
        image,
        ImageArray.wrap(image.spatialShape(), image.channels(), clipped, type(image))
            .withGeometry(image.geometry()));
  }

  /** Whole numbers stay whole unless a bound is not; 8-bit ones become others unless it fits. */
  private SampleType type(ImageArray image) {
    boolean whole = true;
    boolean eightBit = true;
    for (int i = 0; i < min.length; i++) {
      for (float bound : new float[] {min[i], max[i]}) {
        whole &= Float.isInfinite(bound) || bound == Math.rint(bound);
      }
      eightBit &= min[i] <= 255 && max[i] >= 0;
    }
    if (!whole) {
      return SampleType.FLOAT;
    }
    return image.sampleType() == SampleType.UINT8 && !eightBit
        ? SampleType.INTEGER
        : image.sampleType();
  }

  @Override
  public String toString() {
    return "clip " + Arrays.toString(min) + " to " + Arrays.toString(max);
  }
}
