package org.aucmedi.xai.cli;

import com.google.common.primitives.Ints;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Maps that any method has to beat: they look at nothing. */
final class BaselineMaps {

  static final String RANDOM = "(random)";
  static final String CENTRE = "(centre)";

  /** Of the blob, in half the length of an axis. */
  private static final double WIDTH = 0.5;

  private BaselineMaps() {}

  /** Uniform values. */
  static float[] random(int[] shape, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[size(shape)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble();
    }
    return values;
  }

  /** A normal distribution around the middle, with a standard deviation of a quarter of an axis. */
  static float[] centre(int[] shape) {
    float[] values = new float[size(shape)];
    for (int i = 0; i < values.length; i++) {
      double square = 0;
      int rest = i;
      for (int a = shape.length - 1; a >= 0; a--) {
        double fromCentre = (rest % shape[a] + 0.5) / shape[a] * 2 - 1;
        square += fromCentre * fromCentre;
        rest /= shape[a];
      }
      values[i] = (float) Math.exp(-square / (2 * WIDTH * WIDTH));
    }
    return values;
  }

  private static int size(int[] shape) {
    return Ints.checkedCast(Arrays.stream(shape).asLongStream().reduce(1, Math::multiplyExact));
  }
}
