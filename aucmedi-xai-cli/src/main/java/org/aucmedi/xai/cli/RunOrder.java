package org.aucmedi.xai.cli;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.imaging.AtomicFiles;
import org.aucmedi.xai.imaging.FileErrors;
import org.aucmedi.xai.manifest.SampleRecord;
import org.aucmedi.xai.manifest.SampleRecords;

/** The order of a run's records: by method, then by sample; unknown samples last, by name. */
final class RunOrder {

  private final Map<String, Integer> methods = new HashMap<>();
  private final Map<String, Integer> samples = new HashMap<>();

  RunOrder(List<String> methods, List<String> samples) {
    methods.forEach(method -> this.methods.putIfAbsent(method, this.methods.size()));
    samples.forEach(sample -> this.samples.put(sample, this.samples.size()));
  }

  /** Returns where a record is in the order; the largest number where its sample is unknown. */
  long place(SampleRecord record) {
    long method = methods.getOrDefault(record.method(), Integer.MAX_VALUE);
    return method << Integer.SIZE | samples.getOrDefault(record.sample(), Integer.MAX_VALUE);
  }

  /** A line of a file of records. */
  private record Line(int method, int sample, String name, long offset, int length) {}

  /**
   * Writes the records of a file in their order, without a torn last line. The lines themselves are
   * in memory one at a time.
   *
   * @param file the file; nothing is done if it is not there
   * @param kept which of them stay
   */
  void rewrite(Path file, Predicate<SampleRecord> kept) {
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    List<Line> lines = new ArrayList<>();
    SampleRecords.read(
        file,
        (record, line, offset) -> {
          if (kept.test(record)) {
            int sample = samples.getOrDefault(record.sample(), Integer.MAX_VALUE);
            lines.add(
                new Line(
                    methods.getOrDefault(record.method(), Integer.MAX_VALUE),
                    sample,
                    sample == Integer.MAX_VALUE ? record.sample() : "",
                    offset,
                    line.length));
          }
        });
    lines.sort(
        Comparator.comparingInt(Line::method)
            .thenComparingInt(Line::sample)
            .thenComparing(Line::name));
    try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
      AtomicFiles.write(
          file,
          out -> {
            for (Line line : lines) {
              byte[] bytes = new byte[line.length];
              in.seek(line.offset);
              in.readFully(bytes);
              out.write(bytes);
            }
          });
    } catch (IOException e) {
      throw new XAIException("cannot write " + file + ": " + FileErrors.reason(e), e);
    }
  }
}
