package org.aucmedi.xai.imaging;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.Placement;

/**
 * Cuts a part of a fixed shape out of an image: from its centre, where an axis of n pixels loses (n
 * - size) / 2 of them, rounded down, before the part; or from a random place.
 *
 * <p>The random place is drawn once per sample, uniformly, from the sample's name: the overlay and
 * the model see the same part, and another run takes it again.
 */
public final class Crop implements Subfunction {

  private final int[] shape;
  private final boolean random;
  private final long seed;

  private Crop(int[] shape, boolean random, long seed) {
    this.shape = shape;
    this.random = random;
    this.seed = seed;
  }

  /**
   * {@return a crop of the centre}
   *
   * @param shape height and width, or depth, height and width, in pixels
   * @throws IllegalArgumentException if it is no shape
   */
  public static Crop center(int... shape) {
    return new Crop(Shapes.checked(shape), false, 0);
  }

  /**
   * {@return a crop of a random place}
   *
   * @param seed another one gives other places
   * @param shape height and width, or depth, height and width, in pixels
   * @throws IllegalArgumentException if it is no shape
   */
  public static Crop random(long seed, int... shape) {
    return new Crop(Shapes.checked(shape), true, seed);
  }

  @Override
  public Result apply(ImageArray image, String sample) {
    Shapes.checkRank("crop", shape, image);
    int[] from = image.spatialShape();
    for (int axis = 0; axis < from.length; axis++) {
      checkArgument(
          shape[axis] <= from[axis],
          "cannot crop an image of %s to %s, which is larger; pad it first, to at least this shape",
          Arrays.toString(from),
          Arrays.toString(shape));
    }
    int[] start = start(from, sample);
    Placement placement = Placement.shifted(from, shape, start);
    return new Result(
        ImageArray.wrap(
                shape.clone(),
                image.channels(),
                cut(image.values(), from, image.channels(), start),
                image.sampleType())
            .withGeometry(placement.geometry(image.geometry())),
        placement);
  }

  private int[] start(int[] from, String sample) {
    SplittableRandom numbers =
        new SplittableRandom(
            seed ^ Hashing.sha256().hashString(sample, StandardCharsets.UTF_8).asLong());
    int[] start = new int[from.length];
    for (int axis = 0; axis < from.length; axis++) {
      int room = from[axis] - shape[axis];
      start[axis] = random ? numbers.nextInt(room + 1) : room / 2;
    }
    return start;
  }

  private float[] cut(float[] values, int[] from, int channels, int[] start) {
    int rank = from.length;
    int depth = rank == 3 ? shape[0] : 1;
    int height = shape[rank - 2];
    int row = shape[rank - 1] * channels;
    float[] cut = new float[depth * height * row];
    for (int d = 0; d < depth; d++) {
      int slice = rank == 3 ? d + start[0] : 0;
      for (int h = 0; h < height; h++) {
        int line = slice * from[rank - 2] + h + start[rank - 2];
        System.arraycopy(
            values,
            (line * from[rank - 1] + start[rank - 1]) * channels,
            cut,
            (d * height + h) * row,
            row);
      }
    }
    return cut;
  }

  @Override
  public String toString() {
    return (random ? "random" : "center") + " crop " + Arrays.toString(shape);
  }
}
