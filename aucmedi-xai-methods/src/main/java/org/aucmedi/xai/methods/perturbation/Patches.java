package org.aucmedi.xai.methods.perturbation;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * The patches that cover an image: one begins at every multiple of the stride along each axis, up
 * to the first that reaches the edge, where it is cut. Positions are computed on demand; with small
 * strides they would fill the memory.
 */
final class Patches {

  private final int[] sizes;
  private final int[] patch;
  private final int[] stride;
  private final int count;

  /**
   * Lays out the patches.
   *
   * @param sizes of the image, one per axis
   * @param patch the size of a patch, one per axis
   * @param stride from patch to patch, one per axis
   * @throws IllegalArgumentException if a stride leaves positions uncovered
   */
  Patches(int[] sizes, int[] patch, int[] stride) {
    long all = 1;
    for (int a = 0; a < sizes.length; a++) {
      checkArgument(
          stride[a] <= patch[a],
          "the stride %s is larger than the patch %s, so some positions would never be covered",
          stride[a],
          patch[a]);
      all *= along(sizes[a], patch[a], stride[a]);
    }
    this.sizes = sizes.clone();
    this.patch = patch.clone();
    this.stride = stride.clone();
    this.count = Math.toIntExact(all);
  }

  private static int along(int size, int patch, int stride) {
    return size <= patch ? 1 : (size - patch + stride - 1) / stride + 1;
  }

  /** Returns the number of patches. */
  int count() {
    return count;
  }

  /** Returns the positions under a patch; the last axis counts fastest. */
  int[] positions(int index) {
    int[] origin = new int[sizes.length];
    int rest = index;
    for (int a = sizes.length - 1; a >= 0; a--) {
      int along = along(sizes[a], patch[a], stride[a]);
      origin[a] = rest % along * stride[a];
      rest /= along;
    }
    int[] positions = {0};
    for (int a = 0; a < sizes.length; a++) {
      int length = Math.min(patch[a], sizes[a] - origin[a]);
      int[] longer = new int[positions.length * length];
      for (int i = 0; i < longer.length; i++) {
        longer[i] = positions[i / length] * sizes[a] + origin[a] + i % length;
      }
      positions = longer;
    }
    return positions;
  }
}
