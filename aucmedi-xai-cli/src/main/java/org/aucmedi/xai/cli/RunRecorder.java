package org.aucmedi.xai.cli;

import com.google.common.primitives.Floats;
import com.google.common.primitives.Ints;
import java.nio.file.Path;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.aucmedi.xai.decoder.CompletedSample;
import org.aucmedi.xai.decoder.CompletedSample.MapDetails;
import org.aucmedi.xai.decoder.SampleResult;
import org.aucmedi.xai.decoder.SampleResult.Failed;
import org.aucmedi.xai.decoder.SampleResult.Written;
import org.aucmedi.xai.decoder.SampleResult.WrittenMap;
import org.aucmedi.xai.manifest.Manifest;
import org.aucmedi.xai.manifest.ManifestFile;
import org.aucmedi.xai.manifest.RunFiles;
import org.aucmedi.xai.manifest.RunStatus;
import org.aucmedi.xai.manifest.SampleRecord;
import org.aucmedi.xai.manifest.SampleRecord.MapRecord;
import org.aucmedi.xai.manifest.SampleRecords;
import org.aucmedi.xai.manifest.Sha256;
import org.jspecify.annotations.Nullable;

/** Keeps the record of a run while it goes on. Safe for use by several threads. */
final class RunRecorder {

  private final RunFiles files;
  private final List<String> names;
  private final List<Path> inputs;
  private final InputHashes hashes;
  private final RunOrder order;
  private final SampleRecords.Appender appender;
  private final Map<String, Set<String>> layers = new LinkedHashMap<>();
  private final Map<String, Integer> records = new HashMap<>();
  private final Set<String> failed = new HashSet<>();
  private final Set<String> unexplained = new HashSet<>();
  private final double secondsBefore;
  private final Clock clock;

  /** Durations are of a clock that nobody sets. */
  private final long start = System.nanoTime();

  private Manifest manifest;

  /** Where the last line is in the order, and whether those before it are as well. */
  private long last = -1;

  private boolean inOrder = true;
  private int warned;
  private int maps;
  private boolean ended;

  /**
   * Begins the record: earlier lines that stay are kept, the manifest is written.
   *
   * @param manifest the run at its start
   * @param samples the images by name
   * @param kept decides which lines of an earlier run stay
   * @param secondsBefore how long earlier runs took
   * @param clock tells when the run ends; may be set back while it goes on
   * @throws org.aucmedi.xai.error.XAIException if it cannot be written
   */
  RunRecorder(
      RunFiles files,
      Manifest manifest,
      Map<String, Path> samples,
      InputHashes hashes,
      Predicate<SampleRecord> kept,
      double secondsBefore,
      Clock clock) {
    this.files = files;
    this.clock = clock;
    this.manifest = manifest;
    this.hashes = hashes;
    this.secondsBefore = secondsBefore;
    names = List.copyOf(samples.keySet());
    inputs = List.copyOf(samples.values());
    order = new RunOrder(manifest.methods().stream().map(Manifest.Method::key).toList(), names);
    for (Manifest.Method method : manifest.methods()) {
      layers.put(method.key(), new TreeSet<>(method.layers()));
    }
    ManifestFile.checkReplaceable(files.manifest());
    order.rewrite(
        files.samples(),
        record -> {
          boolean keep = kept.test(record);
          if (keep) {
            count(record);
            last = Math.max(last, order.place(record));
          }
          return keep;
        });
    this.manifest = manifest.withStatus(RunStatus.RUNNING, null, null, summary());
    ManifestFile.write(files.manifest(), this.manifest);
    appender = new SampleRecords.Appender(files.samples());
  }

  /** Records what became of a sample. */
  synchronized SampleRecord add(String method, CompletedSample sample) {
    SampleRecord record = record(method, sample);
    if (!ended) {
      appender.append(record);
      count(record);
      long place = order.place(record);
      inOrder &= place > last;
      last = Math.max(last, place);
      learnLayers(method, sample);
    }
    return record;
  }

