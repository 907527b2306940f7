package org.aucmedi.xai.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.imaging.AtomicFiles;
import org.aucmedi.xai.imaging.FileErrors;
import org.aucmedi.xai.manifest.RunFiles;
import org.aucmedi.xai.manifest.SampleRecord;
import org.aucmedi.xai.manifest.SampleRecord.MapRecord;
import org.aucmedi.xai.manifest.SampleRecords;

/** The records of shards in one file, by method and name; one of them is in memory at a time. */
final class MergedRecords {

  private MergedRecords() {}

  /**
   * Writes them.
   *
   * @param target where to
   * @param methods in their order
   * @param parts where from
   * @throws XAIException if two shards have a record of one sample, or a file cannot be read or
   *     written
   */
  static void write(RunFiles target, List<String> methods, List<RunFiles> parts) {
    try {
      AtomicFiles.write(
          target.samples(),
          out -> {
            Map<String, RunFiles> known = new HashMap<>();
            for (RunFiles part : parts) {
              SampleRecords.read(
                  part.samples(),
                  (record, line, offset) -> {
                    RunFiles twin = known.put(record.method() + "\0" + record.sample(), part);
                    if (twin != null) {
                      throw new XAIException(
                          "sample "
                              + record.sample()
                              + " is in "
                              + twin.samples()
                              + " and in "
                              + part.samples()
                              + "; give the shards of one run");
                    }
                    out.write(SampleRecords.line(moved(record, part.folder(), target.folder())));
                  });
            }
          });
    } catch (IOException e) {
      throw new XAIException("cannot write " + target.samples() + ": " + FileErrors.reason(e), e);
    }
    new RunOrder(methods, List.of()).rewrite(target.samples(), record -> true);
  }

  /** The record with its files relative to another folder. */
  private static SampleRecord moved(SampleRecord record, Path from, Path to) throws IOException {
    Path here = real(from);
    Path there = real(to);
    if (here.equals(there)) {
      return record;
    }
    return new SampleRecord(
        record.sample(),
        record.file(),
        record.bytes(),
        record.sha256(),
        record.method(),
        record.status(),
        record.shape(),
        record.outputs(),
        record.maps().stream()
            .map(
                map ->
                    new MapRecord(
                        map.label(),
                        map.score(),
                        map.status(),
                        map.diagnostics(),
                        map.rawMin(),
                        map.rawMax(),
                        map.files().stream()
                            .map(file -> slashed(there.relativize(here.resolve(file))))
                            .toList()))
            .toList(),
        record.milliseconds(),
        record.failure());
  }

  private static Path real(Path folder) throws IOException {
    return Files.exists(folder) ? folder.toRealPath() : folder.toAbsolutePath().normalize();
  }

  /** A relative path with / between its parts, on every system. */
  static String slashed(Path path) {
    StringBuilder text = new StringBuilder();
    path.forEach(part -> text.append(text.isEmpty() ? "" : "/").append(part));
    return text.toString();
  }
}
