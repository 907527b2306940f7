package org.aucmedi.xai.server;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The threads that read and answer requests, each with a time limit.
 *
 * <p>The JDK's server reads the head of a request on such a thread, with blocking reads and no
 * limit of its own. A thread that is interrupted in a read or a write closes its connection; that
 * is how a client that sends or takes bytes too slowly is got rid of.
 *
 * <p>Requests beyond the limit go to a few spare threads, which only say so.
 */
final class Connections implements Executor, AutoCloseable {

  private static final int SPARE = 2;
  private static final Duration SPARE_TIME = Duration.ofSeconds(2);

  private final Duration headTime;
  private final ThreadPoolExecutor threads;
  private final ThreadPoolExecutor spare =
      new ThreadPoolExecutor(
          SPARE, SPARE, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), named("spare"));
  private final ScheduledThreadPoolExecutor clock =
      new ScheduledThreadPoolExecutor(1, named("clock"));
  private static final ThreadLocal<@Nullable Limit> LIMITS = new ThreadLocal<>();

  Connections(int most, Duration headTime) {
    this.headTime = headTime;
    threads =
        new ThreadPoolExecutor(
            0, most, 30, TimeUnit.SECONDS, new SynchronousQueue<>(), named("request"));
    clock.setRemoveOnCancelPolicy(true);
  }

  private static java.util.concurrent.ThreadFactory named(String what) {
    return new ThreadFactoryBuilder()
        .setNameFormat("aucmedi-xai-server-" + what + "-%d")
        .setDaemon(true)
        .build();
  }

  @Override
  public void execute(Runnable request) {
    try {
      threads.execute(() -> run(request, headTime, false));
    } catch (RejectedExecutionException e) {
      if (!spare.isShutdown()) {
        spare.execute(() -> run(request, SPARE_TIME, true));
      }
    }
  }

  private void run(Runnable request, Duration time, boolean isSpare) {
    try (Limit limit = new Limit(isSpare)) {
      LIMITS.set(limit);
      limit.start(time);
      request.run();
    } finally {
      LIMITS.remove();
      // The interrupt of a limit is for its request only.
      boolean unused = Thread.interrupted();
    }
  }

  /** Whether the calling thread is a spare one. */
  boolean isSpare() {
    Limit limit = LIMITS.get();
    return limit != null && limit.isSpare;
  }

  /** Gives the calling thread so much time for what it reads or writes next. */
  void allow(Duration time) {
    Limit limit = LIMITS.get();
    if (limit != null) {
      limit.start(time);
    }
  }

  /** Lets the calling thread take its time. */
  void allowAnyTime() {
    Limit limit = LIMITS.get();
    if (limit != null) {
      limit.stop();
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
    spare.shutdownNow();
    clock.shutdownNow();
  }

  /** A time limit of one thread. */
  private final class Limit implements AutoCloseable {

    private final Thread thread = Thread.currentThread();
    private final boolean isSpare;
    private @Nullable ScheduledFuture<?> end;
    private int round;

    Limit(boolean isSpare) {
      this.isSpare = isSpare;
    }

    synchronized void start(Duration time) {
      stop();
      int current = round;
      if (!clock.isShutdown()) {
        end = clock.schedule(() -> expire(current), time.toMillis(), TimeUnit.MILLISECONDS);
      }
    }

    synchronized void stop() {
      round++;
      if (end != null) {
        end.cancel(false);
        end = null;
      }
    }

    private synchronized void expire(int ended) {
      if (ended == round) {
        thread.interrupt();
      }
    }

    @Override
    public void close() {
      stop();
    }
  }
}
