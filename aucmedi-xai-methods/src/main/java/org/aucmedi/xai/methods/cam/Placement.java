package org.aucmedi.xai.methods.cam;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.model.ChannelLayout;

/** How a layer's output lies on the image. */
sealed interface Placement {

  /**
   * Sorts a layer's values.
   *
   * @param output (N, ...), as the layer gives it
   * @return {@code [image][channel][position]}
   */
  float[][][] channels(NDArray output);

  /** Returns the sizes of the spatial axes. */
  int[] spatial(Shape output);

  /** Axes of space and channels, as a convolution's. */
  record OnImage(ChannelLayout layout) implements Placement {

    @Override
    public float[][][] channels(NDArray output) {
      return sorted(output.toFloatArray(), new BatchAxes(output.getShape(), layout));
    }

    @Override
    public int[] spatial(Shape output) {
      return new BatchAxes(output, layout).spatialSizes();
    }
  }

  /** Tokens (N, tokens, features), the last of which are patches of the image. */
  record OnGrid(int... grid) implements Placement {

    @Override
    public float[][][] channels(NDArray output) {
      Shape shape = output.getShape();
      int images = Math.toIntExact(shape.get(0));
      int features = Math.toIntExact(shape.get(2));
      int all = Math.toIntExact(shape.get(1)) * features;
      int kept = Arrays.stream(grid).reduce(features, Math::multiplyExact);
      float[] values = output.toFloatArray();
      float[] patches = new float[images * kept];
      for (int n = 0; n < images; n++) {
        System.arraycopy(values, (n + 1) * all - kept, patches, n * kept, kept);
      }
      Shape space = new Shape(Arrays.stream(grid).asLongStream().toArray());
      return sorted(
          patches,
          new BatchAxes(
              new Shape(images).addAll(space).add(features), ChannelLayout.CHANNELS_LAST));
    }

    @Override
    public int[] spatial(Shape output) {
      return grid.clone();
    }
  }

  private static float[][][] sorted(float[] values, BatchAxes axes) {
    float[][][] channels = new float[axes.images()][axes.channels()][axes.positions()];
    for (int n = 0; n < channels.length; n++) {
      for (int c = 0; c < axes.channels(); c++) {
        for (int i = 0; i < axes.positions(); i++) {
          channels[n][c][i] = values[axes.index(n, c, i)];
        }
      }
    }
    return channels;
  }
}
