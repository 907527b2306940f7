package org.aucmedi.xai.decoder;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.decoder.CompletedSample.MapDetails;
import org.aucmedi.xai.decoder.SampleResult.Failed;
import org.aucmedi.xai.decoder.SampleResult.Stage;
import org.aucmedi.xai.decoder.SampleResult.WrittenMap;
import org.jspecify.annotations.Nullable;

/** What is known of a sample in a run. One thread at a time has it. */
final class SampleLog {

  final int index;
  final String name;
  final List<Heatmap> kept = new ArrayList<>();
  final List<WrittenMap> written = new ArrayList<>();
  List<MapDetails> details = new ArrayList<>();
  int @Nullable [] shape;
  float @Nullable [] outputs;
  long nanos;

  /** How many maps it will have; unknown until it is explained. */
  int expected = -1;

  boolean completed;
  ExplanationSink.@Nullable Sample sample;
  @Nullable Failed failure;
  int told;
  boolean failureTold;

  SampleLog(int index, String name) {
    this.index = index;
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

  boolean isComplete() {
    return failure != null || kept.size() + written.size() == expected;
  }

  /** Says all that is known, and forgets what nobody will ask for again. */
  CompletedSample complete() {
    completed = true;
    CompletedSample all =
        new CompletedSample(index, result(), details, shape, outputs, Duration.ofNanos(nanos));
    details = List.of();
    outputs = null;
    return all;
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
