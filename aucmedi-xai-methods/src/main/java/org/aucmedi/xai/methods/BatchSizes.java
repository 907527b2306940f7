package org.aucmedi.xai.methods;

import java.util.concurrent.CancellationException;

/**
 * How much goes through a model at once, where a method makes many images of one.
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
   * Returns how many images go through the model at once.
   *
   * <p>It bounds classes as well, where a pass holds so many numbers for each of them.
   *
   * @param batchSize the most that are wanted, at least 1
   * @param values how many numbers a pass holds for each image, at least 1
   * @return the number of images, at least 1
   */
  public static int images(int batchSize, long values) {
    return (int) Math.max(1, Math.min(batchSize, MAX_VALUES / values));
  }

  /**
   * Gives up if the thread is interrupted, which it stays.
   *
   * @param done how many images have gone through the model
   * @param total how many are to
   * @throws CancellationException if it is
   */
  public static void checkNotInterrupted(long done, long total) {
    if (Thread.currentThread().isInterrupted()) {
      throw new CancellationException("interrupted after " + done + " of " + total + " images");
    }
  }
}
