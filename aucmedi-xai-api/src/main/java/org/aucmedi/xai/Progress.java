package org.aucmedi.xai;

import java.util.concurrent.CancellationException;

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

  /**
   * Gives up if the thread is interrupted, which it stays. A method calls this before every pass of
   * many.
   *
   * @param done how many images are done
   * @param total how many there are
   * @throws CancellationException if the thread is interrupted
   */
  static void checkNotInterrupted(long done, long total) {
    if (Thread.currentThread().isInterrupted()) {
      throw new CancellationException("interrupted after " + done + " of " + total + " images");
    }
  }
}
