package org.aucmedi.xai.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.aucmedi.xai.manifest.Manifest;
import org.aucmedi.xai.manifest.RunFiles;
import org.aucmedi.xai.manifest.RunStatus;
import org.aucmedi.xai.manifest.SampleRecord;
import org.aucmedi.xai.manifest.SampleRecord.MapRecord;
import org.aucmedi.xai.manifest.SampleRecords;
import org.aucmedi.xai.manifest.Sha256;
import org.aucmedi.xai.testkit.OnnxBuilder;
import org.aucmedi.xai.testkit.TorchScriptArchive;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The record that explain keeps, and what later runs do with it. */
final class RecordedRunIT {

  private static final float[] WEIGHTS = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};

  @TempDir private Path folder;
  private Path model;
  private Path images;
  private Path out;

  @BeforeEach
  void makeModelAndImages() throws IOException {
    model = Squares.write(folder);
    images = Files.createDirectories(folder.resolve("images"));
    out = folder.resolve("out");
    for (int n = 0; n < 6; n++) {
      save(n, n);
    }
    Files.write(images.resolve("bad.png"), new byte[] {1});
  }

  @Test
  void explain_record_saysWhatWasDoneWithWhat() throws IOException {
    Run run = explain("--format=npy", "--raw", "--class=0,1");

    assertThat(run.code()).isEqualTo(AucmediXai.SOME_FAILED);
    Manifest manifest = Manifest.read(out);
    assertThat(manifest.status()).isEqualTo(RunStatus.FINISHED);
    assertThat(manifest.command()).startsWith("explain", "--model", model.toString());
    assertThat(manifest.settings())
        .containsEntry("method", "saliency")
        .containsEntry("class", "0,1")
        .containsEntry("format", "npy")
        .containsEntry("raw", "true")
        .containsEntry("eps", "1e-8")
        .doesNotContainKeys("images", "output", "batch-size", "resume", "model");
    assertThat(manifest.model().sha256()).isEqualTo(Sha256.of(model).digits());
    assertThat(manifest.model().bytes()).isEqualTo(Files.size(model));
    assertThat(manifest.model().engine()).isEqualTo("PyTorch");
    assertThat(manifest.model().engineVersion()).matches("\\d+\\.\\d+.*");
    assertThat(manifest.methods()).hasSize(1);
    assertThat(manifest.methods().get(0).name()).isEqualTo("Saliency map");
    assertThat(manifest.samples()).isEqualTo(7);
    assertThat(manifest.summary().explained()).isEqualTo(6);
    assertThat(manifest.summary().failed()).isEqualTo(1);
    assertThat(manifest.summary().maps()).isEqualTo(12);

    List<SampleRecord> records = records();
    assertThat(records)
        .extracting(SampleRecord::sample)
        .containsExactly("0.png", "1.png", "2.png", "3.png", "4.png", "5.png", "bad.png");
    SampleRecord third = records.get(3);
    assertThat(third.sha256()).isEqualTo(Sha256.of(images.resolve("3.png")).digits());
    assertThat(third.bytes()).isEqualTo(Files.size(images.resolve("3.png")));
    assertThat(third.shape()).containsExactly(1, 2);
    assertThat(third.outputs()).containsExactly(27f, -27f);
    assertThat(third.maps()).extracting(MapRecord::label).containsExactly("0", "1");
    assertThat(third.maps()).extracting(MapRecord::score).containsExactly(27f, -27f);
    MapRecord map = third.maps().get(0);
    assertThat(map.files()).containsExactly("3.class_0.npy");
    assertThat(List.of(map.rawMin(), map.rawMax())).containsExactly(0f, 6f);
    assertThat(records.get(6).failure().stage()).isEqualTo("loading");
    assertThat(records.get(6).failure().reason()).contains("bad.png");
  }

  @Test
  void explain_again_asksWhatToDoWithTheResults() {
    explain();

    assertError(explain(), out + " has results of this run already; --resume does what is missing");
    assertError(
        explain("--format=npy"),
        out + " has results of a run with other settings: --format (png then, npy now); choose");
    assertError(explain("--resume", "--alpha=0.5"), "--alpha (not given then, 0.5 now)");
    assertError(explain("--resume", "--overwrite"), "give one of them");
    Run again = explain("--resume");
    assertThat(again.out())
        .isEqualTo(
            "6 of 7 images explained, 6 of them by an earlier run, 0 maps written to "
                + out
                + "\n");
    assertThat(again.err()).startsWith("failed: bad.png").hasLineCount(1);
  }

  @Test
  void explain_resumeWithAnotherModel_isRefused() throws IOException {
    explain();
    TorchScriptArchive.write(model, Squares.CODE.replace("neg(c)", "add(c, 1)"));

    assertError(
        explain("--resume"), out + " has results of another model (" + model + ", SHA-256 ");
  }

  @Test
  void explain_resumeAfterWeightsBesideTheModelHaveChanged_isRefused() throws IOException {
    Path weights = Files.write(folder.resolve("w.bin"), OnnxBuilder.littleEndian(WEIGHTS));
    model =
        new OnnxBuilder()
            .input("x", OnnxBuilder.FLOAT, -1, 3, 1, 2)
            .externalWeight("w", new long[] {6, 2}, "w.bin")
            .node("Flatten", "flat", "x", "f")
            .node("MatMul", "scores", "f,w", "y")
            .output("y")
            .write(folder.resolve("net.onnx"));
    assertThat(explain().err()).startsWith("failed: bad.png");
    assertThat(explain("--resume").out()).contains("6 of them by an earlier run");

    Files.write(weights, OnnxBuilder.littleEndian(2, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));

    assertError(
        explain("--resume"), out + " has results of another model (" + model + ", SHA-256 ");
  }

  @Test
  void explain_resumeAfterTheClockWasSetBack_isTheSame() throws IOException {
    explain("--batch-size=1", "--format=npy");
    List<String> before = tree(out);
    Files.delete(out.resolve("2.npy"));
    FileTime later = FileTime.from(Instant.now().plus(Duration.ofDays(1)));
    Path manifest = out.resolve("manifest.json");
    String started = Manifest.read(out).started();
    Files.writeString(
        manifest, Files.readString(manifest).replace(started, later.toInstant().toString()));
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.toList()) {
        Files.setLastModifiedTime(file, later);
      }
    }

    Run run = explain("--batch-size=1", "--format=npy", "--resume");

    assertThat(run.out()).contains("5 of them by an earlier run, 1 maps written");
    assertThat(tree(out)).isEqualTo(before);
    Manifest resumed = Manifest.read(out);
    assertThat(Instant.parse(resumed.ended())).isBefore(Instant.parse(resumed.started()));
    assertThat(resumed.summary().seconds()).isBetween(0.0, 600.0);
    assertThat(records()).allMatch(record -> record.milliseconds() >= 0);
  }

  @Test
  void explain_resumeOfPartOfARun_givesTheFilesOfAWholeRun() throws IOException {
    Path whole = folder.resolve("whole");
    out = whole;
    explain("--batch-size=2", "--method=saliency,ig");
    out = folder.resolve("part");
    explain("--batch-size=2", "--method=saliency,ig");
    // As a run that was killed after four records, in the middle of the fifth.
    List<String> lines = Files.readAllLines(out.resolve("samples.jsonl"));
    Files.write(out.resolve("samples.jsonl"), lines.subList(0, 4));
    Files.writeString(
        out.resolve("samples.jsonl"), lines.get(4).substring(0, 50), StandardOpenOption.APPEND);
    Files.delete(out.resolve("saliency/1.png"));
    for (String file : Run.maps(out.resolve("ig"))) {
      Files.delete(out.resolve("ig").resolve(file));
    }

    Run run = explain("--batch-size=2", "--method=saliency,ig", "--resume");

    // Batch 2, 3 is whole; 1 lacks its map, and 0 is explained with it.
    assertThat(run.out()).contains("6 of 7 images explained, ", "10 maps written");
    assertThat(tree(out)).containsExactlyElementsOf(tree(whole));
    assertThat(Manifest.read(out).summary().maps()).isEqualTo(12);
  }

  @Test
  void explain_resumeAfterAnImageHasChanged_explainsItAgain() throws IOException {
    explain("--batch-size=1", "--format=npy", "--raw");
    save(2, 50);
    Run run = explain("--batch-size=1", "--format=npy", "--raw", "--resume");

    assertThat(run.out()).contains("5 of them by an earlier run, 1 maps written");
    assertThat(records().get(2).outputs()).containsExactly(7500f, -7500f);
  }

  @Test
  void explain_overwrite_removesTheMapsOfTheEarlierRunAndNothingElse() throws IOException {
    explain("--format=npy");
    Path own = Files.writeString(out.resolve("notes.txt"), "mine");
    Files.writeString(out.resolve("1.npy"), "mine too");

    assertThat(explain("--overwrite").code()).isEqualTo(AucmediXai.SOME_FAILED);

    assertThat(own).hasContent("mine");
    assertThat(Run.maps(out))
        .containsExactly(
            "0.png", "1.npy", "1.png", "2.png", "3.png", "4.png", "5.png", "notes.txt");
  }

  @Test
  void explain_usersFilesOfThoseNames_areNotTouched() throws IOException {
    Files.createDirectories(out);
    Path file = Files.writeString(out.resolve("manifest.json"), "{}");
    assertError(explain("--overwrite"), file + ": what is there is no manifest of this program");
    assertThat(file).hasContent("{}");
    Files.delete(file);
    Path lines = Files.writeString(out.resolve("samples.jsonl"), "mine\n");
    assertError(explain("--overwrite"), lines + ": it is there without the manifest of its run");
    assertThat(lines).hasContent("mine");
    assertThat(out.toFile().list()).containsExactly("samples.jsonl");
  }

  @Test
  void explain_whileAnotherRunHasTheFolder_isRefused() throws IOException {
    Files.createDirectories(out);
    RunLock lock = RunLock.take(RunFiles.of(out).lock());
    try {
      assertError(
          explain(), "another run writes to " + out + " (process " + ProcessHandle.current().pid());
    } finally {
      lock.close();
    }
    assertThat(explain().out()).startsWith("6 of 7 images explained");
    assertThat(out.resolve(".aucmedi-xai.lock")).doesNotExist();
  }

  @Test
  void explain_fileWhereTheFolderShouldBe_isSaid() throws IOException {
    Files.writeString(out, "a file");
    assertError(explain(), out + ": a file is where a folder should be");
    out = out.resolve("below");
    assertError(explain(), "cannot create the output folder " + out);
  }

  @Test
  void explain_leftoversOfAKilledRun_areRemovedAtOnce() throws IOException {
    Files.createDirectories(out);
    Files.writeString(out.resolve(".aucmedi-xai.lock"), "12345\n");
    Path left = Files.createFile(out.resolve(".aucmedi-xai-12345-0123abcd.tmp"));
    Path of = Files.createFile(out.resolve(".aucmedi-xai-1-0123abcd.tmp"));

    explain();

    assertThat(left).doesNotExist();
    assertThat(of).exists();
  }

  @Test
  void explain_json_isOneObjectAndNothingElse() {
    Run run = explain("--json", "--quiet");

    JsonObject json = JsonParser.parseString(run.out()).getAsJsonObject();
    assertThat(run.out()).hasLineCount(1);
    assertThat(json.get("status").getAsString()).isEqualTo("finished");
    assertThat(json.get("output").getAsString()).isEqualTo(out.toString());
    assertThat(json.get("samples").getAsInt()).isEqualTo(7);
    assertThat(json.get("explained").getAsInt()).isEqualTo(6);
    assertThat(json.get("failed").getAsInt()).isEqualTo(1);
    assertThat(json.get("maps").getAsInt()).isEqualTo(6);
    assertThat(run.err()).startsWith("failed: bad.png").hasLineCount(1);
  }

  @Test
  void explain_verbose_hasALineForEachImage() {
    Run run = explain("--verbose");

    assertThat(run.err().lines().filter(line -> line.startsWith("done: "))).hasSize(7);
    assertThat(run.err()).containsPattern("done: 3.png, saliency: explained, 1 maps, \\d+ ms\n");
    assertThat(run.err()).containsPattern("done: bad.png, saliency: failed, 0 maps, \\d+ ms\n");
  }

  @Test
  void shards_joined_areTheWholeRun() throws IOException {
    Files.createDirectories(images.resolve("a"));
    Files.copy(images.resolve("1.png"), images.resolve("a/0.png"));
    Files.copy(images.resolve("2.png"), images.resolve("a.0.png"));
    Path whole = folder.resolve("whole");
    out = whole;
    explain();
    out = folder.resolve("shards");
    for (int n = 1; n <= 2; n++) {
      explain("--shard=" + n + "/3");
    }
    assertError(Run.of("merge", out.toString()), "of 3 shards these are missing: [3]");
    explain("--shard=3/3");
    assertError(explain("--shard=1/2"), "--shard (");

    Run run = Run.of("merge", out.toString());

    assertThat(run.out())
        .isEqualTo("3 shards of 9 images joined in " + out.resolve("manifest.json") + "\n");
    assertThat(run.code()).isEqualTo(AucmediXai.SOME_FAILED);
    assertThat(Run.maps(out)).containsExactlyElementsOf(Run.maps(whole)).contains("a.0.png~2.png");
    Manifest joined = Manifest.read(out);
    assertThat(joined.shard()).isNull();
    assertThat(joined.samples()).isEqualTo(9);
    assertThat(joined.summary().maps()).isEqualTo(8);
    List<SampleRecord> records = records();
    out = whole;
    assertThat(records).extracting(SampleRecord::sample).isSorted();
    assertThat(records)
        .extracting(SampleRecord::maps)
        .containsExactlyInAnyOrderElementsOf(records().stream().map(SampleRecord::maps).toList());
  }

  @Test
  void merge_shardsInFoldersOfTheirOwn_namesFilesFromItsOwn() throws IOException {
    for (int n = 1; n <= 2; n++) {
      out = folder.resolve("part" + n);
      explain("--shard=" + n + "/2", "--format=npy");
    }
    Path one = folder.resolve("part1");
    Path two = folder.resolve("part2");
    out = folder.resolve("all");

    assertThat(Run.of("merge", one.toString(), two.toString(), "--output", out.toString()).err())
        .isEmpty();

    assertThat(records()).hasSize(7);
    for (SampleRecord record : records()) {
      for (MapRecord map : record.maps()) {
        assertThat(out.resolve(map.files().get(0))).isRegularFile();
      }
    }
    assertError(
        Run.of("merge", one.toString(), two.toString(), "--output", out.toString()),
        out.resolve("manifest.json") + " is there already; give --overwrite to replace it");
    assertError(
        Run.of("merge", one.toString(), two.toString()), "name the one that gets the joined");
  }

  private List<SampleRecord> records() {
    List<SampleRecord> records = new ArrayList<>();
    SampleRecords.forEach(out, records::add);
    return records;
  }

  /** Every file with its bytes, times left out. */
  private static List<String> tree(Path root) throws IOException {
    return RunTree.of(root);
  }

  private void assertError(Run run, String message) {
    assertThat(run.code()).isEqualTo(AucmediXai.ERROR);
    assertThat(run.err()).startsWith("error: ").contains(message);
    assertThat(run.out()).isEmpty();
  }

  private Run explain(String... options) {
    boolean ownMethod = Arrays.stream(options).anyMatch(o -> o.startsWith("--method"));
    return Run.of(
        Stream.concat(
                Stream.of(
                    "explain",
                    "--model",
                    model.toString(),
                    "--images",
                    images.toString(),
                    "--standardize=none",
                    "--output",
                    out.toString(),
                    ownMethod ? "--quiet" : "--method=saliency"),
                Stream.of(options))
            .toArray(String[]::new));
  }

  /** A picture of one pixel with a value in all channels, beside one that is black. */
  private void save(int name, int value) throws IOException {
    BufferedImage picture = new BufferedImage(2, 1, BufferedImage.TYPE_INT_RGB);
    picture.setRGB(0, 0, value << 16 | value << 8 | value);
    ImageIO.write(picture, "png", images.resolve(name + ".png").toFile());
  }
}
