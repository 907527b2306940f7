package org.aucmedi.xai.engine.support;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;

/**
 * Lets a process end only between passes. While a process ends, the engines' libraries free what
 * they hold, and a pass that still runs then crashes it: SIGTERM would end in SIGSEGV.
 */
final class ExitGuard {

  /** The guard of this process: its end waits for the passes that run. */
  static final ExitGuard PROCESS = new ExitGuard();

  /** How long an end waits for a pass; longer than any but a volume's in a very large model. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  static {
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> PROCESS.end(PATIENCE), "aucmedi-xai-last-pass"));
  }

  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private volatile boolean ending;

  /**
   * Runs a pass, or a part of one.
   *
   * @throws CancellationException if the process is ending
   */
  <T> T during(Supplier<T> pass) {
    lock.readLock().lock();
    try {
      if (ending) {
        throw new CancellationException("the process is ending");
      }
      return pass.get();
    } finally {
      lock.readLock().unlock();
    }
  }

  /**
   * Lets no further pass begin, and waits for those that run.
   *
   * @return whether none runs any more
   */
  boolean end(Duration patience) {
    ending = true;
    try {
      if (!lock.writeLock().tryLock(patience.toNanos(), TimeUnit.NANOSECONDS)) {
        return false;
      }
      lock.writeLock().unlock();
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
