package org.aucmedi.xai.cli;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ends a run when the process is asked to end, by Ctrl-C or SIGTERM: the run stops after the pass
 * that it is at and ends its record. If that pass takes long, its record is ended for it, and the
 * process still waits for the pass: the libraries of an engine free what they hold while a process
 * ends, and a pass that computes with it then crashes. Java's own exit code, 130 or 143, stays.
 */
final class Interrupt implements AutoCloseable {

  /** What cancels a run. */
  static final String REASON = "ended by Ctrl-C or a signal";

  /** What a command returns then, though Java's own code is what the process exits with. */
  static final int EXIT_CODE = 130;

  /** When a run that has not ended has its record ended: soon enough for those who then kill. */
  private static final Duration UNTIL_LATE = Duration.ofSeconds(8);

  /** How much longer a process waits for a pass; a kill that comes sooner does no harm. */
  private static final Duration FOR_THE_PASS = Duration.ofMinutes(2);

  /** What is told while it waits. */
  static final String WAITING =
      "waiting for the pass that runs, at most "
          + FOR_THE_PASS.toMinutes()
          + " minutes; what is done is recorded, so to kill the process does no harm";

  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread hook;
  private volatile boolean requested;

  /**
   * Begins to watch.
   *
   * @param late called if the run has not ended in time
   */
  Interrupt(Runnable late) {
    this(UNTIL_LATE, FOR_THE_PASS, late);
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** Takes other times, and leaves it to the caller to start {@link #hook()}. */
  Interrupt(Duration untilLate, Duration forThePass, Runnable late) {
    hook =
        new Thread(
            () -> {
              requested = true;
              try {
                if (!ended.await(untilLate.toNanos(), TimeUnit.NANOSECONDS)) {
                  late.run();
                  boolean unused = ended.await(forThePass.toNanos(), TimeUnit.NANOSECONDS);
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "aucmedi-xai-interrupt");
  }

  /** What the process waits for. */
  Thread hook() {
    return hook;
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
