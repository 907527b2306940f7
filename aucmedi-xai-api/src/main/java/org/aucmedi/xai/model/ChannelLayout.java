package org.aucmedi.xai.model;

import ai.djl.ndarray.types.Shape;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Where a model expects the channel axis of its input batch. */
public enum ChannelLayout {
  /** (N, C, H, W) or (N, C, D, H, W): PyTorch, MXNet, DJL's blocks. */
  CHANNELS_FIRST,
  /** (N, H, W, C) or (N, D, H, W, C): TensorFlow. */
  CHANNELS_LAST;

  /**
   * {@return the index of the channel axis of a batch}
   *
   * @param rank the number of axes of the batch
   */
  public int axis(int rank) {
    return this == CHANNELS_FIRST ? 1 : rank - 1;
  }

  /**
   * Parses the text form, as used on the command line.
   *
   * @param text channels-first or channels-last
   * @return the layout
   * @throws IllegalArgumentException if it is neither
   */
  public static ChannelLayout of(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "channels-first" -> CHANNELS_FIRST;
      case "channels-last" -> CHANNELS_LAST;
      default ->
          throw new IllegalArgumentException(
              "'" + text + "' is not a layout; use channels-first or channels-last");
    };
  }

  /**
   * Infers the layout from a declared shape, if exactly one of the two possible axes has 1 to 4
   * entries, as channels of a picture do.
   *
   * @param shape the shape that a model declares, batch axis first, or null
   * @param usual the layout to assume if the shape does not tell
   * @return the layout
   */
  public static ChannelLayout ofDeclared(@Nullable Shape shape, ChannelLayout usual) {
    if (shape == null || shape.dimension() < 4) {
      return usual;
    }
    boolean first = isPicture(shape.get(1));
    boolean last = isPicture(shape.get(shape.dimension() - 1));
    return first == last ? usual : first ? CHANNELS_FIRST : CHANNELS_LAST;
  }

  private static boolean isPicture(long channels) {
    return channels >= 1 && channels <= 4;
  }
}
