package org.aucmedi.xai.methods.segmentation;

import java.util.Arrays;

/** The connected components of a labelled image. Positions are neighbours if they share a face. */
final class ConnectedComponents {

  private final int[] sizes;

  /** The component of every position. */
  private final int[] components;

  private final int[] componentSizes;

  ConnectedComponents(int[] sizes, int[] labels) {
    this.sizes = sizes;
    this.components = new int[labels.length];
    Arrays.fill(components, -1);
    int[] counts = new int[labels.length];
    int count = 0;
    int[] queue = new int[labels.length];
    for (int start = 0; start < labels.length; start++) {
      if (components[start] >= 0) {
        continue;
      }
      int end = 0;
      queue[end++] = start;
      components[start] = count;
      for (int head = 0; head < end; head++) {
        for (int neighbour : neighbours(queue[head])) {
          if (components[neighbour] < 0 && labels[neighbour] == labels[start]) {
            components[neighbour] = count;
            queue[end++] = neighbour;
          }
        }
      }
      counts[count++] = end;
    }
    this.componentSizes = Arrays.copyOf(counts, count);
  }

  /**
   * Merges small components into the larger ones around them, layer by layer.
   *
   * @param minSize the smallest size that is kept; if no component reaches it, the largest are kept
   * @return the component of every position
   */
  int[] merged(int minSize) {
    int largest = Arrays.stream(componentSizes).max().orElseThrow();
    int[] merged = components.clone();
    int[] queue = new int[merged.length];
    int end = 0;
    for (int i = 0; i < merged.length; i++) {
      if (componentSizes[components[i]] >= Math.min(minSize, largest)) {
        queue[end++] = i;
      } else {
        merged[i] = -1;
      }
    }
    for (int head = 0; head < end; head++) {
      for (int neighbour : neighbours(queue[head])) {
        if (merged[neighbour] < 0) {
          merged[neighbour] = merged[queue[head]];
          queue[end++] = neighbour;
        }
      }
    }
    return merged;
  }

  int count() {
    return componentSizes.length;
  }

  private int[] neighbours(int position) {
    int[] found = new int[2 * sizes.length];
    int count = 0;
    int stride = 1;
    for (int a = sizes.length - 1; a >= 0; a--) {
      int coordinate = position / stride % sizes[a];
      if (coordinate > 0) {
        found[count++] = position - stride;
      }
      if (coordinate < sizes[a] - 1) {
        found[count++] = position + stride;
      }
      stride *= sizes[a];
    }
    return Arrays.copyOf(found, count);
  }
}
