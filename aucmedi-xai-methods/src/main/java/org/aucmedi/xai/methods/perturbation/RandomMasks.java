package org.aucmedi.xai.methods.perturbation;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.aucmedi.xai.array.LinearInterpolation;
import org.aucmedi.xai.array.LinearInterpolation.BorderMode;

/**
 * The masks of RISE: a coarse grid of cells that are one with probability p and else zero, enlarged
 * linearly to more than the image, of which each mask shows a part at a random place.
 *
 * <p>Along an axis with n positions and s cells a cell takes {@code c = ceil(n / s)} positions. The
 * s cells are enlarged to {@code (s + 1) c} positions, of which n are shown, from one of the first
 * c. At each position the expectation is p, since the weights of an interpolation add up to one.
 *
 * <p>Masks are made anew whenever they are asked for, from a seed of their own, so that they take
 * no memory.
 */
final class RandomMasks {

  private final int[] sizes;
  private final int[] cells;
  private final int[] steps;
  private final int[] enlarged;
  private final double probability;
  private final long[] seeds;

  /**
   * Prepares masks.
   *
   * @param sizes the sizes of the image's axes
   * @param cells how many cells each axis has; no more than positions are used
   * @param probability of a cell to be one
   * @param count how many masks
   * @param seed the random seed
   */
  RandomMasks(int[] sizes, int[] cells, double probability, int count, long seed) {
    int rank = sizes.length;
    this.sizes = sizes.clone();
    this.cells = new int[rank];
    this.steps = new int[rank];
    this.enlarged = new int[rank];
    for (int a = 0; a < rank; a++) {
      this.cells[a] = Math.min(cells[a], sizes[a]);
      steps[a] = (sizes[a] + this.cells[a] - 1) / this.cells[a];
      enlarged[a] = (this.cells[a] + 1) * steps[a];
    }
    this.probability = probability;
    SplittableRandom root = new SplittableRandom(seed);
    this.seeds = new long[count];
    Arrays.setAll(seeds, n -> root.nextLong());
  }

  /** Returns how many masks there are. */
  int count() {
    return seeds.length;
  }

  /**
   * Makes a mask.
   *
   * @param index which one
   * @return one value from 0 to 1 for each position, row-major
   */
  float[] mask(int index) {
    SplittableRandom random = new SplittableRandom(seeds[index]);
    float[] grid = new float[Arrays.stream(cells).reduce(1, Math::multiplyExact)];
    for (int g = 0; g < grid.length; g++) {
      grid[g] = random.nextDouble() < probability ? 1 : 0;
    }
    float[] large = LinearInterpolation.resize(grid, cells, enlarged, 1, BorderMode.CLAMP);
    int[] place = new int[sizes.length];
    for (int a = 0; a < place.length; a++) {
      place[a] = random.nextInt(steps[a]);
    }
    return shown(large, place);
  }

  private float[] shown(float[] large, int[] place) {
    int[] from = {0};
    for (int a = 0; a < sizes.length; a++) {
      int[] finer = new int[from.length * sizes[a]];
      for (int i = 0; i < finer.length; i++) {
        finer[i] = from[i / sizes[a]] * enlarged[a] + place[a] + i % sizes[a];
      }
      from = finer;
    }
    float[] mask = new float[from.length];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = large[from[i]];
    }
    return mask;
  }
}
