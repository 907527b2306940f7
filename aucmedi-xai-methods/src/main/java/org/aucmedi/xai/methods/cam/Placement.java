package org.aucmedi.xai.methods.cam;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
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

  /**
   * Sets a channel to zero, wherever the layer has it.
   *
   * @param channel the channel
   * @param values the layer's output for one image, row-major; changed
   * @param shape its shape, without batch axis
   */
  void clear(int channel, FloatBuffer values, Shape shape);

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

    @Override
    public void clear(int channel, FloatBuffer values, Shape shape) {
      BatchAxes axes = new BatchAxes(new Shape(1).addAll(shape), layout);
      for (int i = 0; i < axes.positions(); i++) {
        values.put(axes.index(0, channel, i), 0);
      }
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

    /** Of every token, those that belong to no patch too. */
    @Override
    public void clear(int channel, FloatBuffer values, Shape shape) {
      int features = Math.toIntExact(shape.get(1));
      for (int i = channel; i < values.limit(); i += features) {
        values.put(i, 0);
      }
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
