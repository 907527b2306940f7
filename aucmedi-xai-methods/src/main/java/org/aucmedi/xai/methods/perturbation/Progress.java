package org.aucmedi.xai.methods.perturbation;

/** Watches a long computation. */
@FunctionalInterface
public interface Progress {

  /** Watches nothing. */
  Progress NONE = (done, total) -> {};

  /**
   * Called after every pass through the model, by the computing thread.
   *
   * @param done how many variants of the image have been predicted
   * @param total how many there are
   * @throws java.util.concurrent.CancellationException to give the computation up
   */
  void update(long done, long total);
}
