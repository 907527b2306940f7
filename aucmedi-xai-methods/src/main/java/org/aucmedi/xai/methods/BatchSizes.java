package org.aucmedi.xai.methods;

/**
 * Limits how many perturbed or interpolated images are sent through the model at once.
 *
 * <p>A batch size that suits photographs is far too large for volumes. A pass therefore also holds
 * at most {@link #MAX_VALUES} numbers, and one image at least. A network's activations take many
 * times the memory of its input.
 */
public final class BatchSizes {

  /** The largest number of input values of a pass of more than one image: 32 MiB of float32. */
  public static final int MAX_VALUES = 1 << 23;

  private BatchSizes() {}

  /**
   * Returns how many images to send through the model at once.
   *
   * <p>It also limits the number of classes where a pass holds that many values for each class.
   *
   * @param batchSize the most that are wanted, at least 1
   * @param values how many numbers a pass holds for each image, at least 1
   * @return the number of images, at least 1
   */
  public static int of(int batchSize, long values) {
    return (int) Math.max(1, Math.min(batchSize, MAX_VALUES / values));
  }
}
