package org.aucmedi.xai.methods.perturbation;

import java.util.SplittableRandom;

/**
 * The perturbed images LIME fits its linear model to: which superpixels (interpretable features)
 * are on in each sample, and the sample's weight. A feature that is off is filled in.
 *
 * <p>All features are on in the first sample. In the others each is on or off with equal
 * probability. A sample with k of F features on has the cosine distance {@code d = 1 - sqrt(k / F)}
 * to the first, and the weight {@code sqrt(exp(-d^2 / width^2))}.
 *
 * @param on {@code [sample][superpixel]}
 * @param weights one per sample, in (0, 1]
 */
record PerturbationSamples(boolean[][] on, double[] weights) {

  /**
   * Draws samples.
   *
   * @param samples the number of samples
   * @param superpixels the number of superpixels
   * @param seed the random seed; each sample has its own generator
   * @param kernelWidth the width of the proximity kernel
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