  /**
   * Ends the record; once.
   *
   * @param status how the run ended
   * @param reason why, unless it finished
   */
  synchronized void end(RunStatus status, @Nullable String reason) {
    if (ended) {
      return;
    }
    ended = true;
    appender.close();
    if (status == RunStatus.FINISHED && !inOrder) {
      order.rewrite(files.samples(), record -> true);
    }
    manifest = manifest.withStatus(status, reason, now(clock), summary());
    ManifestFile.write(files.manifest(), manifest);
  }

  /** Returns the manifest as it is. */
  synchronized Manifest manifest() {
    return manifest;
  }

  /** The time, to the millisecond. */
  static String now(Clock clock) {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS).toString();
  }

  private Manifest.Summary summary() {
    int complete =
        (int)
            records.entrySet().stream()
                .filter(sample -> sample.getValue() >= layers.size())
                .filter(sample -> !failed.contains(sample.getKey()))
                .filter(sample -> !unexplained.contains(sample.getKey()))
                .count();
    return new Manifest.Summary(
        complete,
        (int) unexplained.stream().filter(sample -> !failed.contains(sample)).count(),
        failed.size(),
        warned,
        maps,
        Math.round((secondsBefore + (System.nanoTime() - start) / 1e9) * 1000) / 1000.0);
  }

  private void count(SampleRecord record) {
    records.merge(record.sample(), 1, Integer::sum);
    switch (record.status()) {
      case FAILED -> failed.add(record.sample());
      case UNEXPLAINED -> unexplained.add(record.sample());
      case EXPLAINED -> {}
    }
    maps += record.maps().size();
    warned += (int) record.maps().stream().filter(map -> !map.status().equals("OK")).count();
  }

  private void learnLayers(String method, CompletedSample sample) {
    boolean news = false;
    for (MapDetails details : sample.details()) {
      news |= details.layer() != null && layers.get(method).add(details.layer());
    }
    if (news) {
      manifest =
          manifest.withMethods(
              manifest.methods().stream()
                  .map(known -> known.withLayers(List.copyOf(layers.get(known.key()))))
                  .toList());
      ManifestFile.write(files.manifest(), manifest);
    }
  }

  private SampleRecord record(String method, CompletedSample sample) {
    Sha256 hash = hashes.of(sample.index());
    SampleResult result = sample.result();
    Failed failure = result instanceof Failed failedOne ? failedOne : null;
    List<WrittenMap> written =
        failure != null ? failure.written() : result instanceof Written w ? w.maps() : List.of();
    List<MapRecord> mapRecords = new ArrayList<>();
    for (int n = 0; n < Math.min(written.size(), sample.details().size()); n++) {
      mapRecords.add(map(written.get(n), sample.details().get(n)));
    }
    int[] shape = sample.shape();
    float[] outputs = sample.outputs();
    return new SampleRecord(
        names.get(sample.index()),
        inputs.get(sample.index()).toString(),
        hash == null ? 0 : hash.bytes(),
        hash == null ? null : hash.digits(),
        method,
        failure != null
            ? SampleRecord.Status.FAILED
            : written.isEmpty() ? SampleRecord.Status.UNEXPLAINED : SampleRecord.Status.EXPLAINED,
        shape == null ? null : Ints.asList(shape),
        outputs == null ? null : Floats.asList(outputs),
        mapRecords,
        Math.round(sample.time().toNanos() / 1e3) / 1e3,
        failure == null
            ? null
            : new SampleRecord.Failure(
                failure.stage().name().toLowerCase(Locale.ROOT), failure.reason()));
  }

  private MapRecord map(WrittenMap map, MapDetails details) {
    return new MapRecord(
        map.label(),
        map.score(),
        map.status().name(),
        details.diagnostics(),
        details.rawScale().atZero(),
        details.rawScale().atOne(),
        map.files().stream().map(this::relative).toList());
  }

  private String relative(Path file) {
    return RunFiles.slashed(files.folder().toAbsolutePath().relativize(file.toAbsolutePath()));
  }
}
