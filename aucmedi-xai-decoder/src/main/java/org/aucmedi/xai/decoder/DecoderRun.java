package org.aucmedi.xai.decoder;

import com.google.common.base.Throwables;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import com.google.common.util.concurrent.Uninterruptibles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.Progress;
import org.aucmedi.xai.array.Placement;
import org.aucmedi.xai.decoder.BatchExplainer.Maps;
import org.aucmedi.xai.decoder.CompletedSample.MapDetails;
import org.aucmedi.xai.decoder.DecoderResult.Warning;
import org.aucmedi.xai.decoder.LoadedSample.Ready;
import org.aucmedi.xai.decoder.LoadedSample.Unloadable;
import org.aucmedi.xai.decoder.SampleResult.Stage;
import org.aucmedi.xai.decoder.SampleResult.WrittenMap;
import org.aucmedi.xai.error.XAIException;
import org.jspecify.annotations.Nullable;

/**
 * One run of a decoder: while a batch is explained, on the calling thread, the next is loaded and
 * the maps of the one before go to the sink. Each of the three holds a third of the memory limit at
 * most.
 */
final class DecoderRun implements AutoCloseable {

  /** Loading, explaining, writing. */
  private static final int STAGES = 3;

  private final XAIDecoder.Settings settings;
  private final List<String> names;

  /** The samples to explain, and for each where its batch ends in this order. */
  private final int[] order;

  private final int[] ends;
  private final List<SampleLog> logs;
  private final BatchExplainer explainer;
  private final MapScaler scaler;
  private final Workers loaders;
  private final Workers writers = new Workers(Runtime.getRuntime().availableProcessors());
  private final BatchLoader loader;

  /** One thread leads the loaders, one the writers. */
  private final ExecutorService stages =
      Executors.newFixedThreadPool(
          2,
          new ThreadFactoryBuilder()
              .setNameFormat("aucmedi-xai-decoder-stage-%d")
              .setDaemon(true)
              .build());

  private Future<List<LoadedSample>> next = Futures.immediateFuture(List.of());
  private @Nullable Writing writing;
  private int done;
  private long explaining;

  DecoderRun(XAIDecoder.Settings settings, MemoryLimit limit) {
    this.settings = settings;
    names = settings.generator().samples();
    logs = IntStream.range(0, names.size()).mapToObj(n -> new SampleLog(n, names.get(n))).toList();
    order = settings.batches().stream().flatMap(List::stream).mapToInt(n -> n).toArray();
    ends = ends(settings.batches());
    MemoryLimit memory = limit.share(STAGES);
    loaders = new Workers(settings.generator().workers());
    loader = new BatchLoader(loaders, memory, position -> load(order[position]));
    explainer =
        new BatchExplainer(
            settings.method(),
            settings.target(),
            settings.eps(),
            memory,
            this::passed,
            this::finishOtherStages,
            this::failExplaining);
    scaler = new MapScaler(settings.scaling(), memory, this::failExplaining);
  }

  private static int[] ends(List<List<Integer>> batches) {
    IntStream.Builder ends = IntStream.builder();
    int end = 0;
    for (List<Integer> batch : batches) {
      end += batch.size();
      for (int n = 0; n < batch.size(); n++) {
        ends.add(end);
      }
    }
    return ends.build().toArray();
  }

  /** Maps that are being written, and the samples that they are of. */
  private record Writing(Future<?> end, List<SampleLog> logs) {}

  /** Explains every sample; once. */
  DecoderResult run() {
    next = order.length == 0 ? next : startLoading(0);
    while (done < order.length) {
      Progress.checkNotInterrupted(done, order.length);
      List<LoadedSample> batch = get(next);
      int end = done + batch.size();
      if (end < order.length) {
        next = startLoading(end);
      }
      explain(batch);
      retry(batch);
      if (end == order.length) {
        awaitWriting();
      }
      done = end;
      settings.listener().progressed(done, order.length, 0);
    }
    return new DecoderResult(
        Arrays.stream(order).mapToObj(index -> logs.get(index).result()).toList());
  }

