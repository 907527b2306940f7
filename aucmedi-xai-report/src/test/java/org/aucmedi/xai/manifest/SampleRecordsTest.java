package org.aucmedi.xai.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.manifest.SampleRecord.MapRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SampleRecordsTest {

  private static final SampleRecord EXPLAINED =
      new SampleRecord(
          "cls/a\n.png",
          "/images/cls/a\n.png",
          70,
          "ab",
          "gradcam",
          SampleRecord.Status.EXPLAINED,
          List.of(64, 48),
          List.of(0.1f, Float.NaN, -1e-8f),
          List.of(
              new MapRecord(
                  "0",
                  0.1f,
                  "OK",
                  Map.of("delta", Double.POSITIVE_INFINITY),
                  -0.5f,
                  Float.MIN_VALUE,
                  List.of("cls.a.png"))),
          1.25,
          null);

  private static final SampleRecord FAILED =
      new SampleRecord(
          "b.png",
          "/images/b.png",
          0,
          null,
          "gradcam",
          SampleRecord.Status.FAILED,
          null,
          null,
          List.of(),
          0.5,
          new SampleRecord.Failure("loading", "no such file"));

  @TempDir private Path folder;

  @Test
  void records_appendedAndRead_areTheSame() throws IOException {
    append(EXPLAINED, FAILED);

    assertThat(read()).containsExactly(EXPLAINED, FAILED);
    assertThat(Files.readString(file()))
        .isEqualTo(
            "{\"sample\":\"cls/a\\n.png\",\"file\":\"/images/cls/a\\n.png\",\"bytes\":70,"
                + "\"sha256\":\"ab\",\"method\":\"gradcam\",\"status\":\"explained\","
                + "\"shape\":[64,48],\"outputs\":[0.1,\"NaN\",-1.0E-8],\"maps\":[{\"label\":\"0\","
                + "\"score\":0.1,\"status\":\"OK\",\"diagnostics\":{\"delta\":\"Infinity\"},"
                + "\"rawMin\":-0.5,\"rawMax\":1.4E-45,\"files\":[\"cls.a.png\"]}],"
                + "\"milliseconds\":1.25}\n"
                + "{\"sample\":\"b.png\",\"file\":\"/images/b.png\",\"bytes\":0,"
                + "\"method\":\"gradcam\",\"status\":\"failed\",\"maps\":[],\"milliseconds\":0.5,"
                + "\"failure\":{\"stage\":\"loading\",\"reason\":\"no such file\"}}\n");
  }

  @Test
  void read_tornLastLine_isLeftOut() throws IOException {
    append(FAILED);
    byte[] line = SampleRecords.line(EXPLAINED);
    for (int length : new int[] {1, line.length / 2, line.length - 1}) {
      Files.write(file(), SampleRecords.line(FAILED));
      Files.write(file(), Arrays.copyOf(line, length), StandardOpenOption.APPEND);

      assertThat(read()).containsExactly(FAILED);
    }
  }

  @Test
  void read_damagedLine_saysWhich() throws IOException {
    append(EXPLAINED);
    Files.writeString(file(), "{\"sample\":\"a\"}\n", StandardOpenOption.APPEND);

    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(this::read)
        .withMessageStartingWith("line 2 of " + file() + " is damaged (");
  }

  @Test
  void read_noFile_hasNoRecords() {
    assertThat(read()).isEmpty();
  }

  @Test
  void visitor_getsWhereTheLineIs() throws IOException {
    append(FAILED, EXPLAINED);
    byte[] all = Files.readAllBytes(file());

    SampleRecords.read(
        file(),
        (record, line, offset) ->
            assertThat(new String(all, (int) offset, line.length, StandardCharsets.UTF_8))
                .isEqualTo(new String(SampleRecords.line(record), StandardCharsets.UTF_8)));
  }

  private Path file() {
    return folder.resolve("samples.jsonl");
  }

  private void append(SampleRecord... records) {
    try (SampleRecords.Appender appender = new SampleRecords.Appender(file())) {
      for (SampleRecord record : records) {
        appender.append(record);
      }
    }
  }

  private List<SampleRecord> read() {
    List<SampleRecord> found = new ArrayList<>();
    SampleRecords.forEach(folder, found::add);
    return found;
  }
}
