package org.aucmedi.xai.imaging;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.math.LongMath;
import java.util.Arrays;
import org.aucmedi.xai.array.Geometry;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.Placement;
import org.aucmedi.xai.array.SampleType;

/**
 * Resamples an image to voxels of a size in millimetres, as AUCMEDI's {@code sitk_loader} does:
 * linearly, with the first voxel where it is. An axis of n voxels at a distance of s becomes
 * floor(n s / new), at least 1; what lies more than half a voxel outside of the image gets a value
 * of its own. Values are not rounded.
 */
public final class Resample implements Subfunction {

  private final double[] spacing;
  private final float outsideValue;

  private Resample(double[] spacing, float outsideValue) {
    this.spacing = spacing;
    this.outsideValue = outsideValue;
  }

  /**
   * {@return a step that resamples to a spacing; outside is 0}
   *
   * @param spacing the distances of neighbouring voxels in millimetres, in the order of the axes of
   *     an image, as AUCMEDI has it: (z, y, x) of a volume, (y, x) of a picture. {@link Geometry}
   *     has the other order.
   * @throws IllegalArgumentException if these are not two or three positive numbers
   */
  public static Resample to(double... spacing) {
    checkArgument(
        (spacing.length == 2 || spacing.length == 3)
            && Arrays.stream(spacing).allMatch(s -> s > 0 && Double.isFinite(s)),
        "a spacing is two or three positive numbers of millimetres, z, y, x or y, x, got %s",
        Arrays.toString(spacing));
    return new Resample(spacing.clone(), 0);
  }

  /**
   * {@return the same step with another value outside of the image}
   *
   * @param value AUCMEDI's {@code outside_value}, for instance -1024 for Hounsfield units
   */
  public Resample withOutsideValue(float value) {
    return new Resample(spacing, value);
  }

  @Override
  public Result apply(ImageArray image, String sample) {
    Geometry geometry = image.geometry();
    checkArgument(
        geometry != null,
        "cannot resample an image whose voxel size is unknown; its file does not tell it, so resize"
            + " it instead");
    checkArgument(
        spacing.length == image.spatialRank(),
        "cannot resample an image of %s spatial axes to voxels of %s mm; give one number for each",
        image.spatialRank(),
        Arrays.toString(spacing));
    int rank = spacing.length;
    int[] from = image.spatialShape();
    int[] to = new int[rank];
    double[] scale = new double[rank];
    double[] xyz = geometry.spacing();
    long size = image.channels();
    for (int axis = 0; axis < rank; axis++) {
      double own = xyz[rank - 1 - axis];
      scale[axis] = spacing[axis] / own;
      double length = Math.max(1, Math.floor(from[axis] * own / spacing[axis]));
      size = LongMath.saturatedMultiply(size, (long) length);
      checkArgument(
          size <= ImageLoader.MAX_PIXELS,
          "in voxels of %s mm an image of %s voxels %s mm apart has more than the %s values allowed;"
              + " check its spacing, or take larger voxels",
          Arrays.toString(spacing),
          Arrays.toString(from),
          Arrays.toString(reversed(xyz, rank)),
          ImageLoader.MAX_PIXELS);
      to[axis] = (int) length;
    }
    float[] values = image.values();
    int[] shape = from.clone();
    for (int axis = 0; axis < rank; axis++) {
      values = alongAxis(values, shape, image.channels(), axis, to[axis], scale[axis]);
      shape[axis] = to[axis];
    }
    Placement placement = Placement.of(from, to, scale, new double[rank]);
    return new Result(
        ImageArray.wrap(to, image.channels(), values, SampleType.FLOAT)
            .withGeometry(placement.geometry(geometry)),
        placement);
  }

  private static double[] reversed(double[] xyz, int rank) {
    double[] reversed = new double[rank];
    Arrays.setAll(reversed, axis -> xyz[rank - 1 - axis]);
    return reversed;
  }

  private float[] alongAxis(
      float[] values, int[] shape, int channels, int axis, int size, double scale) {
    int in = shape[axis];
    int inner = channels;
    for (int a = axis + 1; a < shape.length; a++) {
      inner *= shape[a];
    }
    int outer = values.length / inner / in;
    float[] result = new float[Math.multiplyExact(Math.multiplyExact(outer, inner), size)];
    for (int i = 0; i < size; i++) {
      double place = i * scale;
      boolean outside = place >= in - 0.5;
      int low = outside ? in - 1 : (int) place;
      int high = Math.min(low + 1, in - 1);
      float weight = (float) (place - low);
      for (int o = 0; o < outer; o++) {
        int target = (o * size + i) * inner;
        if (outside) {
          Arrays.fill(result, target, target + inner, outsideValue);
          continue;
        }
        int first = (o * in + low) * inner;
        int second = (o * in + high) * inner;
        for (int k = 0; k < inner; k++) {
          result[target + k] = values[first + k] * (1 - weight) + values[second + k] * weight;
        }
      }
    }
    return result;
  }

  @Override
  public String toString() {
    return "resample to " + Arrays.toString(spacing) + " mm";
  }
}
