package org.aucmedi.xai.methods.segmentation;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * A partition of the positions of an image. Superpixels are numbered from 0, in the row-major order
 * of their first positions.
 *
 * <p>Immutable.
 */
public final class Superpixels {

  private final int[] labels;
  private final int count;

  private Superpixels(int[] labels, int count) {
    this.labels = labels;
    this.count = count;
  }

  /**
   * Creates a partition, renumbering its superpixels from 0.
   *
   * @param ids any number identifying the superpixel of each position, in row-major order
   * @return the partition
   */
  public static Superpixels of(int[] ids) {
    Map<Integer, Integer> numbers = new HashMap<>();
    int[] labels = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      Integer number = numbers.putIfAbsent(ids[i], numbers.size());
      labels[i] = number == null ? numbers.size() - 1 : number;
    }
    return new Superpixels(labels, numbers.size());
  }

  /**
   * Returns the number of superpixels.
   *
   * @return at least 1
   */
  public int count() {
    return count;
  }

  /**
   * Returns the superpixel of a position.
   *
   * @param position the row-major index over the spatial axes
   * @return its superpixel, below {@link #count()}
   */
  public int at(int position) {
    return labels[position];
  }

  /**
   * Returns the superpixel of every position.
   *
   * @return a copy, in row-major order
   */
  public int[] labels() {
    return labels.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Superpixels superpixels && Arrays.equals(labels, superpixels.labels);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(labels);
  }

  @Override
  public String toString() {
    return count + " superpixels of " + labels.length + " positions";
  }
}
