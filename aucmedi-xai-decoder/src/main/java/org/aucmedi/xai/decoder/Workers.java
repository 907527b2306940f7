package org.aucmedi.xai.decoder;

import com.google.common.base.Throwables;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import com.google.common.util.concurrent.Uninterruptibles;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/** The threads of one run, separate from the JVM's common pool. */
final class Workers implements AutoCloseable {

  private final int threads;
  private final ExecutorService pool;

  Workers(int threads) {
    this.threads = threads;
    pool =
        Executors.newFixedThreadPool(
            threads,
            new ThreadFactoryBuilder()
                .setNameFormat("aucmedi-xai-decoder-%d")
                .setDaemon(true)
                .build());
  }

  /**
   * Runs a task on every thread at once and waits for all of them, even if the caller is
   * interrupted; its interrupted status stays set.
   *
   * @param task takes its share of the work until there is none
   */
  void run(Runnable task) {
    List<? extends Future<?>> futures =
        Stream.generate(() -> pool.submit(task)).limit(threads).toList();
    Throwable failure = null;
    for (Future<?> future : futures) {
      try {
        Uninterruptibles.getUninterruptibly(future);
      } catch (ExecutionException e) {
        failure = e.getCause();
      }
    }
    if (failure != null) {
      Throwables.throwIfUnchecked(failure);
      throw new IllegalStateException(failure);
    }
  }

  @Override
  public void close() {
    pool.shutdown();
  }
}
