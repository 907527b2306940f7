package org.aucmedi.xai.cli;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.aucmedi.xai.Version;
import org.aucmedi.xai.decoder.CompletedSample;
import org.aucmedi.xai.decoder.DecoderListener;
import org.aucmedi.xai.decoder.DecoderResult.Warning;
import org.aucmedi.xai.decoder.SampleResult.Failed;
import org.aucmedi.xai.decoder.SampleResult.WrittenMap;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.imaging.FileErrors;
import org.aucmedi.xai.manifest.Manifest;
import org.aucmedi.xai.manifest.RunStatus;
import org.aucmedi.xai.manifest.SampleRecord;
import org.aucmedi.xai.manifest.Sha256;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/**
 * A run that is recorded in its output folder, can be interrupted, and goes on where an earlier one
 * has ended.
 */
final class RecordedRun implements AutoCloseable {

  private static final Clock CLOCK = Clock.systemUTC();

  private final CommandSpec command;
  private final RunOptions options;
  private final Map<String, Path> samples;
  private final List<Integer> chosen;
  private final Map<String, String> settings;
  private final Path modelFile;
  private final CompletableFuture<Sha256> modelHash;
  private final RunFolder folder;
  private final InputHashes hashes;
  private final DoneBefore before;
  private @Nullable RunRecorder recorder;
  private @Nullable Interrupt interrupt;

