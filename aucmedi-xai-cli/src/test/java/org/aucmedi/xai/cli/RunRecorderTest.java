package org.aucmedi.xai.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.RawScale;
import org.aucmedi.xai.decoder.CompletedSample;
import org.aucmedi.xai.decoder.CompletedSample.MapDetails;
import org.aucmedi.xai.decoder.SampleResult.Written;
import org.aucmedi.xai.decoder.SampleResult.WrittenMap;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.manifest.Manifest;
import org.aucmedi.xai.manifest.RunFiles;
import org.aucmedi.xai.manifest.RunStatus;
import org.aucmedi.xai.manifest.SampleRecord;
import org.aucmedi.xai.manifest.SampleRecords;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

final class RunRecorderTest {

  @TempDir private Path folder;
  private final Map<String, Path> samples = new LinkedHashMap<>();
  private InputHashes hashes;
  private Clock clock = Clock.fixed(Instant.parse("2026-01-02T03:04:05.678Z"), ZoneOffset.UTC);

  @BeforeEach
  void makeSamples() throws IOException {
    for (String name : List.of("a.png", "b.png", "c.png")) {
      samples.put(name, Files.writeString(folder.resolve(name), name));
    }
    hashes = new InputHashes(List.copyOf(samples.values()), List.of(0, 1, 2));
  }

  @AfterEach
  void stopHashing() {
    hashes.close();
  }

  @Test
  void record_isReadableAfterEverySample() {
    RunRecorder recorder = recorder(RunFiles.of(folder), List.of("saliency"));
    for (int n = 0; n < 3; n++) {
      recorder.add("saliency", sample(2 - n, "conv", MapStatus.OK));

      assertThat(records()).hasSize(n + 1);
      assertThat(Manifest.read(folder).status()).isEqualTo(RunStatus.RUNNING);
      assertThat(Manifest.read(folder).methods().get(0).layers()).containsExactly("conv");
    }
    recorder.end(RunStatus.FINISHED, null);

    assertThat(records())
        .extracting(SampleRecord::sample)
        .containsExactly("a.png", "b.png", "c.png");
    assertThat(Manifest.read(folder).summary().explained()).isEqualTo(3);
  }

  @Test
  void end_once_andLaterSamplesAreNotRecorded() {
    RunRecorder recorder = recorder(RunFiles.of(folder), List.of("saliency", "ig"));
    recorder.add("saliency", sample(0, null, MapStatus.OK));
    recorder.add("ig", sample(0, null, MapStatus.FLAT));
    recorder.add("saliency", sample(1, null, MapStatus.OK));
    recorder.end(RunStatus.INTERRUPTED, "Ctrl-C");
    recorder.end(RunStatus.FINISHED, null);
    recorder.add("saliency", sample(2, null, MapStatus.OK));

    assertThat(records()).hasSize(3);
    Manifest manifest = Manifest.read(folder);
    assertThat(manifest.status()).isEqualTo(RunStatus.INTERRUPTED);
    assertThat(manifest.reason()).isEqualTo("Ctrl-C");
    // The second sample lacks a method.
    assertThat(manifest.summary().explained()).isEqualTo(1);
    assertThat(manifest.summary().warned()).isEqualTo(1);
    assertThat(manifest.summary().maps()).isEqualTo(3);
  }

  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "/dev/full is Linux's")
  void add_diskFull_saysSoAndLeavesTheManifest() throws IOException {
    RunFiles files = RunFiles.of(folder);
    try (SampleRecords.Appender full = new SampleRecords.Appender(Path.of("/dev/full"))) {
      assertThatExceptionOfType(XAIException.class)
          .isThrownBy(
              () ->
                  full.append(
                      recorder(files, List.of("saliency"))
                          .add("saliency", sample(0, null, MapStatus.OK))))
          .withMessage("cannot write /dev/full: No space left on device");
    }
    assertThat(Manifest.read(folder).status()).isEqualTo(RunStatus.RUNNING);
    assertThat(records()).hasSize(1);
  }

  @Test
  void end_afterTheClockWasSetBack_takesNoNegativeTime() {
    Instant[] time = {Instant.parse("2026-01-02T03:04:05Z")};
    clock =
        new Clock() {
          @Override
          public ZoneId getZone() {
            return ZoneOffset.UTC;
          }

          @Override
          public Clock withZone(ZoneId zone) {
            return this;
          }

          @Override
          public Instant instant() {
            return time[0];
          }
        };
    RunRecorder recorder = recorder(RunFiles.of(folder), List.of("saliency"));
    time[0] = time[0].minus(Duration.ofHours(1));

    recorder.end(RunStatus.INTERRUPTED, "Ctrl-C");

    Manifest manifest = Manifest.read(folder);
    assertThat(manifest.started()).isEqualTo("2026-01-02T03:04:05Z");
    assertThat(manifest.ended()).isEqualTo("2026-01-02T02:04:05Z");
    assertThat(manifest.summary().seconds()).isBetween(0.0, 60.0);
  }

  private RunRecorder recorder(RunFiles files, List<String> methods) {
    Manifest manifest =
        new Manifest(
            Manifest.FORMAT,
            Manifest.VERSION,
            new Manifest.Program("aucmedi-xai", "0"),
            RunStatus.RUNNING,
            null,
            List.of(),
            RunRecorder.now(clock),
            null,
            Map.of(),
            new Manifest.Model("m.pt", "ab", 1, "PyTorch", "2", null, null),
            methods.stream()
                .map(key -> new Manifest.Method(key, key, "aucmedi", Map.of(), List.of(), ""))
                .toList(),
            3,
            null,
            new Manifest.Machine("", "", 1, "", 1),
            new Manifest.Summary(0, 0, 0, 0, 0, 0));
    return new RunRecorder(files, manifest, samples, hashes, record -> true, 0, clock);
  }

  private CompletedSample sample(int index, @Nullable String layer, MapStatus status) {
    String name = List.copyOf(samples.keySet()).get(index);
    return new CompletedSample(
        index,
        new Written(name, List.of(new WrittenMap("0", 1, status, List.of(folder.resolve("m"))))),
        List.of(new MapDetails(Map.of(), new RawScale(-1, 2), layer)),
        new int[] {4, 4},
        new float[] {1, 0},
        Duration.ofMillis(3));
  }

  private List<SampleRecord> records() {
    List<SampleRecord> records = new ArrayList<>();
    SampleRecords.forEach(folder, records::add);
    return records;
  }
}
