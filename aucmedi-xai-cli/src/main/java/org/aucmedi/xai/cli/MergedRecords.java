package org.aucmedi.xai.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.imaging.AtomicFiles;
import org.aucmedi.xai.imaging.FileErrors;
import org.aucmedi.xai.imaging.FileIdentity;
import org.aucmedi.xai.manifest.RunFiles;
import org.aucmedi.xai.manifest.SampleRecord;
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
    Path to = FileIdentity.of(target.folder());
    try {
      AtomicFiles.write(
          target.samples(),
          out -> {
            Map<String, RunFiles> known = new HashMap<>();
            for (RunFiles part : parts) {
              Path from = FileIdentity.of(part.folder());
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
                    out.write(SampleRecords.line(moved(record, from, to)));
                  });
            }
          });
    } catch (IOException e) {
      throw new XAIException("cannot write " + target.samples() + ": " + FileErrors.reason(e), e);
    }
    new RunOrder(methods, List.of()).rewrite(target.samples(), record -> true);
  }

  /** The record with its files relative to another folder. */
  private static SampleRecord moved(SampleRecord record, Path from, Path to) {
    return from.equals(to)
        ? record
        : record.withMaps(
            record.maps().stream()
                .map(
                    map ->
                        map.withFiles(
                            map.files().stream()
                                .map(file -> RunFiles.slashed(to.relativize(from.resolve(file))))
                                .toList()))
                .toList());
  }
}
