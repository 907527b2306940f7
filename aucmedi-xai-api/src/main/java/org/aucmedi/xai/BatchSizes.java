package org.aucmedi.xai;

import ai.djl.Device;

/**
 * Limits how many images are sent through the model at once.
 *
 * <p>A batch size that suits small images is too large for photographs, and far too large for
 * volumes. More images share the fixed cost of a pass, but the activations of a layer take many
 * times the memory of the input: once they are larger than the caches, and larger than the blocks
 * that the C library keeps (32 MiB), every layer fetches new pages from the operating system. On
 * two cores a forward pass of EfficientNet-B0 takes 16 ms for an image of 224x224 alone, 13 ms in a
 * batch of 4 and 26 ms in one of 32; for an image of 64x64, 4.4 ms alone and 1.5 ms in a batch of
 * 32.
 */
public final class BatchSizes {

  /** The largest number of values that a pass of more than one image holds: 32 MiB of float32. */
  public static final int MAX_VALUES = 1 << 23;

  /**
   * The largest number of input values of a pass of more than one image on the CPU: 6 images of
   * 224x224x3, or 85 of 64x64x3.
   */
  public static final int MAX_INPUT_VALUES = 1 << 20;

  private BatchSizes() {}

  /**
   * Returns how many images to send through the model at once.
   *
   * @param batchSize the most that are wanted, at least 1
   * @param values how many values an image has, at least 1
   * @param device where the model runs
   * @return the number of images, at least 1
   */
  public static int of(int batchSize, long values, Device device) {
    return atMost(device.isGpu() ? MAX_VALUES : MAX_INPUT_VALUES, batchSize, values);
  }

  /**
   * Returns how many items memory has room for, such as the gradients of several classes.
   *
   * @param most the most that are wanted, at least 1
   * @param values how many values a pass holds for each, at least 1
   * @return the number of items, at least 1
   */
  public static int inMemory(int most, long values) {
    return atMost(MAX_VALUES, most, values);
  }

  private static int atMost(int limit, int wanted, long values) {
    return (int) Math.max(1, Math.min(wanted, limit / values));
  }
}
