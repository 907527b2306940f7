package org.aucmedi.xai.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.aucmedi.xai.array.Npy;
import org.aucmedi.xai.manifest.Manifest;
import org.aucmedi.xai.manifest.ManifestFile;
import org.aucmedi.xai.manifest.RunFiles;
import org.aucmedi.xai.manifest.RunStatus;
import org.aucmedi.xai.manifest.SampleRecord;
import org.aucmedi.xai.manifest.SampleRecord.MapRecord;
import org.aucmedi.xai.manifest.SampleRecords;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReportCommandTest {

  @TempDir private Path folder;

  private void record(String... files) {
    ManifestFile.write(
        RunFiles.of(folder).manifest(),
        new Manifest(
            Manifest.FORMAT,
            Manifest.VERSION,
            new Manifest.Program("aucmedi-xai", "0.1.0"),
            RunStatus.FINISHED,
            null,
            List.of("explain"),
            "2026-01-02T03:04:05Z",
            "2026-01-02T03:04:06Z",
            Map.of(),
            new Manifest.Model("net.pt", "00", 1, "PyTorch", "2", null, null),
            List.of(
                new Manifest.Method("saliency", "Saliency", "aucmedi", Map.of(), List.of(), "")),
            files.length,
            null,
            new Manifest.Machine("Linux", "amd64", 2, "17", 1),
            new Manifest.Summary(files.length, 0, 0, 0, files.length, 1)));
    try (SampleRecords.Appender records =
        new SampleRecords.Appender(RunFiles.of(folder).samples())) {
      for (String file : files) {
        records.append(
            new SampleRecord(
                file,
                "/images/" + file,
                1,
                "00",
                "saliency",
                SampleRecord.Status.EXPLAINED,
                List.of(1, 2),
                List.of(0.1f, 0.9f),
                List.of(new MapRecord("1", 0.9f, "OK", Map.of(), 0, 2, List.of(file))),
                5,
                null));
      }
    }
  }

  @Test
  void report_ofARun_makesThePageAndTellsWhatIsMissing() throws IOException {
    Npy.write(folder.resolve("a.npy"), new int[] {1, 2}, new float[] {0, 1});
    record("a.npy", "b.npy", "c.npy");

    Run run = Run.of("report", folder.toString());

    assertThat(run)
        .isEqualTo(
            new Run(
                0,
                "report of 3 images: "
                    + folder.resolve("report.html")
                    + " (0.1 MB)\nreport: a map cannot be shown: its file is not there any more"
                    + " (2 times)\n",
                ""));
    assertThat(folder.resolve("report.html")).content().contains("\"label\":\"1\"");
  }

  @Test
  void report_ofAnotherFolder_isRefused() throws IOException {
    Files.writeString(folder.resolve("a.png"), "");

    assertThat(Run.of("report", folder.toString()))
        .isEqualTo(
            new Run(
                2,
                "",
                "error: there is no manifest.json in "
                    + folder
                    + ", so it is not the output folder of a run; give the folder that 'explain"
                    + " --output' wrote to\n"));
  }
}
