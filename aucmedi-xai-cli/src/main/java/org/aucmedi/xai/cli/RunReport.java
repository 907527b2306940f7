package org.aucmedi.xai.cli;

import java.io.PrintWriter;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.aucmedi.xai.decoder.DecoderListener;
import org.aucmedi.xai.decoder.DecoderResult.Warning;
import org.aucmedi.xai.decoder.SampleResult.Failed;
import org.aucmedi.xai.decoder.SampleResult.Stage;
import org.aucmedi.xai.decoder.SampleResult.WrittenMap;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.manifest.SampleRecord;

/**
 * Tells failures and warnings as they happen, and counts. Many failures of one kind are few lines.
 */
final class RunReport {

  private static final int NAMED = 3;

  private final PrintWriter err;
  private final RunProgress progress;
  private final String target;
  private final boolean nameAll;
  private final boolean quiet;
  private final Set<List<Object>> told = new HashSet<>();
  private final Set<String> failed = new HashSet<>();
  private final Set<String> unexplained = new LinkedHashSet<>();
  private final Map<String, Kind> kinds = new LinkedHashMap<>();
  private int maps;

  /**
   * Constructs it.
   *
   * @param err where to tell; flushes every line
   * @param progress shows how far the run is
   * @param target what is explained, as the user said it
   * @param nameAll whether every sample is named, however many fail for one reason
   * @param quiet whether only failures are told
   */
  RunReport(PrintWriter err, RunProgress progress, String target, boolean nameAll, boolean quiet) {
    this.err = err;
    this.target = target;
    this.progress = progress;
    this.nameAll = nameAll;
    this.quiet = quiet;
  }

  /** Listens to the run of one method. */
  DecoderListener of(String method) {
    return new DecoderListener() {

      @Override
      public void failed(Failed failure) {
        tell(failure);
      }

      @Override
      public void warned(Warning warning) {
        if (quiet) {
          return;
        }
        say(
            "warning: %s, class %s, %s: %s",
            Printable.of(warning.sample()),
            warning.label(),
            method,
            warning.status().description());
      }

      @Override
      public void written(String sample, WrittenMap map) {
        maps++;
      }

      @Override
      public void unexplained(String sample) {
        if (unexplained.add(sample) && !quiet && (nameAll || unexplained.size() <= NAMED)) {
          say("no map: %s: no class is %s", Printable.of(sample), target);
        }
      }

      @Override
      public void progressed(int samples, int total, double pass) {
        progress.update(samples, pass);
      }
    };
  }

  /** Tells why a method is left out. */
  void leftOut(String method, XAIException reason) {
    say("left out: %s: %s", method, Printable.of(String.valueOf(reason.getMessage())));
  }

  /** Tells of one sample what its record says. */
  void done(SampleRecord record) {
    say(
        "done: %s, %s: %s, %d maps, %.0f ms",
        Printable.of(record.sample()),
        record.method(),
        record.status().name().toLowerCase(Locale.ROOT),
        record.maps().size(),
        record.milliseconds());
  }

  private void say(String format, Object... values) {
    progress.above(() -> err.println(String.format(Locale.ROOT, format, values)));
  }

  /** Several methods may fail on one sample for one reason. */
  private void tell(Failed failure) {
    if (!told.add(List.of(failure.sample(), failure.stage(), failure.reason()))) {
      return;
    }
    failed.add(failure.sample());
    Kind kind = kinds.computeIfAbsent(kindOf(failure), reason -> new Kind(failure));
    kind.count++;
    if (nameAll || kind.count <= NAMED) {
      say("failed: %s: %s", Printable.of(failure.sample()), Printable.of(failure.reason()));
    }
  }

  /** Messages of a model name the batch, whose sizes make no other reason. */
  private static String kindOf(Failed failure) {
    return failure.stage() == Stage.EXPLAINING
        ? failure.reason().replaceAll("\\d+", "#")
        : failure.reason();
  }

  /** Tells how many samples were not named. */
  void end() {
    for (Kind kind : kinds.values()) {
      if (!nameAll && kind.count > NAMED) {
        say(
            "failed: and %d more for the same reason as %s; --debug names them all",
            kind.count - NAMED, Printable.of(kind.first.sample()));
      }
    }
    if (!nameAll && !quiet && unexplained.size() > NAMED) {
      say(
          "no map: and %d more for the same reason as %s; --debug names them all",
          unexplained.size() - NAMED, Printable.of(unexplained.iterator().next()));
    }
  }

  /** The number of files written. */
  int maps() {
    return maps;
  }

  /** The number of samples that failed with one method or more. */
  int failed() {
    return failed.size();
  }

  /** The number of samples that have no map because the target names nothing to explain of them. */
  int unexplained() {
    return (int) unexplained.stream().filter(sample -> !failed.contains(sample)).count();
  }

  /** Whether the model failed on every sample, of several, for one and the same reason. */
  boolean failedAlike(int samples) {
    return samples > 1
        && maps == 0
        && failed.size() == samples
        && kinds.size() == 1
        && kinds.values().iterator().next().first.stage() == Stage.EXPLAINING;
  }

  private static final class Kind {

    private final Failed first;
    private int count;

    Kind(Failed first) {
      this.first = first;
    }
  }
}
