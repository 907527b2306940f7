package org.aucmedi.xai.array;

import static com.google.common.base.Preconditions.checkArgument;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import org.aucmedi.xai.model.ChannelLayout;
import org.jspecify.annotations.Nullable;

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
  private final @Nullable Spacing spacing;

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
    this.spacing = null;
  }

  private BatchAxes(BatchAxes batch, int images, @Nullable Spacing spacing) {
    this.spatialShape = batch.spatialShape;
    this.images = images;
    this.channels = batch.channels;
    this.positions = batch.positions;
    this.channelStride = batch.channelStride;
    this.positionStride = batch.positionStride;
    this.spacing = spacing;
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
    return new BatchAxes(this, 1, spacing);
  }

  /**
   * {@return the same axes of an image whose pixels have a size}
   *
   * @param known the spacing, or null if it is not known
   * @throws IllegalArgumentException if the image has another number of spatial axes
   */
  public BatchAxes withSpacing(@Nullable Spacing known) {
    checkArgument(
        known == null || known.millimetres().length == spatialShape.dimension(),
        "the image has %s axes, and its spacing is %s",
        spatialShape.dimension(),
        known);
    return new BatchAxes(this, images, known);
  }

  /** {@return the distances of neighbouring pixels, or null if they are not known} */
  public @Nullable Spacing spacing() {
    return spacing;
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
