package org.aucmedi.xai.testkit;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import org.aucmedi.xai.model.ChannelLayout;

/**
 * A kind of image that {@link MethodContract} explains.
 *
 * @param layout where its channels are
 * @param channels the number of channels
 * @param spatial the sizes of its other axes
 */
public record Setting(ChannelLayout layout, int channels, int... spatial) {

  /** Copies the sizes. */
  public Setting {
    spatial = spatial.clone();
  }

  @Override
  public int[] spatial() {
    return spatial.clone();
  }

  /**
   * {@return the shape of a batch, in the layout}
   *
   * @param images the number of images
   */
  public Shape shape(int images) {
    Shape sizes = new Shape(Arrays.stream(spatial).asLongStream().toArray());
    return layout == ChannelLayout.CHANNELS_FIRST
        ? new Shape(images, channels).addAll(sizes)
        : new Shape(images).addAll(sizes).add(channels);
  }

  @Override
  public String toString() {
    return layout + " " + channels + " of " + Arrays.toString(spatial);
  }
}
