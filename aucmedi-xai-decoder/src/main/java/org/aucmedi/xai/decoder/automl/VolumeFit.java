package org.aucmedi.xai.decoder.automl;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.aucmedi.xai.array.Geometry;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.SampleType;
import org.aucmedi.xai.imaging.Standardize;

/**
 * AUCMEDI AutoML's steps for volumes: voxels of 1 mm where the file tells their size, grey values
 * from 0 to 255, zeros around them or a cut around the centre, and the one channel repeated.
 */
final class VolumeFit implements UnaryOperator<ImageArray> {

  private final int[] shape;
  private final int channels;

  /**
   * Constructs the steps.
   *
   * @param shape depth, height and width of the result
   * @param channels 1 or 3
   */
  VolumeFit(int[] shape, int channels) {
    this.shape = shape.clone();
    this.channels = channels;
  }

  @Override
  public ImageArray apply(ImageArray volume) {
    checkArgument(
        volume.spatialRank() == 3 && volume.channels() == 1,
        "the model takes volumes of one channel, got %s with %s channels; declare the axes, for"
            + " instance --axes DHW",
        Arrays.toString(volume.spatialShape()),
        volume.channels());
    Geometry place = volume.geometry();
    ImageArray grey =
        Standardize.GRAYSCALE.apply(place == null ? volume : Resample.toMillimetres(volume, place));
    int[] from = grey.spatialShape();
    int[] offset = new int[3];
    for (int axis = 0; axis < 3; axis++) {
      // AUCMEDI pads less before than after, and cuts less before than after.
      offset[axis] =
          from[axis] < shape[axis]
              ? -((shape[axis] - from[axis]) / 2)
              : (from[axis] - shape[axis]) / 2;
    }
    float[] source = grey.values();
    float[] fitted =
        new float[Math.multiplyExact(Math.multiplyExact(shape[0], shape[1]), shape[2] * channels)];
    int target = 0;
    for (int d = 0; d < shape[0]; d++) {
      for (int h = 0; h < shape[1]; h++) {
        for (int w = 0; w < shape[2]; w++) {
          int z = d + offset[0];
          int y = h + offset[1];
          int x = w + offset[2];
          boolean inside = z >= 0 && z < from[0] && y >= 0 && y < from[1] && x >= 0 && x < from[2];
          float value = inside ? source[(z * from[1] + y) * from[2] + x] : 0;
          for (int c = 0; c < channels; c++) {
            fitted[target++] = value;
          }
        }
      }
    }
    ImageArray result = ImageArray.wrap(shape.clone(), channels, fitted, SampleType.FLOAT);
    return place == null
        ? result
        : result.withGeometry(
            place.withSpacing(1, 1, 1).startingAt(offset[2], offset[1], offset[0]));
  }
}
