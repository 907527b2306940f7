package org.aucmedi.xai.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.aucmedi.xai.manifest.Manifest;
import org.aucmedi.xai.manifest.RunStatus;
import org.aucmedi.xai.manifest.SampleRecord;
import org.aucmedi.xai.manifest.SampleRecords;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** 10,000 images through one run: memory stays flat, nothing is lost, and kills do no harm. */
@EnabledIfSystemProperty(
    named = "soak",
    matches = "true",
    disabledReason = "takes minutes; run with -Psoak")
@EnabledOnOs(value = OS.LINUX, disabledReason = "memory is read from /proc")
final class SoakIT {

  /** {@code -Dsoak.images=2000} where time is short. */
  private static final int IMAGES = Integer.getInteger("soak.images", 10_000);

  private static final int WARM_UP = 500;

  @TempDir private Path folder;

  @Test
  void run_tenThousandImages_needsNoMoreMemoryThanFiveHundredAndSurvivesKills() throws Exception {
    SoakFiles files = SoakFiles.make(folder, IMAGES);
    Path whole = folder.resolve("whole");
    Path out = folder.resolve("out");

    List<long[]> curve = watch(files.start(whole, List.of()), whole);
    write(curve);
    List<Long> after =
        curve.stream().filter(point -> point[0] > WARM_UP).map(point -> point[1]).toList();
    assertThat(after).hasSizeGreaterThan(10);
    assertThat(mean(after.subList(after.size() * 3 / 4, after.size())))
        .isLessThan(1.05 * mean(after.subList(0, after.size() / 4)));
    assertNothingIsLost(whole);

    Random random = new Random();
    long records = 0;
    for (int kill = 0; kill < 3; kill++) {
      records += IMAGES / 20 + random.nextInt(IMAGES / 5);
      Process process = files.start(out, List.of("--resume"));
      SoakFiles.awaitRecords(process, out, records);
      process.destroyForcibly().waitFor();
      assertThat(Manifest.read(out).status()).isEqualTo(RunStatus.RUNNING);
    }
    assertThat(files.start(out, List.of("--resume")).waitFor()).isEqualTo(AucmediXai.SOME_FAILED);
    assertNothingIsLost(out);
    assertThat(RunTree.of(out)).containsExactlyElementsOf(RunTree.of(whole));
  }

  /** Waits for the end; returns pairs of records and resident kilobytes. */
  private static List<long[]> watch(Process process, Path out)
      throws IOException, InterruptedException {
    List<long[]> curve = new ArrayList<>();
    Path status = Path.of("/proc/" + process.pid() + "/status");
    while (!process.waitFor(200, TimeUnit.MILLISECONDS)) {
      Path records = out.resolve("samples.jsonl");
      if (Files.exists(records)) {
        try (Stream<String> lines = Files.lines(status)) {
          long resident =
              lines
                  .filter(line -> line.startsWith("VmRSS"))
                  .map(line -> Long.parseLong(line.replaceAll("\\D", "")))
                  .findFirst()
                  .orElse(0L);
          if (resident > 0) {
            curve.add(new long[] {SoakFiles.count(records), resident});
          }
        }
      }
    }
    assertThat(process.exitValue()).isEqualTo(AucmediXai.SOME_FAILED);
    return curve;
  }

  private static void write(List<long[]> curve) throws IOException {
    Files.write(
        Path.of("target", "soak.csv"),
        Stream.concat(
                Stream.of("images,resident_kB"),
                curve.stream().map(point -> point[0] + "," + point[1]))
            .toList());
  }

  private static double mean(List<Long> values) {
    return values.stream().mapToLong(Long::longValue).average().orElseThrow();
  }

  private static void assertNothingIsLost(Path out) {
    Map<String, SampleRecord.Status> found = new HashMap<>();
    SampleRecords.forEach(
        out,
        record -> {
          assertThat(found.put(record.sample(), record.status())).isNull();
          boolean bad = record.status() == SampleRecord.Status.FAILED;
          assertThat(bad).isEqualTo(record.sample().matches("\\d*50\\.png"));
          assertThat(record.maps()).hasSize(bad ? 0 : 1);
          if (!bad) {
            assertThat(out.resolve(record.maps().get(0).files().get(0))).isNotEmptyFile();
          }
        });
    assertThat(found).hasSize(IMAGES);
    assertThat(Manifest.read(out).summary().failed()).isEqualTo(IMAGES / 100);
    assertThat(Manifest.read(out).status()).isEqualTo(RunStatus.FINISHED);
  }
}
