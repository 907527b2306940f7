package org.aucmedi.xai.array;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Where the pixels of an image lie in the image that it was made of, by steps that move pixels:
 * padding, cropping, resampling and resizing. It takes maps of the result back to the image before.
 *
 * <p>Along each axis, in the order of {@link ImageArray#spatialShape()},
 *
 * <pre>{@code
 * place in the image before = offset + scale * index in the result
 * }</pre>
 *
 * <p>Places count from 0, the centre of the first pixel. Only a box of the image before is seen in
 * the result: what a crop cuts away is not. What a step makes up around it, as padding does, has no
 * place there either. Immutable.
 */
public final class Placement {

  /** Rounding may leave a pixel at the edge of the box just outside. */
  private static final double TOLERANCE = 1e-6;

  private final int[] before;
  private final int[] after;
  private final double[] scale;
  private final double[] offset;

  /** The seen box, in places of the image before. */
  private final double[] low;

  private final double[] high;

  private Placement(
      int[] before, int[] after, double[] scale, double[] offset, double[] low, double[] high) {
    this.before = before;
    this.after = after;
    this.scale = scale;
    this.offset = offset;
    this.low = low;
    this.high = high;
  }

  /**
   * Makes the placement of a step.
   *
   * @param before the spatial shape of the image before
   * @param after the spatial shape of the result, with as many axes
   * @param scale the distance of neighbouring pixels of the result in pixels of the image before,
   *     above 0, for each axis
   * @param offset the place of the first pixel of the result, for each axis
   * @return the placement
   * @throws IllegalArgumentException if the axes differ, one is empty, or a number is not finite
   */
  public static Placement of(int[] before, int[] after, double[] scale, double[] offset) {
    int rank = before.length;
    checkArgument(
        after.length == rank && scale.length == rank && offset.length == rank,
        "a placement needs numbers for each of %s axes",
        rank);
    double[] low = new double[rank];
    double[] high = new double[rank];
    for (int axis = 0; axis < rank; axis++) {
      checkArgument(
          before[axis] > 0
              && after[axis] > 0
              && scale[axis] > 0
              && Double.isFinite(scale[axis])
              && Double.isFinite(offset[axis]),
          "no placement of %s in %s with scale %s and offset %s",
          Arrays.toString(after),
          Arrays.toString(before),
          Arrays.toString(scale),
          Arrays.toString(offset));
      low[axis] = Math.max(-0.5, offset[axis] - scale[axis] / 2);
      high[axis] = Math.min(before[axis] - 0.5, offset[axis] + scale[axis] * (after[axis] - 0.5));
    }
    return new Placement(before.clone(), after.clone(), scale.clone(), offset.clone(), low, high);
  }

  /**
   * {@return the placement of a step that moves no pixel}
   *
   * @param shape the spatial shape
   */
  public static Placement same(int... shape) {
    return shifted(shape, shape, new int[shape.length]);
  }

  /**
   * {@return the placement of a step that cuts pixels away or adds some}
   *
   * @param before the spatial shape of the image before
   * @param after the spatial shape of the result
   * @param start where the result starts in the image before; negative after padding
   */
  public static Placement shifted(int[] before, int[] after, int[] start) {
    double[] scale = new double[before.length];
    Arrays.fill(scale, 1);
    return of(before, after, scale, Arrays.stream(start).asDoubleStream().toArray());
  }

  /**
   * {@return the placement of resizing, which keeps the edges of the image where they are}
   *
   * @param before the spatial shape of the image before
   * @param after the spatial shape of the result
   */
  public static Placement resized(int[] before, int[] after) {
    double[] scale = new double[before.length];
    double[] offset = new double[before.length];
    for (int axis = 0; axis < before.length; axis++) {
      scale[axis] = (double) before[axis] / after[axis];
      offset[axis] = (scale[axis] - 1) / 2;
    }
    return of(before, after, scale, offset);
  }

  /**
   * {@return the placement of two steps}
   *
   * @param next what comes after this one; its image before is this one's result
   * @throws IllegalArgumentException if the shapes do not meet
   */
  public Placement then(Placement next) {
    checkArgument(
        Arrays.equals(after, next.before),
        "a step that takes %s cannot follow one that gives %s",
        Arrays.toString(next.before),
        Arrays.toString(after));
    int rank = before.length;
    double[] scales = new double[rank];
    double[] offsets = new double[rank];
    double[] lows = new double[rank];
    double[] highs = new double[rank];
    for (int axis = 0; axis < rank; axis++) {
      scales[axis] = scale[axis] * next.scale[axis];
      offsets[axis] = place(axis, next.offset[axis]);
      lows[axis] = Math.max(low[axis], place(axis, next.low[axis]));
      highs[axis] = Math.min(high[axis], place(axis, next.high[axis]));
    }
    return new Placement(before, next.after, scales, offsets, lows, highs);
  }

  private double place(int axis, double index) {
    return offset[axis] + scale[axis] * index;
  }

  /** {@return the spatial shape of the image before} */
  public int[] before() {
    return before.clone();
  }

  /** {@return the spatial shape of the result} */
  public int[] after() {
    return after.clone();
  }

  /** {@return whether every pixel stays where it is} */
  public boolean isSame() {
    return Arrays.equals(before, after)
        && Arrays.stream(scale).allMatch(s -> s == 1)
        && Arrays.stream(offset).allMatch(o -> o == 0)
        && Arrays.stream(low).allMatch(l -> l == -0.5)
        && isWhole();
  }

  private boolean isWhole() {
    for (int axis = 0; axis < before.length; axis++) {
      if (high[axis] != before[axis] - 0.5) {
        return false;
      }
    }
    return true;
  }

  /**
   * {@return the geometry of the result}
   *
   * @param geometry that of the image before, or null if it is unknown
   */
  public @Nullable Geometry geometry(@Nullable Geometry geometry) {
    if (geometry == null) {
      return null;
    }
    double[] spacing = geometry.spacing();
    double[] first = new double[3];
    for (int axis = 0; axis < before.length; axis++) {
      // x is the last axis.
      int own = before.length - 1 - axis;
      spacing[axis] *= scale[own];
      first[axis] = offset[own];
    }
    return geometry.startingAt(first[0], first[1], first[2]).withSpacing(spacing);
  }

  /**
   * Takes a map of the result to the image before, by linear interpolation between the result's
   * pixels. What is not seen in the result is 0; the margin that padding added is left out.
   *
   * @param map one value per pixel of the result, row-major
   * @return one value per pixel of the image before
   * @throws IllegalArgumentException if the values do not fill the result
   */
  public float[] back(float[] map) {
    return back(map, 0);
  }

  /**
   * Takes a map to the image before, like {@link #back(float[])}.
   *
   * @param map one value per pixel of the result, row-major
   * @param unseen the value of what is not seen in the result
   * @return one value per pixel of the image before
   * @throws IllegalArgumentException if the values do not fill the result
   */
  public float[] back(float[] map, float unseen) {
    checkArgument(
        map.length == size(after), "%s values do not fill %s", map.length, Arrays.toString(after));
    float[] values = map;
    int[] shape = after.clone();
    for (int axis = 0; axis < before.length; axis++) {
      values = backAlongAxis(values, shape, axis, unseen);
      shape[axis] = before[axis];
    }
    return values;
  }

  private static long size(int[] shape) {
    return Arrays.stream(shape).asLongStream().reduce(1, (a, b) -> a * b);
  }

  private float[] backAlongAxis(float[] values, int[] shape, int axis, float unseen) {
    int in = after[axis];
    int out = before[axis];
    int inner = 1;
    for (int a = axis + 1; a < shape.length; a++) {
      inner *= shape[a];
    }
    int outer = values.length / inner / in;
    float[] result = new float[Math.multiplyExact(Math.multiplyExact(outer, out), inner)];
    Arrays.fill(result, unseen);
    for (int i = 0; i < out; i++) {
      if (i < low[axis] - TOLERANCE || i > high[axis] + TOLERANCE) {
        continue;
      }
      double index = Math.max(0, Math.min(in - 1, (i - offset[axis]) / scale[axis]));
      int first = (int) index;
      int second = Math.min(first + 1, in - 1);
      float weight = (float) (index - first);
      for (int o = 0; o < outer; o++) {
        for (int k = 0; k < inner; k++) {
          result[(o * out + i) * inner + k] =
              values[(o * in + first) * inner + k] * (1 - weight)
                  + values[(o * in + second) * inner + k] * weight;
        }
      }
    }
    return result;
  }

  @Override
  public String toString() {
    return Arrays.toString(before)
        + " -> "
        + Arrays.toString(after)
        + ", scale "
        + Arrays.toString(scale)
        + ", offset "
        + Arrays.toString(offset);
  }
}
