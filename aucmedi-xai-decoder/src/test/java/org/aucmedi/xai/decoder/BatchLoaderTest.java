package org.aucmedi.xai.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.SampleType;
import org.aucmedi.xai.decoder.LoadedSample.Ready;
import org.aucmedi.xai.decoder.LoadedSample.Unloadable;
import org.aucmedi.xai.decoder.SampleResult.Stage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
final class BatchLoaderTest {

  private static final int THREADS = 8;

  @Test
  void load_largeImages_neverHoldsMoreThanTheLimit() {
    Store store = new Store(30, 30, 30, 30, 30, 30, 30, 30, 30, 30);

    assertThat(batches(store, 100, 32)).containsExactly(3, 3, 3, 1);
    assertThat(store.most).isEqualTo(90);
  }

  @Test
  void load_smallImages_fillTheBatch() {
    Store store = new Store(1, 1, 1, 1, 1, 1, 1);

    assertThat(batches(store, 100, 4)).containsExactly(4, 3);
  }

  @Test
  void load_imagesLargerThanTheLimit_comeOneByOne() {
    Store store = new Store(500, 500, 500);

    assertThat(batches(store, 100, 32)).containsExactly(1, 1, 1);
    assertThat(store.most).isEqualTo(500);
  }

  @Test
  void load_oneLargeImageAmongSmallOnes_endsItsBatch() {
    Store store = new Store(10, 10, 1000, 10, 10);

    // One thread: with several, the images after the large one may have begun before it is loaded.
    assertThat(batches(store, 100, 32, 1)).containsExactly(3, 2);
    assertThat(store.most).isEqualTo(1020);
  }

  @Test
  void load_oneLargeImageOnManyThreads_exceedsTheLimitByWhatHadBegun() {
    Store store = new Store(10, 10, 1000, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10);

    List<Integer> sizes = batches(store, 100, 32);

    assertThat(sizes.stream().mapToInt(Integer::intValue).sum()).isEqualTo(15);
    assertThat(sizes).hasSizeGreaterThan(1);
    // Ten images of the expected size fill the limit; one of them is the large one.
    assertThat(store.most).isBetween(1000, 1090);
  }

  @Test
  void load_samplesThatFail_takeNoRoom() {
    Store store = new Store(0, 0, 60, 0, 0, 60, 0);

    assertThat(batches(store, 100, 32).stream().mapToInt(Integer::intValue).sum()).isEqualTo(7);
  }

  @Test
  void load_imagesThatFit_areLoadedSeveralAtATime() throws InterruptedException {
    CountDownLatch together = new CountDownLatch(2);
    IntFunction<LoadedSample> source =
        index -> {
          if (index > 0) {
            together.countDown();
            try {
              together.await();
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
          }
          return outcome(index, 1);
        };
    try (Workers workers = new Workers(2)) {
      List<LoadedSample> batch = new BatchLoader(workers, new MemoryLimit(100), source).load(0, 3);
      assertThat(batch).extracting(outcome -> outcome.index()).containsExactly(0, 1, 2);
    }
  }

  @Test
  void load_errorOfTheSource_isThrown() {
    AtomicInteger calls = new AtomicInteger();
    IntFunction<LoadedSample> source =
        index -> {
          calls.incrementAndGet();
          throw new NoClassDefFoundError("gone");
        };
    try (Workers workers = new Workers(THREADS)) {
      BatchLoader loader = new BatchLoader(workers, new MemoryLimit(100), source);
      assertThatExceptionOfType(NoClassDefFoundError.class).isThrownBy(() -> loader.load(0, 50));
    }
    assertThat(calls.get()).isPositive();
  }

  @Test
  void load_stopped_endsTheBatchEarly() {
    AtomicReference<BatchLoader> stopped = new AtomicReference<>();
    IntFunction<LoadedSample> source =
        index -> {
          if (index == 2) {
            stopped.get().stop();
          }
          return outcome(index, 1);
        };
    try (Workers workers = new Workers(1)) {
      stopped.set(new BatchLoader(workers, new MemoryLimit(100), source));
      assertThat(stopped.get().load(0, 50)).hasSize(3);
    }
  }

  /** Loads everything, dropping each batch before the next, and returns the sizes. */
  private static List<Integer> batches(Store store, int limit, int batchSize) {
    return batches(store, limit, batchSize, THREADS);
  }

  private static List<Integer> batches(Store store, int limit, int batchSize, int threads) {
    List<Integer> sizes = new ArrayList<>();
    try (Workers workers = new Workers(threads)) {
      BatchLoader loader = new BatchLoader(workers, new MemoryLimit(limit), store::load);
      int total = store.sizes.length;
      for (int done = 0; done < total; ) {
        List<LoadedSample> batch = loader.load(done, Math.min(total, done + batchSize));
        for (LoadedSample outcome : batch) {
          assertThat(outcome.index()).isEqualTo(done++);
        }
        sizes.add(batch.size());
        store.drop();
      }
    }
    return sizes;
  }

  private static LoadedSample outcome(int index, int values) {
    String name = "sample " + index;
    if (values == 0) {
      return new Unloadable(
          index, Failures.of(name, Stage.LOADING, new IllegalArgumentException("bad"), List.of()));
    }
    ImageArray image = ImageArray.of(new int[] {1, values}, 1, new float[values], SampleType.FLOAT);
    return new Ready(new ExplanationSink.Sample(index, name, image), image, null);
  }

  /** Images of given sizes, counted from the start of their loading until they are dropped. */
  private static final class Store {

    private final int[] sizes;
    private int held;
    private int most;

    Store(int... sizes) {
      this.sizes = sizes;
    }

    LoadedSample load(int index) {
      synchronized (this) {
        held += sizes[index];
        most = Math.max(most, held);
      }
      return outcome(index, sizes[index]);
    }

    synchronized void drop() {
      held = 0;
    }
  }
}
