package org.aucmedi.xai.array;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import org.aucmedi.xai.model.ChannelLayout;

/**
 * Locates the values of a batch in its row-major array, for either channel layout.
 *
 * <p>A position is an index into the spatial axes alone, in row-major order.
 */
public final class BatchAxes {

  private final Shape spatialShape;
  private final int images;
  private final int channels;
  private final int positions;

  private final int channelStride;
  private final int positionStride;

  /**
   * Constructs the axes of a batch from its shape.
   *
   * @param shape (N, C, spatial...) or (N, spatial..., C), at least one spatial axis
   * @param layout the layout of that shape
   */
  public BatchAxes(Shape shape, ChannelLayout layout) {
    int channelAxis = layout.axis(shape.dimension());
    this.spatialShape = shape.slice(1, channelAxis).addAll(shape.slice(channelAxis + 1));
    this.images = Math.toIntExact(shape.get(0));
    this.channels = Math.toIntExact(shape.get(channelAxis));
    this.positions = Math.toIntExact(spatialShape.size());
    boolean last = channelAxis == shape.dimension() - 1;
    this.channelStride = last ? 1 : positions;
    this.positionStride = last ? channels : 1;
  }

  private BatchAxes(BatchAxes batch) {
    this.spatialShape = batch.spatialShape;
    this.images = 1;
    this.channels = batch.channels;
    this.positions = batch.positions;
    this.channelStride = batch.channelStride;
    this.positionStride = batch.positionStride;
  }

  /**
   * {@return the axes of a single map: one image with one channel}
   *
   * @param spatial its sizes
   */
  public static BatchAxes ofMap(int... spatial) {
    Shape sizes = new Shape(Arrays.stream(spatial).asLongStream().toArray());
    return new BatchAxes(new Shape(1).addAll(sizes).add(1), ChannelLayout.CHANNELS_LAST);
  }

  /** {@return the same axes for a single image} */
  public BatchAxes ofOneImage() {
    return new BatchAxes(this);
  }

  /** {@return the spatial shape} */
  public Shape spatialShape() {
    return spatialShape;
  }

  /** {@return the sizes of the spatial axes} */
  public int[] spatialSizes() {
    return Arrays.stream(spatialShape.getShape()).mapToInt(Math::toIntExact).toArray();
  }

  /** {@return the number of images} */
  public int images() {
    return images;
  }

  /** {@return the number of channels} */
  public int channels() {
    return channels;
  }

  /** {@return the number of spatial positions, the product of the spatial axes} */
  public int positions() {
    return positions;
  }

  /**
   * {@return the index of a value in the row-major array}
   *
   * @param image the image
   * @param channel the channel
   * @param position the spatial position
   */
  public int index(int image, int channel, int position) {
    return image * channels * positions + channel * channelStride + position * positionStride;
  }
}
