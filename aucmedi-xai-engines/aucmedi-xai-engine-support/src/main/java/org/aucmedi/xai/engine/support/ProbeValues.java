package org.aucmedi.xai.engine.support;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * An array of test values: several magnitudes, both signs at each position, and different
 * neighbours.
 *
 * @param shape the shape, (N, ...)
 * @param data the values, row-major; sums of several are exact
 */
record ProbeValues(Shape shape, float[] data) {

  /** So many that no common size is a multiple of their number. */
  private static final float[] MAGNITUDES = {
    5, 0.5f, 1000, 2, 0, 7, 0.125f, 64, 1, 6, 3, 5.5f, 6.5f
  };

  /** In two variants every position sees the signs ++, --, +- and -+. */
  private static final int SIGNS = 4;

  private static final int LARGEST = 1 << 20;

  /**
   * Creates values for a function of arrays of a given shape; each variant arranges them
   * differently.
   */
  static ProbeValues like(Shape shape, int variant) {
    long[] sizes = shape.getShape().clone();
    if (sizes.length == 0) {
      sizes = new long[] {1};
    }
    sizes[0] = 1;
    while (product(sizes) > LARGEST) {
      halveLargest(sizes);
    }
    int size = (int) product(sizes);
    if (size == 0) {
      throw new IllegalArgumentException("no values fit into shape " + shape);
    }
    int parts = (MAGNITUDES.length + size - 1) / size;
    sizes[0] = (long) SIGNS * parts;
    float[] data = new float[SIGNS * parts * size];
    for (int part = 0; part < parts; part++) {
      for (int i = 0; i < size; i++) {
        int position = part * size + i;
        float value = MAGNITUDES[position * (variant % 12 + 1) % MAGNITUDES.length];
        // Without a pattern of signs a window would see only one sign.
        boolean negative = (position * 2 + variant) % 5 % 2 == 1;
        for (int signs = 0; signs < SIGNS; signs++) {
          boolean flipped = (signs & 1) != 0 ^ ((signs & 2) != 0 && variant % 2 != 0);
          data[(SIGNS * part + signs) * size + i] = negative ^ flipped ? -value : value;
        }
      }
    }
    return new ProbeValues(new Shape(sizes), data);
  }

  static ProbeValues sum(List<ProbeValues> arrays) {
    float[] sum = new float[arrays.get(0).data.length];
    for (ProbeValues array : arrays) {
      for (int i = 0; i < sum.length; i++) {
        sum[i] += array.data[i];
      }
    }
    return new ProbeValues(arrays.get(0).shape, sum);
  }

  private static long product(long[] sizes) {
    return Arrays.stream(sizes).reduce(1, Math::multiplyExact);
  }

  private static void halveLargest(long[] sizes) {
    int largest = 0;
    for (int axis = 1; axis < sizes.length; axis++) {
      if (sizes[axis] > sizes[largest]) {
        largest = axis;
      }
    }
    sizes[largest] = (sizes[largest] + 1) / 2;
  }

  @FunctionalInterface
  interface Scalar {
    float of(float x);
  }

  /** Returns whether every value was mapped exactly as by a function. */
  boolean become(float[] found, Scalar function) {
    for (int i = 0; i < found.length; i++) {
      if (found[i] != function.of(data[i])) {
        return false;
      }
    }
    return true;
  }

  /** Returns whether equal values were mapped to equal values, by a nonlinear function. */
  boolean areBent(float[] found) {
    Map<Float, Float> results = new HashMap<>();
    for (int i = 0; i < found.length; i++) {
      // Adding zero unifies the two zeros.
      Float before = results.putIfAbsent(data[i] + 0f, found[i]);
      if (before != null && !close(before, found[i])) {
        return false;
      }
    }
    float zero = results.get(0f);
    float slope = results.get(1f) - zero;
    return results.entrySet().stream()
        .anyMatch(entry -> !close(entry.getValue(), zero + slope * entry.getKey()));
  }

  /**
   * Returns whether the results add up to one along the second or the last axis, as after a
   * softmax.
   */
  boolean areShares(float[] found) {
    int axes = shape.dimension();
    return axes > 1 && (areShares(found, 1) || areShares(found, axes - 1));
  }

  private boolean areShares(float[] found, int axis) {
    int length = (int) shape.get(axis);
    int inner = (int) shape.slice(axis + 1).size();
    if (length < 2) {
      return false;
    }
    for (int start = 0; start < found.length; start++) {
      if (!(found[start] >= 0)) {
        return false;
      }
      if (start / inner % length != 0) {
        continue;
      }
      double sum = 0;
      for (int i = 0; i < length; i++) {
        sum += found[start + i * inner];
      }
      if (!(Math.abs(sum - 1) < 1e-3)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Returns whether the number of channels stayed, the spatial axes shrank, and all values stayed
   * in the range.
   */
  boolean arePooled(Shape output, float[] found) {
    boolean shrank =
        shape.dimension() > 2
            && output.dimension() >= 2
            && output.dimension() <= shape.dimension()
            && output.get(0) == shape.get(0)
            && output.get(1) == shape.get(1)
            && output.size() < shape.size();
    float largest = 1000;
    for (float value : found) {
      shrank &= Math.abs(value) <= largest;
    }
    return shrank;
  }

  private static boolean close(float a, float b) {
    return Math.abs(a - b) <= 1e-4f * Math.max(1, Math.max(Math.abs(a), Math.abs(b)));
  }
}
