package org.aucmedi.xai.decoder;

import com.google.common.base.Throwables;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import com.google.common.util.concurrent.Uninterruptibles;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.Progress;
import org.aucmedi.xai.array.Placement;
import org.aucmedi.xai.decoder.BatchExplainer.Maps;
import org.aucmedi.xai.decoder.DecoderResult.Warning;
import org.aucmedi.xai.decoder.LoadedSample.Ready;
import org.aucmedi.xai.decoder.LoadedSample.Unloadable;
import org.aucmedi.xai.decoder.SampleResult.Failed;
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
  private final List<Log> logs;
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

  DecoderRun(XAIDecoder.Settings settings, MemoryLimit limit) {
    this.settings = settings;
    names = settings.generator().samples();
    logs = names.stream().map(Log::new).toList();
    MemoryLimit memory = limit.share(STAGES);
    loaders = new Workers(settings.generator().workers());
    loader = new BatchLoader(loaders, memory, this::load);
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

  /** Maps that are being written, and the samples that they are of. */
  private record Writing(Future<?> end, List<Log> logs) {}

  /** What is known of a sample. One thread at a time has it. */
  private static final class Log {

    private final String name;
    private final List<Heatmap> kept = new ArrayList<>();
    private final List<WrittenMap> written = new ArrayList<>();
    private ExplanationSink.@Nullable Sample sample;
    private @Nullable Failed failure;
    private int told;
    private boolean failureTold;

    Log(String name) {
      this.name = name;
    }

    /** Keeps what the sample failed of first. */
    void fail(Stage stage, Throwable cause) {
      if (failure == null) {
        kept.clear();
        sample = null;
        failure = Failures.of(name, stage, cause, written);
      }
    }

    SampleResult result() {
      if (failure != null) {
        return failure;
      }
      return sample == null
          ? new SampleResult.Written(name, written)
          : new SampleResult.Explained(name, sample.image(), kept);
    }
  }

  /** Explains every sample; once. */
  DecoderResult run() {
    next = startLoading(0);
    while (done < names.size()) {
      Progress.checkNotInterrupted(done, names.size());
      List<LoadedSample> batch = get(next);
      int end = done + batch.size();
      if (end < names.size()) {
        next = startLoading(end);
      }
      explain(batch);
      retry(batch);
      if (end == names.size()) {
        awaitWriting();
      }
      done = end;
      settings.listener().progressed(done, names.size(), 0);
    }
    return new DecoderResult(logs.stream().map(Log::result).toList());
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
    int to = Math.min(names.size(), from + settings.generator().batchSize());
    return stages.submit(() -> loader.load(from, to));
  }

  private LoadedSample load(int index) {
    String name = names.get(index);
    try {
      return settings.load(index, name);
    } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
      return new Unloadable(index, Failures.of(name, Stage.LOADING, e, List.of()));
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
    explainer.explain(
        group,
        made -> {
          List<Maps> part = scaler.scale(made);
          awaitWriting();
          startWriting(part);
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

  private void write(Unwritten unwritten) {
    Log log = logs.get(unwritten.sample.index());
    try {
      for (; log.failure == null && unwritten.next < unwritten.maps.size(); unwritten.next++) {
        Heatmap map = unwritten.maps.get(unwritten.next);
        if (settings.resizeMaps()) {
          map = unwritten.onImage(map);
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
        }
      }
    } catch (RuntimeException | StackOverflowError e) {
      log.fail(Stage.WRITING, e);
    }
  }

  private void fail(int index, Stage stage, Throwable cause) {
    awaitWriting();
    Log log = logs.get(index);
    log.fail(stage, cause);
    tellFailure(log);
  }

  /** Reports what is new. */
  private void tell(Log log) {
    for (; log.told < log.written.size(); log.told++) {
      WrittenMap map = log.written.get(log.told);
      settings.listener().written(log.name, map);
      warn(new Warning(log.name, map.label(), map.status()));
    }
    for (; log.told < log.kept.size(); log.told++) {
      warn(Warning.of(log.name, log.kept.get(log.told)));
    }
    tellFailure(log);
  }

  private void warn(Warning warning) {
    if (warning.status() != MapStatus.OK) {
      settings.listener().warned(warning);
    }
  }

  private void tellFailure(Log log) {
    if (log.failure != null && !log.failureTold) {
      log.failureTold = true;
      settings.listener().failed(log.failure);
    }
  }

  /** Called after every pass of a method that needs many. */
  private void passed(long step, long steps) {
    Progress.checkNotInterrupted(done, names.size());
    settings.listener().progressed(done, names.size(), (double) step / steps);
  }
}
