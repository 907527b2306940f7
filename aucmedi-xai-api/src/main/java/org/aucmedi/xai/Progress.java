package org.aucmedi.xai;

/** Watches a long computation. */
@FunctionalInterface
public interface Progress {

  /** Watches nothing. */
  Progress NONE = (done, total) -> {};

  /**
   * Called by the computing thread after every pass through the model of a method that needs many.
   *
   * @param done how much of the work for one image is done
   * @param total how much there is
   * @throws java.util.concurrent.CancellationException to give the computation up
   */
  void update(long done, long total);
}
