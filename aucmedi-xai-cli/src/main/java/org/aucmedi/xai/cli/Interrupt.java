package org.aucmedi.xai.cli;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ends a run when the process is asked to end, by Ctrl-C or SIGTERM: the run stops after the pass
 * that it is at and ends its record, for which the process waits a short while. Java's own exit
 * code, 130 or 143, stays.
 */
final class Interrupt implements AutoCloseable {

  /** What cancels a run. */
  static final String REASON = "ended by Ctrl-C or a signal";

  /** What a command returns then, though Java's own code is what the process exits with. */
  static final int EXIT_CODE = 130;

  private static final int SECONDS = 8;

  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread hook;
  private volatile boolean requested;

  /**
   * Begins to watch.
   *
   * @param late called if the run has not ended in time
   */
  Interrupt(Runnable late) {
    hook =
        new Thread(
            () -> {
              requested = true;
              try {
                if (!ended.await(SECONDS, TimeUnit.SECONDS)) {
                  late.run();
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "aucmedi-xai-interrupt");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** Returns whether the process is to end. */
  boolean requested() {
    return requested;
  }

  /**
   * Ends the run if the process is to end.
   *
   * @throws CancellationException in that case
   */
  void check() {
    if (requested) {
      throw new CancellationException(REASON);
    }
  }

  /** The run has ended; the process may. */
  @Override
  public void close() {
    ended.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending.
    }
  }
}
