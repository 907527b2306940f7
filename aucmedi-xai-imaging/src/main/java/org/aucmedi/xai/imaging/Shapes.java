package org.aucmedi.xai.imaging;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.math.LongMath;
import java.util.Arrays;
import org.aucmedi.xai.array.ImageArray;

/** Checks of the shapes that steps ask for. */
final class Shapes {

  private Shapes() {}

  /** Copies a shape of two or three positive sizes. */
  static int[] checked(int... shape) {
    checkArgument(
        (shape.length == 2 || shape.length == 3) && Arrays.stream(shape).allMatch(n -> n > 0),
        "a shape is two or three positive numbers, got %s",
        Arrays.toString(shape));
    return shape.clone();
  }

  /** Refuses an image of another number of axes. */
  static void checkRank(String step, int[] wanted, ImageArray image) {
    checkArgument(
        wanted.length == image.spatialRank(),
        "cannot %s an image of %s, which has %s spatial axes, with %s; give one number for each",
        step,
        Arrays.toString(image.spatialShape()),
        image.spatialRank(),
        Arrays.toString(wanted));
  }

  /** Refuses a result that is too large, before memory is taken for it. */
  static void checkSize(String step, int[] shape, int channels) {
    long pixels = Arrays.stream(shape).asLongStream().reduce(1, LongMath::saturatedMultiply);
    checkArgument(
        pixels <= ImageLoader.MAX_PIXELS
            && LongMath.saturatedMultiply(pixels, channels) <= Integer.MAX_VALUE - 8,
        "to %s gives an image of %s, more than the %s pixels allowed; take a smaller shape",
        step,
        Arrays.toString(shape),
        ImageLoader.MAX_PIXELS);
  }
}
