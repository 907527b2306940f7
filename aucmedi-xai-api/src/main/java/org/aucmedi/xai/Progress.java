package org.aucmedi.xai;

/** Observes a long computation. */
@FunctionalInterface
public interface Progress {

  /** Ignores progress. */
  Progress NONE = (done, total) -> {};

  /**
   * Called by the computing thread after every pass, for methods that need many passes.
   *
   * @param done the work done so far for one image
   * @param total the total work for one image
   * @throws java.util.concurrent.CancellationException to cancel the computation
   */
  void update(long done, long total);
}
