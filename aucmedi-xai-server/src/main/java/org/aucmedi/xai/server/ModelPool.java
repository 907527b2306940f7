package org.aucmedi.xai.server;

import com.google.common.collect.ImmutableList;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.aucmedi.xai.model.ExplainableModel;

/** Copies of one model, each used by one request at a time. Who comes first is served first. */
final class ModelPool implements AutoCloseable {

  private static final long LOOK_MILLISECONDS = 200;

  private final ImmutableList<ExplainableModel> models;
  private final int room;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<ExplainableModel> free;
  private final Deque<Job> line = new ArrayDeque<>();

  /**
   * Makes a pool.
   *
   * @param models the copies, which it closes
   * @param room how many may wait
   */
  ModelPool(List<ExplainableModel> models, int room) {
    this.models = ImmutableList.copyOf(models);
    this.room = room;
    free = new ArrayDeque<>(this.models);
  }

  /** Any of the copies, for what can be asked while it works. */
  ExplainableModel any() {
    return models.get(0);
  }

  int size() {
    return models.size();
  }

  int waiting() {
    lock.lock();
    try {
      return line.size();
    } finally {
      lock.unlock();
    }
  }

  int busy() {
    lock.lock();
    try {
      return models.size() - free.size();
    } finally {
      lock.unlock();
    }
  }

  /** How many are served before a job; 0 if it is next or does not wait. */
  int before(Job job) {
    lock.lock();
    try {
      return Math.max(0, List.copyOf(line).indexOf(job));
    } finally {
      lock.unlock();
    }
  }

  /**
   * Works with a copy, after those who came before.
   *
   * @throws HttpError if too many wait
   * @throws CancellationException if the job is cancelled
   */
  <T> T use(Job job, Function<ExplainableModel, T> work) {
    ExplainableModel model = take(job);
    try {
      job.start();
      return work.apply(model);
    } finally {
      put(model);
    }
  }

  private ExplainableModel take(Job job) {
    lock.lock();
    try {
      if (line.size() >= room && free.isEmpty()) {
        throw HttpError.busy(room + " requests are waiting already; try again in some seconds");
      }
      line.add(job);
      try {
        while (free.isEmpty() || line.element() != job) {
          job.check();
          boolean unused = changed.await(LOOK_MILLISECONDS, TimeUnit.MILLISECONDS);
        }
        return free.remove();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CancellationException("the server stops");
      } finally {
        line.remove(job);
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  private void put(ExplainableModel model) {
    lock.lock();
    try {
      free.add(model);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    models.forEach(ExplainableModel::close);
  }
}
