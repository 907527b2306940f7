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
    int[] from = volume(shape);
    int[] to = volume(small);
    int[] step = volume(block);
    int channels = image.channels();
    float[] means = new float[to[0] * to[1] * to[2] * channels];
    int at = 0;
    for (int z = 0; z < to[0]; z++) {
      for (int y = 0; y < to[1]; y++) {
        for (int x = 0; x < to[2]; x++) {
          for (int c = 0; c < channels; c++) {
            means[at++] = mean(image.values(), from, step, z, y, x, c);
          }
        }
      }
    }
    return ImageArray.wrap(small, channels, means, image.sampleType());
  }

  private static float mean(
      float[] values, int[] shape, int[] block, int z, int y, int x, int channel) {
    int channels = values.length / (shape[0] * shape[1] * shape[2]);
    int depth = Math.min(shape[0], (z + 1) * block[0]);
    int height = Math.min(shape[1], (y + 1) * block[1]);
    int width = Math.min(shape[2], (x + 1) * block[2]);
    double sum = 0;
    int count = 0;
    for (int k = z * block[0]; k < depth; k++) {
      for (int i = y * block[1]; i < height; i++) {
        for (int j = x * block[2]; j < width; j++) {
          sum += values[((k * shape[1] + i) * shape[2] + j) * channels + channel];
          count++;
        }
      }
    }
    return (float) (sum / count);
  }

  private static int[] volume(int[] axes) {
    return axes.length == 3 ? axes : new int[] {1, axes[0], axes[1]};
  }
}
