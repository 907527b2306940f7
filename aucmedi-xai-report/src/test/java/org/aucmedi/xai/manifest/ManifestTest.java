package org.aucmedi.xai.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.aucmedi.xai.error.XAIException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ManifestTest {

  @TempDir private Path folder;

  static Manifest example() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("method", "gradcam");
    settings.put("class", "<b>\"all\"\n");
    return new Manifest(
        Manifest.FORMAT,
        Manifest.VERSION,
        new Manifest.Program("aucmedi-xai", "0.1.0"),
        RunStatus.RUNNING,
        null,
        List.of("explain", "--model", "m.pt"),
        "2025-01-02T03:04:05Z",
        null,
        settings,
        new Manifest.Model("m.pt", "ab", 12, "PyTorch", "2.5.1", List.of(-1L, 3L), null),
        List.of(
            new Manifest.Method(
                "gradcam", "Grad-CAM", "aucmedi", Map.of("relu", "true"), List.of(), "")),
        2,
        null,
        new Manifest.Machine("Linux 6", "amd64", 2, "17", 1000),
        new Manifest.Summary(0, 0, 0, 0, 0, 0));
  }

  @Test
  void manifest_writtenAndRead_isTheSame() {
    ManifestFile.write(RunFiles.of(folder).manifest(), example());

    assertThat(Manifest.isIn(folder)).isTrue();
    assertThat(Manifest.read(folder)).isEqualTo(example());
    assertThat(Manifest.read(folder).settings().keySet()).containsExactly("method", "class");
  }

  @Test
  void manifest_inTheFile_hasItsKeysInOrderAndLeavesOutWhatIsAbsent() throws IOException {
    ManifestFile.write(RunFiles.of(folder).manifest(), example());

    String text = Files.readString(folder.resolve("manifest.json"));
    assertThat(text)
        .startsWith(
            """
            {
              "format": "aucmedi-xai-manifest",
              "version": 1,
              "program": {
                "name": "aucmedi-xai",
                "version": "0.1.0"
              },
              "status": "running",
              "command": [
            """)
        .contains("\"class\": \"<b>\\\"all\\\"\\n\"")
        .doesNotContain("null", "reason", "ended", "shard", "classNames")
        .endsWith("}\n");
  }

  @Test
  void withStatus_changesStatusReasonEndAndCounts() {
    Manifest.Summary counts = new Manifest.Summary(1, 0, 1, 0, 1, 2.5);
    Manifest ended =
        example().withStatus(RunStatus.INTERRUPTED, "Ctrl-C", "2025-01-02T03:00:00Z", counts);
    ManifestFile.write(RunFiles.of(folder).manifest(), ended);

    Manifest read = Manifest.read(folder);
    assertThat(read.status()).isEqualTo(RunStatus.INTERRUPTED);
    assertThat(read.reason()).isEqualTo("Ctrl-C");
    assertThat(read.ended()).isLessThan(read.started());
    assertThat(read.summary()).isEqualTo(counts);
  }

  @Test
  void write_overAUsersFile_isRefused() throws IOException {
    Path file = Files.writeString(folder.resolve("manifest.json"), "{\"name\": \"my app\"}");

    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> ManifestFile.write(file, example()))
        .withMessageContaining(file + ": what is there is no manifest of this program; move it");
    assertThat(Files.readString(file)).isEqualTo("{\"name\": \"my app\"}");
  }

  @Test
  void read_whatIsNoManifest_saysWhichFileAndWhy() throws IOException {
    Path file = folder.resolve("manifest.json");
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> Manifest.read(folder))
        .withMessage("cannot read " + file + ": there is no such file or folder");
    Files.writeString(file, "[1]");
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> Manifest.read(folder))
        .withMessage(file + " is no manifest of this program");
    Files.writeString(file, "{\"format\": \"aucmedi-xai-manifest\", \"version\": 1}");
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> Manifest.read(folder))
        .withMessageStartingWith("the manifest " + file + " is damaged: ");
    ManifestFile.write(file, example());
    Files.writeString(file, Files.readString(file).replace("\"version\": 1,", "\"version\": 9,"));
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> Manifest.read(folder))
        .withMessage(file + " is of version 9, and this program reads up to 1; use a newer one");
  }

  @Test
  void files_ofAShard_haveItsNumber() {
    RunFiles shard = new RunFiles(folder, "3/16");

    assertThat(shard.manifest()).isEqualTo(folder.resolve("manifest-3-of-16.json"));
    assertThat(shard.samples()).isEqualTo(folder.resolve("samples-3-of-16.jsonl"));
    assertThat(RunFiles.ofManifest(shard.manifest())).isEqualTo(shard);
    assertThat(RunFiles.ofManifest(shard.samples())).isNull();
    assertThat(RunFiles.ofRecord(shard.samples())).isEqualTo(shard);
    assertThat(RunFiles.ofRecord(folder.resolve("manifest-3.json"))).isNull();
    assertThat(RunFiles.ofRecord(folder.resolve("samples.json"))).isNull();
  }
}
