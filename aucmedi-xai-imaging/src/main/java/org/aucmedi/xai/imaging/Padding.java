package org.aucmedi.xai.imaging;

import java.util.Arrays;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.Placement;
import org.aucmedi.xai.array.SampleType;
import org.jspecify.annotations.Nullable;

/**
 * Adds a margin around an image until it has at least a shape, as {@code numpy.pad} does along one
 * axis after the other. Of n missing pixels, n / 2, rounded down, come before the image and the
 * rest behind it. Axes that are long enough stay, and channels are not padded.
 */
public final class Padding implements Subfunction {

  private final PadMode mode;

  /** Null for as long as the longest axis. */
  private final int @Nullable [] shape;

  private Padding(PadMode mode, int @Nullable [] shape) {
    this.mode = mode;
    this.shape = shape;
  }

  /** {@return padding of all axes to the longest, with the outermost pixels: AUCMEDI's "square"} */
  public static Padding square() {
    return new Padding(PadMode.EDGE, null);
  }

  /**
   * {@return padding to a shape}
   *
   * @param mode what fills the margin
   * @param shape height and width, or depth, height and width, in pixels
   * @throws IllegalArgumentException if it is no shape
   */
  public static Padding to(PadMode mode, int... shape) {
    return new Padding(mode, Shapes.checked(shape));
  }

  @Override
  public Result apply(ImageArray image, String sample) {
    int[] from = image.spatialShape();
    int[] to = from.clone();
    if (shape == null) {
      Arrays.fill(to, Arrays.stream(from).max().orElseThrow());
    } else {
      Shapes.checkRank("pad", shape, image);
      Arrays.setAll(to, axis -> Math.max(from[axis], shape[axis]));
    }
    Shapes.checkSize("pad", to, image.channels());
    int[] start = new int[from.length];
    float[] values = image.values();
    int[] current = from.clone();
    for (int axis = 0; axis < from.length; axis++) {
      start[axis] = -((to[axis] - from[axis]) / 2);
      if (to[axis] > from[axis]) {
        values = alongAxis(image, values, current, axis, to[axis]);
        current[axis] = to[axis];
      }
    }
    Placement placement = Placement.shifted(from, to, start);
    return new Result(
        ImageArray.wrap(to, image.channels(), values, image.sampleType())
            .withGeometry(placement.geometry(image.geometry())),
        placement);
  }

  private float[] alongAxis(ImageArray image, float[] values, int[] shape, int axis, int size) {
    int in = shape[axis];
    int inner = image.channels();
    for (int a = axis + 1; a < shape.length; a++) {
      inner *= shape[a];
    }
    int outer = values.length / inner / in;
    PadLine line = new PadLine(mode, in, size, image.sampleType() != SampleType.FLOAT);
    float[] before = new float[in];
    float[] after = new float[size];
    float[] result = new float[outer * size * inner];
    for (int o = 0; o < outer; o++) {
      for (int k = 0; k < inner; k++) {
        for (int i = 0; i < in; i++) {
          before[i] = values[(o * in + i) * inner + k];
        }
        line.pad(before, after);
        for (int i = 0; i < size; i++) {
          result[(o * size + i) * inner + k] = after[i];
        }
      }
    }
    return result;
  }

  @Override
  public String toString() {
    return "padding " + (shape == null ? "square" : mode + " " + Arrays.toString(shape));
  }
}
