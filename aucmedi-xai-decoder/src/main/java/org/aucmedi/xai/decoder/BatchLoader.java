package org.aucmedi.xai.decoder;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Loads the samples of a batch on several threads: as many as the memory limit allows, and at least
 * one.
 *
 * <p>The size of an image is unknown until it is loaded, so it is assumed to equal that of the
 * image loaded last. If images are larger than expected, the limit can be exceeded by one image per
 * thread.
 */
final class BatchLoader {

  private static final int NONE = -1;

  private final Workers workers;
  private final long limit;
  private final IntFunction<LoadedSample> source;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition loadedOne = lock.newCondition();

  /** The expected number of values of the next sample; the whole limit for the first. */
  private long expected;

  private boolean stopped;

  /**
   * Constructs it.
   *
   * @param source loads the sample of an index; a failure is part of the outcome
   */
  BatchLoader(Workers workers, MemoryLimit limit, IntFunction<LoadedSample> source) {
    this.workers = workers;
    this.limit = limit.values();
    this.source = source;
    expected = this.limit;
  }

  /**
   * Loads a batch.
   *
   * @param from the first sample
   * @param to where to end at the latest
   * @return the outcomes of one sample or more, in their order
   */
  List<LoadedSample> load(int from, int to) {
    Batch batch = new Batch(from, to);
    workers.run(batch::loadAll);
    return batch.loaded();
  }

  /** Loads no further sample; the batch in progress ends early. */
  void stop() {
    lock.lock();
    try {
      stopped = true;
      loadedOne.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private final class Batch {

    private final int from;
    private final int to;
    private final LoadedSample[] loaded;
    private int next;
    private int loading;
    private long held;

    Batch(int from, int to) {
      this.from = from;
      this.to = to;
      next = from;
      loaded = new LoadedSample[to - from];
    }

    List<LoadedSample> loaded() {
      return Arrays.stream(loaded).filter(Objects::nonNull).toList();
    }

    void loadAll() {
      for (int index = take(); index != NONE; index = take()) {
        LoadedSample outcome = null;
        try {
          outcome = source.apply(index);
        } finally {
          put(index, outcome);
        }
      }
    }

    /** The next sample there is room for, after waiting for others if need be. */
    private int take() {
      lock.lock();
      try {
        while (next < to && !stopped) {
          if (next == from || held + (loading + 1) * expected <= limit) {
            loading++;
            return next++;
          }
          if (loading == 0) {
            return NONE;
          }
          loadedOne.awaitUninterruptibly();
        }
        return NONE;
      } finally {
        lock.unlock();
      }
    }

    private void put(int index, @Nullable LoadedSample outcome) {
      lock.lock();
      try {
        loading--;
        if (outcome != null) {
          loaded[index - from] = outcome;
          long values = outcome.values();
          held += values;
          expected = values > 0 ? values : expected;
        }
        loadedOne.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }
}