  /** Ends what has begun: after it nothing is loaded, and nothing written. */
  @Override
  public void close() {
    loader.stop();
    try {
      awaitWriting();
    } finally {
      stages.shutdown();
      Uninterruptibles.awaitTerminationUninterruptibly(stages);
      loaders.close();
      writers.close();
    }
  }

  private Future<List<LoadedSample>> startLoading(int from) {
    return stages.submit(() -> loader.load(from, ends[from]));
  }

  private LoadedSample load(int index) {
    String name = names.get(index);
    long start = System.nanoTime();
    try {
      return settings.load(index, name);
    } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
      return new Unloadable(index, Failures.of(name, Stage.LOADING, e, List.of()));
    } finally {
      logs.get(index).nanos += System.nanoTime() - start;
    }
  }

  /** Explains what is loaded; samples of other shapes than their neighbours' go alone. */
  private void explain(List<LoadedSample> batch) {
    List<Ready> group = new ArrayList<>();
    for (LoadedSample loaded : batch) {
      if (loaded instanceof Ready ready && hasFinitePrediction(ready)) {
        if (!group.isEmpty() && !group.get(0).sameInputShape(ready)) {
          explainGroup(group);
          group = new ArrayList<>();
        }
        group.add(ready);
      } else if (loaded instanceof Unloadable unloadable && !unloadable.ranOutOfMemory()) {
        logs.get(loaded.index()).failure = unloadable.failure();
        tellFailure(logs.get(loaded.index()));
      }
    }
    if (!group.isEmpty()) {
      explainGroup(group);
    }
  }

  /** A sample that there was no memory for is tried once more, when all else is done. */
  private void retry(List<LoadedSample> batch) {
    for (LoadedSample loaded : batch) {
      if (loaded instanceof Unloadable unloadable && unloadable.ranOutOfMemory()) {
        finishOtherStages();
        LoadedSample again = load(loaded.index());
        if (again instanceof Unloadable failed) {
          logs.get(loaded.index()).failure = failed.failure();
          tellFailure(logs.get(loaded.index()));
        } else {
          explain(List.of(again));
        }
      }
    }
  }

  private boolean hasFinitePrediction(Ready sample) {
    float[][] predictions = settings.target().predictions();
    Float odd = predictions == null ? null : BatchExplainer.notFinite(predictions[sample.index()]);
    if (odd != null) {
      fail(
          sample.index(),
          Stage.EXPLAINING,
          new XAIException("the prediction given for it is not finite (" + odd + ")"));
    }
    return odd == null;
  }

  private void failExplaining(Ready sample, Throwable cause) {
    fail(sample.index(), Stage.EXPLAINING, cause);
  }

  private void explainGroup(List<Ready> group) {
    if (settings.sink() == null) {
      group.forEach(ready -> logs.get(ready.index()).sample = ready.sample());
    }
    group.forEach(ready -> logs.get(ready.index()).shape = ready.sample().image().spatialShape());
    explaining = System.nanoTime();
    explainer.explain(
        group,
        made -> {
          List<Maps> part = scaler.scale(made);
          long share = (System.nanoTime() - explaining) / Math.max(1, made.size());
          awaitWriting();
          for (Maps maps : made) {
            SampleLog log = logs.get(maps.sample().index());
            log.nanos += share;
            log.outputs = maps.outputs();
            log.expected = maps.total();
          }
          startWriting(part);
          explaining = System.nanoTime();
          for (Maps maps : part) {
            if (maps.list().isEmpty()) {
              settings.listener().unexplained(maps.sample().sample().name());
            }
          }
        });
    scaler.clear();
  }

  private void startWriting(List<Maps> part) {
    writing =
        new Writing(
            stages.submit(() -> write(part)),
            part.stream().map(maps -> logs.get(maps.sample().index())).toList());
  }

  /** Waits until only the calling thread is at work; says whether others were. */
  private boolean finishOtherStages() {
    boolean others = writing != null || !next.isDone();
    get(next);
    awaitWriting();
    return others;
  }

  /** Waits for the maps being written and reports the outcome. */
  private void awaitWriting() {
    Writing current = writing;
    if (current != null) {
      writing = null;
      get(current.end);
      current.logs.forEach(this::tell);
    }
  }

  private static <T> T get(Future<T> future) {
    try {
      return Uninterruptibles.getUninterruptibly(future);
    } catch (ExecutionException e) {
      Throwables.throwIfUnchecked(e.getCause());
      throw new IllegalStateException(e.getCause());
    }
  }

  /** Writes or keeps the maps; those that there was no memory for, again by themselves. */
  private void write(List<Maps> part) {
    Queue<Unwritten> waiting = new ConcurrentLinkedQueue<>();
    part.forEach(maps -> waiting.add(new Unwritten(maps, settings.scaling().unseen())));
    Queue<Unwritten> again = new ConcurrentLinkedQueue<>();
    writers.run(
        () -> {
          for (Unwritten maps; (maps = waiting.poll()) != null; ) {
            try {
              write(maps);
            } catch (OutOfMemoryError e) {
              again.add(maps);
            }
          }
        });
    for (Unwritten maps : again) {
      try {
        write(maps);
      } catch (OutOfMemoryError e) {
        logs.get(maps.sample.index()).fail(Stage.WRITING, e);
      }
    }
  }

  /** The maps of a sample that are still to be written. */
  private static final class Unwritten {

    private final ExplanationSink.Sample sample;
    private final @Nullable Placement back;
    private final float unseen;
    private final List<Heatmap> maps;
    private int next;

    Unwritten(Maps made, float unseen) {
      sample = made.sample().sample();
      back = made.sample().back();
      this.unseen = unseen;
      maps = made.list();
    }

    /** A map in the size of the image that an overlay is drawn on. */
    Heatmap onImage(Heatmap map) {
      return back == null ? map.resizedTo(sample.image().spatialShape()) : map.backOn(back, unseen);
    }
  }

  /** Checks a map against the mask of the body, if there is one. */
  private Heatmap checked(ExplanationSink.Sample sample, Heatmap map) {
    return settings
        .bodies()
        .of(sample.name(), sample.image().spatialShape())
        .map(map::checkedAgainst)
        .orElse(map);
  }

  private void write(Unwritten unwritten) {
    SampleLog log = logs.get(unwritten.sample.index());
    long start = System.nanoTime();
    try {
      for (; log.failure == null && unwritten.next < unwritten.maps.size(); unwritten.next++) {
        Heatmap map = unwritten.maps.get(unwritten.next);
        if (settings.resizeMaps()) {
          map = checked(unwritten.sample, unwritten.onImage(map));
        }
        ExplanationSink sink = settings.sink();
        if (sink == null) {
          log.kept.add(map);
        } else {
          log.written.add(
              new WrittenMap(
                  map.objective().label(),
                  map.score(),
                  map.status(),
                  sink.accept(unwritten.sample, map)));
          log.details.add(MapDetails.of(map));
        }
      }
    } catch (RuntimeException | StackOverflowError e) {
      log.fail(Stage.WRITING, e);
    } finally {
      log.nanos += System.nanoTime() - start;
    }
  }

  private void fail(int index, Stage stage, Throwable cause) {
    awaitWriting();
    SampleLog log = logs.get(index);
    log.fail(stage, cause);
    tellFailure(log);
  }

  /** Reports what is new. */
  private void tell(SampleLog log) {
    for (; log.told < log.written.size(); log.told++) {
      WrittenMap map = log.written.get(log.told);
      settings.listener().written(log.name, map);
      warn(new Warning(log.name, map.label(), map.status()));
    }
    for (; log.told < log.kept.size(); log.told++) {
      warn(Warning.of(log.name, log.kept.get(log.told)));
    }
    tellFailure(log);
    tellComplete(log);
  }

  private void tellComplete(SampleLog log) {
    if (!log.completed && log.isComplete()) {
      settings.listener().completed(log.complete());
    }
  }

  private void warn(Warning warning) {
    if (warning.status() != MapStatus.OK) {
      settings.listener().warned(warning);
    }
  }

  private void tellFailure(SampleLog log) {
    if (log.failure != null && !log.failureTold) {
      log.failureTold = true;
      settings.listener().failed(log.failure);
      tellComplete(log);
    }
  }

  /** Called after every pass of a method that needs many. */
  private void passed(long step, long steps) {
    Progress.checkNotInterrupted(done, order.length);
    settings.listener().progressed(done, order.length, (double) step / steps);
  }
}