  /**
   * Locks the folder and looks at what is in it, before the model is loaded.
   *
   * @param model the model's file or folder
   * @param samples all samples of the run, also of other shards
   * @throws XAIException if the folder cannot be used
   */
  RecordedRun(
      CommandSpec command, RunOptions options, Path output, Path model, Map<String, Path> samples) {
    this.command = command;
    this.options = options;
    this.samples = samples;
    options.check();
    settings = RunSettings.of(command);
    List<String> names = List.copyOf(samples.keySet());
    Shard shard = options.shard();
    chosen =
        IntStream.range(0, names.size())
            .filter(index -> shard == null || shard.has(names.get(index)))
            .boxed()
            .toList();
    before = new DoneBefore(names, chosen);
    folder = new RunFolder(output, options, settings);
    hashes = new InputHashes(List.copyOf(samples.values()), chosen);
    modelFile = model;
    modelHash = CompletableFuture.supplyAsync(() -> hash(model));
    try {
      if (folder.resumed() != null) {
        folder.checkModel(modelHash().digits());
        before.read(folder.files(), hashes);
      }
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  private static Sha256 hash(Path model) {
    try {
      return Sha256.of(ExplainableModel.files(model));
    } catch (IOException e) {
      throw new XAIException("cannot read the model " + model + ": " + FileErrors.reason(e), e);
    }
  }

  private Sha256 modelHash() {
    try {
      return modelHash.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException known ? known : e;
    }
  }

  /** Returns how many samples the run has. */
  int size() {
    return chosen.size();
  }

  /** Returns the batches that a method has to do. */
  List<List<Integer>> batches(String method, int batchSize) {
    return before.batches(method, batchSize);
  }

  /** Returns how many samples a method has to do, once its batches are known. */
  int toDo(String method) {
    return before.planned(method);
  }

  /** Returns how many samples earlier runs have done with every method. */
  int done() {
    return folder.resumed() == null ? 0 : before.samplesDone();
  }

  /**
   * Begins the record. Nothing before this changes the folder.
   *
   * @param loaded the model
   * @param methods the methods, in their order
   */
  void begin(LoadedModel loaded, List<Manifest.Method> methods) {
    folder.make();
    Manifest earlier = folder.resumed();
    if (earlier == null) {
      folder.clear(List.copyOf(samples.values()));
    }
    RunRecorder made =
        new RunRecorder(
            folder.files(),
            manifest(loaded, methods, earlier),
            samples,
            hashes,
            before::keeps,
            earlier == null ? 0 : earlier.summary().seconds(),
            CLOCK);
    recorder = made;
    interrupt =
        new Interrupt(
            () -> {
              made.end(RunStatus.INTERRUPTED, Interrupt.REASON);
              command.commandLine().getErr().println(Interrupt.WAITING);
            });
  }

  private Manifest manifest(
      LoadedModel loaded, List<Manifest.Method> methods, @Nullable Manifest earlier) {
    Sha256 hash = modelHash();
    Shape shape = loaded.model().inputShape();
    String engineVersion;
    try (NDManager manager = loaded.model().newManager()) {
      engineVersion = manager.getEngine().getVersion();
    }
    Runtime java = Runtime.getRuntime();
    return new Manifest(
        Manifest.FORMAT,
        Manifest.VERSION,
        new Manifest.Program(command.root().name(), Version.CURRENT),
        RunStatus.RUNNING,
        null,
        command.root().commandLine().getParseResult().originalArgs(),
        earlier == null ? RunRecorder.now(CLOCK) : earlier.started(),
        null,
        settings,
        new Manifest.Model(
            modelFile.toString(),
            hash.digits(),
            hash.bytes(),
            loaded.model().engineName(),
            engineVersion,
            shape == null ? null : Arrays.stream(shape.getShape()).boxed().toList(),
            loaded.aucmedi() == null ? null : loaded.aucmedi().folder().classNames()),
        earlier == null ? methods : withLayers(methods, earlier),
        chosen.size(),
        options.shard() == null ? null : options.shard().toString(),
        new Manifest.Machine(
            System.getProperty("os.name") + " " + System.getProperty("os.version"),
            System.getProperty("os.arch"),
            java.availableProcessors(),
            System.getProperty("java.version"),
            java.maxMemory()),
        new Manifest.Summary(0, 0, 0, 0, 0, 0));
  }

  private static List<Manifest.Method> withLayers(List<Manifest.Method> methods, Manifest earlier) {
    return methods.stream()
        .map(
            method ->
                earlier.methods().stream()
                    .filter(known -> known.key().equals(method.key()))
                    .findFirst()
                    .map(known -> method.withLayers(known.layers()))
                    .orElse(method))
        .toList();
  }

  /**
   * Listens to the run of a method.
   *
   * @param report hears everything too
   * @param told takes each record
   */
  DecoderListener listener(String method, DecoderListener report, Consumer<SampleRecord> told) {
    return new DecoderListener() {

      @Override
      public void failed(Failed failure) {
        report.failed(failure);
      }

      @Override
      public void warned(Warning warning) {
        report.warned(warning);
      }

      @Override
      public void written(String sample, WrittenMap map) {
        report.written(sample, map);
      }

      @Override
      public void unexplained(String sample) {
        report.unexplained(sample);
      }

      @Override
      public void completed(CompletedSample sample) {
        if (recorder != null) {
          told.accept(recorder.add(method, sample));
        }
      }

      @Override
      public void progressed(int done, int total, double pass) {
        if (interrupt != null) {
          interrupt.check();
        }
        report.progressed(done, total, pass);
      }
    };
  }

  /** Ends the record of a run that has done everything; returns it. */
  Manifest finish() {
    return end(RunStatus.FINISHED, null);
  }

  /**
   * Ends the record of a run that something has ended, if it has begun.
   *
   * @return the manifest, or null if there is none or it cannot be written
   */
  @Nullable Manifest fail(Throwable cause) {
    if (recorder == null) {
      return null;
    }
    try {
      return interrupted()
          ? end(RunStatus.INTERRUPTED, Interrupt.REASON)
          : end(RunStatus.FAILED, String.valueOf(cause.getMessage()));
    } catch (XAIException e) {
      // The disk is full, for instance, which is what ended the run.
      cause.addSuppressed(e);
      return null;
    }
  }

  private Manifest end(RunStatus status, @Nullable String reason) {
    recorder.end(status, reason);
    return recorder.manifest();
  }

  /** Returns whether the process was asked to end. */
  boolean interrupted() {
    return interrupt != null && interrupt.requested();
  }

  @Override
  public void close() {
    hashes.close();
    folder.close();
    if (interrupt != null) {
      interrupt.close();
    }
  }
}
