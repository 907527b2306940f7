package org.aucmedi.xai.decoder.automl;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.math.LongMath;
import java.util.Arrays;
import org.aucmedi.xai.array.Geometry;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.SampleType;
import org.aucmedi.xai.imaging.ImageLoader;

/**
 * Resamples a volume to voxels of 1 mm, as AUCMEDI's loader of volumes does: linearly, with the
 * first voxel where it is; an axis of n voxels at a distance of s mm becomes floor(n s) voxels, and
 * what lies more than half a voxel behind the last one is 0. Values are not rounded.
 */
final class Resample {

  private Resample() {}

  /**
   * Resamples a volume.
   *
   * @param volume a volume of one channel
   * @param geometry its geometry
   * @return the volume in voxels of 1 mm
   * @throws IllegalArgumentException if it is thinner than 1 mm, or becomes too large
   */
  static ImageArray toMillimetres(ImageArray volume, Geometry geometry) {
    double[] xyz = geometry.spacing();
    double[] spacing = {xyz[2], xyz[1], xyz[0]};
    int[] from = volume.spatialShape();
    int[] to = new int[3];
    long size = 1;
    for (int axis = 0; axis < 3; axis++) {
      double length = Math.floor(from[axis] * spacing[axis]);
      size = LongMath.saturatedMultiply(size, (long) length);
      checkArgument(
          length >= 1 && size <= ImageLoader.MAX_PIXELS,
          "in voxels of 1 mm, as AUCMEDI's models take them, a volume of %s voxels %s mm apart is"
              + " empty or has more than %s voxels; check its spacing",
          Arrays.toString(from),
          Arrays.toString(spacing),
          ImageLoader.MAX_PIXELS);
      to[axis] = (int) length;
    }
    float[] values = volume.values();
    int[] shape = from.clone();
    for (int axis = 0; axis < 3; axis++) {
      values = alongAxis(values, shape, axis, to[axis], spacing[axis]);
      shape[axis] = to[axis];
    }
    return ImageArray.wrap(to, 1, values, SampleType.FLOAT)
        .withGeometry(geometry.withSpacing(1, 1, 1));
  }

  private static float[] alongAxis(
      float[] values, int[] shape, int axis, int size, double spacing) {
    int in = shape[axis];
    int inner = 1;
    for (int a = axis + 1; a < 3; a++) {
      inner *= shape[a];
    }
    int outer = values.length / inner / in;
    float[] result = new float[Math.multiplyExact(outer * inner, size)];
    for (int i = 0; i < size; i++) {
      double place = i / spacing;
      if (place >= in - 0.5) {
        break;
      }
      int low = (int) place;
      int high = Math.min(low + 1, in - 1);
      float weight = (float) (place - low);
      for (int o = 0; o < outer; o++) {
        for (int k = 0; k < inner; k++) {
          result[(o * size + i) * inner + k] =
              values[(o * in + low) * inner + k] * (1 - weight)
                  + values[(o * in + high) * inner + k] * weight;
        }
      }
    }
    return result;
  }
}
