package org.aucmedi.xai.decoder;

import java.util.Arrays;
import org.aucmedi.xai.array.ImageArray;

/**
 * Limits how much a run holds in memory at once, in float32 values.
 *
 * @param values the most values of loaded images, and of the maps of one pass
 */
record MemoryLimit(long values) {

  /** 512 MiB of images. */
  static final long MAX_VALUES = 1L << 27;

  /** 1 GiB of gradients, which lie outside Java's heap. */
  private static final long MAX_GRADIENT_VALUES = 1L << 28;

  private static final int SHARE_OF_HEAP = 8;

  /**
   * Returns the limit for a heap.
   *
   * @param bytes the largest size of Java's heap
   * @return an eighth of it, at most {@link #MAX_VALUES}
   */
  static MemoryLimit ofHeap(long bytes) {
    return new MemoryLimit(Math.min(MAX_VALUES, bytes / SHARE_OF_HEAP / Float.BYTES));
  }

  /**
   * Divides the limit.
   *
   * @param parts the number of parts
   * @return the limit of each part, at least one value
   */
  MemoryLimit share(int parts) {
    return new MemoryLimit(Math.max(1, values / parts));
  }

  /**
   * Returns the maximum number of maps per pass, over all its images. A method may hold a gradient
   * of the input's shape for each map.
   *
   * @param input one image as passed to the model
   * @return at least 1
   */
  int mapsPerPass(ImageArray input) {
    long maps = Math.min(values / positions(input), MAX_GRADIENT_VALUES / valuesOf(input));
    return (int) Math.max(1, Math.min(Integer.MAX_VALUE, maps));
  }

  /** Returns the number of values of an image. */
  static long valuesOf(ImageArray image) {
    return positions(image) * image.channels();
  }

  private static long positions(ImageArray image) {
    return Arrays.stream(image.spatialShape()).asLongStream().reduce(1, (a, b) -> a * b);
  }
}
