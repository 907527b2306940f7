package org.aucmedi.xai.decoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.model.ChannelLayout;

/** Images as a model takes them. */
public final class InputBatch {

  private InputBatch() {}

  /**
   * Makes a batch.
   *
   * @param manager owns it
   * @param layout where the model expects channels
   * @param images prepared for the model, at least one, all of one shape
   * @return the batch: (N, C, H, W), (N, H, W, C), or with D before H
   */
  public static NDArray of(NDManager manager, ChannelLayout layout, List<ImageArray> images) {
    ImageArray first = images.get(0);
    boolean channelsFirst = layout == ChannelLayout.CHANNELS_FIRST;
    FloatBuffer buffer =
        FloatBuffer.allocate(
            Math.toIntExact(Math.multiplyExact(images.size(), MemoryLimit.valuesOf(first))));
    for (ImageArray image : images) {
      buffer.put(channelsFirst ? image.toChannelsFirst() : image.values());
    }
    buffer.flip();
    Shape spatial = new Shape(Arrays.stream(first.spatialShape()).asLongStream().toArray());
    Shape count = new Shape(images.size());
    Shape channels = new Shape(first.channels());
    return manager.create(
        buffer,
        channelsFirst
            ? count.addAll(channels).addAll(spatial)
            : count.addAll(spatial).addAll(channels));
  }
}
