package org.aucmedi.xai.methods.segmentation;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * A partition of the positions of an image. The parts are numbered from 0 in the row-major order of
 * their first positions.
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
   * Numbers the parts of a partition.
   *
   * @param ids for each position, in row-major order, any number that names its part
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
   * Returns the number of parts.
   *
   * @return at least 1
   */
  public int count() {
    return count;
  }

  /**
   * Returns the part of a position.
   *
   * @param position the position, in the row-major order of the spatial axes
   * @return its part, below {@link #count()}
   */
  public int at(int position) {
    return labels[position];
  }

  /**
   * Returns the part of every position.
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
