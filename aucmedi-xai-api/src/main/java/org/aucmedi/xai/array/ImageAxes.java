package org.aucmedi.xai.array;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.Locale;

/**
 * The order of the axes of an array: D (depth), H (height), W (width), C (channels).
 *
 * <p>{@code HWC} is a picture with channels last, {@code CHW} one with channels first, {@code HW} a
 * grey one, {@code DHW} a volume of one channel, {@code DHWC} and {@code CDHW} one of several. Any
 * other order of these letters is accepted too, with any number of channels.
 *
 * <p>Undeclared axes are never guessed if a shape is ambiguous: two axes are {@code HW}; three are
 * {@code HWC} and four {@code DHWC} if the last has 1 to 4 entries; anything else, such as (3, 224,
 * 224), (32, 32, 13) or (90, 128, 128), must be declared.
 *
 * @param order the letters, in upper case; H and W are mandatory, and each letter occurs once
 */
public record ImageAxes(String order) {

  private static final String CHANNELS_LAST = "DHWC";
  private static final int MAX_UNDECLARED_CHANNELS = 4;

  /**
   * Validates the order.
   *
   * @throws IllegalArgumentException if it is none
   */
  public ImageAxes {
    checkArgument(
        order.matches("[DHWC]{2,4}")
            && order.contains("H")
            && order.contains("W")
            && order.chars().distinct().count() == order.length(),
        "'%s' is not an order of axes; write H, W and, if the array has them, C and D, each once,"
            + " for instance HWC, CHW, DHW or CDHW",
        order);
  }

  /**
   * Parses an order.
   *
   * @param text the letters, in any case
   * @return the order
   * @throws IllegalArgumentException if it is none
   */
  public static ImageAxes of(String text) {
    return new ImageAxes(text.toUpperCase(Locale.ROOT));
  }

  /**
   * Infers the order of an array whose axes are not declared.
   *
   * @param shape the array's shape
   * @return the order
   * @throws IllegalArgumentException if its shape is ambiguous or unsupported
   */
  public static ImageAxes undeclared(int[] shape) {
    int rank = shape.length;
    checkArgument(
        rank >= 2 && rank <= 4,
        "its shape %s is not one of (H, W), (H, W, C), (D, H, W), (D, H, W, C)",
        Arrays.toString(shape));
    if (rank == 2) {
      return new ImageAxes("HW");
    }
    checkArgument(
        shape[rank - 1] <= MAX_UNDECLARED_CHANNELS,
        "its shape %s is ambiguous: channels first, many channels, or depth; declare the order of"
            + " its axes (--axes), for instance %s",
        Arrays.toString(shape),
        rank == 3 ? "CHW, HWC or DHW" : "CDHW or DHWC");
    return new ImageAxes(CHANNELS_LAST.substring(4 - rank));
  }

  /**
   * Converts an array to an image.
   *
   * @param array the array, whose axes have this order
   * @return the image; it shares the array's values if their order needs no change
   * @throws IllegalArgumentException if the number of axes differs, or one is empty
   */
  public ImageArray apply(Npy.Array array) {
    int[] shape = array.shape();
    checkArgument(
        shape.length == order.length(),
        "its shape %s does not have the %s axes declared, %s",
        Arrays.toString(shape),
        order.length(),
        order);
    checkArgument(
        Arrays.stream(shape).allMatch(size -> size > 0),
        "its shape %s has an empty axis",
        Arrays.toString(shape));
    int[] strides = new int[shape.length];
    for (int axis = shape.length - 1, stride = 1; axis >= 0; stride *= shape[axis--]) {
      strides[axis] = stride;
    }
    int[] sources = CHANNELS_LAST.chars().map(order::indexOf).filter(axis -> axis >= 0).toArray();
    int[] target = Arrays.stream(sources).map(axis -> shape[axis]).toArray();
    boolean inOrder = CHANNELS_LAST.contains(order);
    float[] data =
        inOrder
            ? array.data()
            : Npy.gather(
                array.data(), target, Arrays.stream(sources).map(axis -> strides[axis]).toArray());
    boolean channels = order.contains("C");
    return ImageArray.wrap(
        channels ? Arrays.copyOf(target, target.length - 1) : target,
        channels ? target[target.length - 1] : 1,
        data,
        array.sampleType());
  }
}
