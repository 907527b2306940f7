package org.aucmedi.xai.report;

import java.util.Arrays;
import org.aucmedi.xai.array.ImageArray;

/** Makes large images small: the mean of blocks of pixels. */
final class Reduction {

  /** Pixels along each side of a picture, at most. */
  static final int MOST_PIXELS = 1024;

  /** Voxels along each axis of a volume, at most. */
  static final int MOST_VOXELS = 256;

  private Reduction() {}

  /** {@return the image, or the means of its blocks where it is larger than the page needs} */
  static ImageArray reduce(ImageArray image) {
    int[] shape = image.spatialShape();
    int[] block = new int[shape.length];
    if (shape.length == 2) {
      Arrays.fill(block, blocks(Math.max(shape[0], shape[1]), MOST_PIXELS));
    } else {
      Arrays.setAll(block, axis -> blocks(shape[axis], MOST_VOXELS));
    }
    return Arrays.stream(block).allMatch(size -> size == 1) ? image : means(image, block);
  }

  private static int blocks(int length, int most) {
    return (length - 1) / most + 1;
  }

  private static ImageArray means(ImageArray image, int[] block) {
    int[] shape = image.spatialShape();
    int[] small = new int[shape.length];
    Arrays.setAll(small, axis -> (shape[axis] - 1) / block[axis] + 1);
    // An image is a volume of one slice.
    int[] from = volume(shape, 1);
    int[] to = volume(small, 1);
    int[] step = volume(block, 1);
    int channels = image.channels();
    float[] values = image.values();
    double[] sums = new double[to[0] * to[1] * to[2] * channels];
    int[] counts = new int[to[0] * to[1] * to[2]];
    int at = 0;
    for (int z = 0; z < from[0]; z++) {
      for (int y = 0; y < from[1]; y++) {
        for (int x = 0; x < from[2]; x++) {
          int target = ((z / step[0]) * to[1] + y / step[1]) * to[2] + x / step[2];
          counts[target]++;
          for (int c = 0; c < channels; c++) {
            sums[target * channels + c] += values[at++];
          }
        }
      }
    }
    float[] means = new float[sums.length];
    for (int i = 0; i < means.length; i++) {
      means[i] = (float) (sums[i] / counts[i / channels]);
    }
    return ImageArray.wrap(small, channels, means, image.sampleType());
  }

  private static int[] volume(int[] axes, int first) {
    return axes.length == 3 ? axes : new int[] {first, axes[0], axes[1]};
  }
}
