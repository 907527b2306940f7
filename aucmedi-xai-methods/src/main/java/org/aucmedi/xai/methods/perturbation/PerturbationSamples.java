package org.aucmedi.xai.methods.perturbation;

import java.util.SplittableRandom;

/**
 * Images near an image: which of its superpixels each of them shows, and how near it is.
 *
 * <p>In the first all are on; in the others each is on or hidden with equal probability.
 * One that shows k of F has the cosine distance {@code d = 1 - sqrt(k / F)} to the first, and the
 * weight {@code sqrt(exp(-d^2 / width^2))}.
 *
 * @param on {@code [sample][superpixel]}
 * @param weights one per sample, in (0, 1]
 */
record PerturbationSamples(boolean[][] on, double[] weights) {

  /**
   * Draws images.
   *
   * @param samples how many
   * @param superpixels how many there are
   * @param seed gives every sample a generator of its own
   * @param kernelWidth the width of the weights
   */
  static PerturbationSamples draw(int samples, int superpixels, long seed, double kernelWidth) {
    SplittableRandom root = new SplittableRandom(seed);
    boolean[][] on = new boolean[samples][superpixels];
    double[] weights = new double[samples];
    for (int s = 0; s < samples; s++) {
      SplittableRandom random = root.split();
      int count = 0;
      for (int f = 0; f < superpixels; f++) {
        on[s][f] = s == 0 || random.nextBoolean();
        count += on[s][f] ? 1 : 0;
      }
      double distance = 1 - Math.sqrt((double) count / superpixels);
      weights[s] = Math.exp(-0.5 * distance * distance / (kernelWidth * kernelWidth));
    }
    return new PerturbationSamples(on, weights);
  }
}
