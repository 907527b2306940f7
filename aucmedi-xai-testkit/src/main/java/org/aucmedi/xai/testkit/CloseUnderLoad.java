package org.aucmedi.xai.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.aucmedi.xai.model.ExplainableModel;

/** Closes a model while eight threads use it. */
public final class CloseUnderLoad {

  private static final int THREADS = 8;

  private CloseUnderLoad() {}

  /**
   * Each thread repeats one of the calls. After some of them have succeeded the model is closed;
   * every thread must then end with the exception that reports this.
   *
   * @param model the model, which is closed afterwards
   * @param calls the calls, distributed over the threads
   * @throws InterruptedException if the calling thread is interrupted
   */
  public static void run(ExplainableModel model, Runnable... calls) throws InterruptedException {
    CountDownLatch running = new CountDownLatch(2 * THREADS);
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      List<Future<?>> runs = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        Runnable call = calls[i % calls.length];
        runs.add(threads.submit(() -> repeat(call, running)));
      }
      assertThat(running.await(1, TimeUnit.MINUTES)).isTrue();
      model.close();
      for (Future<?> run : runs) {
        assertEndsClosed(run, model);
      }
    } finally {
      threads.shutdownNow();
      assertThat(threads.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
    }
  }

  private static void repeat(Runnable call, CountDownLatch running) {
    while (!Thread.currentThread().isInterrupted()) {
      call.run();
      running.countDown();
    }
  }

  private static void assertEndsClosed(Future<?> run, ExplainableModel model)
      throws InterruptedException {
    Throwable end = null;
    try {
      run.get();
    } catch (ExecutionException e) {
      end = e.getCause();
    }
    assertThat(end).isInstanceOf(IllegalStateException.class).hasMessage(model + " is closed");
  }
}
