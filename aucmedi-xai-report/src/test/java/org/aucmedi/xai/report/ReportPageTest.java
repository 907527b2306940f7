package org.aucmedi.xai.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.common.hash.Hashing;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.array.Npy;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.imaging.OutputFolder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReportPageTest {

  private static final Pattern SCRIPT =
      Pattern.compile("<script([^>]*)>(.*?)</script>", Pattern.DOTALL);

  private static final int[] SHAPE = {4, 6};

  @TempDir private Path folder;

  private static List<String> scripts(Path page, String attributes) throws IOException {
    return SCRIPT
        .matcher(Files.readString(page))
        .results()
        .filter(script -> script.group(1).matches(attributes))
        .map(script -> script.group(2))
        .toList();
  }

  private static JsonObject media(Path page, int sample) throws IOException {
    return JsonParser.parseString(scripts(page, ".*\"media-" + sample + "\"").get(0))
        .getAsJsonObject();
  }

  private static JsonObject row(Path page, int sample) throws IOException {
    return JsonParser.parseString(scripts(page, ".*report-data\"").get(0))
        .getAsJsonObject()
        .getAsJsonArray("samples")
        .get(sample)
        .getAsJsonObject();
  }

  private RunFolder run(String... methods) throws IOException {
    return new RunFolder(folder, methods);
  }

  private static RunFolder withPictures(RunFolder run, String name) throws IOException {
    return run.image(name, SHAPE, 1, new float[24], null)
        .map(name, "gradcam", "1", SHAPE, new float[24], 2)
        .explained(name, "gradcam", 0.7);
  }

  @Test
  void page_policyNamesTheHashOfItsOnlyScript() throws IOException {
    Path page = ReportPage.write(withPictures(run("gradcam"), "a.png").write()).page();

    Matcher policy =
        Pattern.compile("Content-Security-Policy\" content=\"([^\"]*)\"")
            .matcher(Files.readString(page));
    assertThat(policy.find()).isTrue();
    List<String> scripts = scripts(page, "");
    assertThat(scripts).hasSize(1);
    assertThat(policy.group(1))
        .isEqualTo(
            "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-"
                + Base64.getEncoder()
                    .encodeToString(
                        Hashing.sha256()
                            .hashString(scripts.get(0), StandardCharsets.UTF_8)
                            .asBytes())
                + "'; base-uri 'none'; form-action 'none'");
    assertThat(scripts.get(0)).doesNotContain("<!--", "innerHTML", "http");
    assertThat(page).content().doesNotContain("src=\"http", "href=\"http", "@import", "url(");
  }

  @Test
  void page_hostileNames_endNoElement() throws IOException {
    String name = "</script><script>alert(1)</script><!--.png";
    RunFolder run = run("gradcam").model(List.of("</script><b>", "\u2028'\""));
    Path page = ReportPage.write(withPictures(run, name).write()).page();

    assertThat(SCRIPT.matcher(Files.readString(page)).results()).hasSize(3);
    assertThat(Files.readString(page)).doesNotContain("<b>", "alert(1)</");
    JsonObject data =
        JsonParser.parseString(scripts(page, ".*report-data\"").get(0)).getAsJsonObject();
    assertThat(data.getAsJsonArray("samples").get(0).getAsJsonObject().get("name").getAsString())
        .isEqualTo(name);
  }

  @Test
  void write_again_replacesOurPageAndNotAUsers() throws IOException {
    Path out = withPictures(run("gradcam"), "a.png").write();
    Path page = ReportPage.write(out).page();
    assertThat(OutputFolder.wrote(page)).isTrue();
    assertThat(ReportPage.write(out).page()).isEqualTo(out.resolve("report.html"));

    Files.writeString(page, "<!doctype html><p>mine");
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> ReportPage.write(out))
        .withMessageStartingWith("cannot write " + page + ": this program did not write");
    assertThat(page).content().endsWith("mine");
  }

  @Test
  void write_folderOfNoRun_saysWhichFolderToGive() {
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> ReportPage.write(folder))
        .withMessage(
            "there is no manifest.json in %s, so it is not the output folder of a run; give the"
                + " folder that 'explain --output' wrote to",
            folder);
  }

  @Test
  void write_damagedManifest_isNamed() throws IOException {
    Files.writeString(folder.resolve("manifest.json"), "{\"format\": ");
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> ReportPage.write(folder))
        .withMessageStartingWith("the manifest " + folder.resolve("manifest.json") + " is damaged");
  }

  @Test
  void write_tornLastLine_isLeftOut() throws IOException {
    Path out = withPictures(run("gradcam"), "a.png").write();
    Path records = out.resolve("samples.jsonl");
    Files.writeString(records, Files.readString(records) + "{\"sample\": \"b.png\", \"sta");

    assertThat(ReportPage.write(out).samples()).isEqualTo(1);
  }

  @Test
  void write_mapGone_isSaidAndNotFatal() throws IOException {
    Path out = run("gradcam").explained("a.png", "gradcam", 0.7).write();

    ReportPage.Written written = ReportPage.write(out);

    assertThat(written.problems())
        .isEqualTo(Map.of("a map cannot be shown: its file is not there any more", 1));
    assertThat(media(written.page(), 0).has("image")).isFalse();
  }

  private String record(String files) {
    return """
        {"status": "explained", "shape": [2, 2], "outputs": [0.2, 0.8], "maps": [
          {"label": "1", "score": 0.8, "status": "OK", "rawMin": -3, "rawMax": 5,
           "files": ["%s"]}]}
        """
        .formatted(files);
  }

  @Test
  void write_runWithoutPictures_readsNumbers() throws IOException {
    Npy.write(folder.resolve("a.npy"), new int[] {2, 2}, new float[] {0, 0.2f, 0.6f, 1});
    Path out = run("gradcam").sample("a.png", "gradcam", record("a.npy")).write();

    ReportPage.Written written = ReportPage.write(out);

    assertThat(written.problems()).isEmpty();
    JsonObject map = media(written.page(), 0).getAsJsonObject("maps").getAsJsonObject("0/0");
    assertThat(map.get("low").getAsFloat()).isEqualTo(-3);
    assertThat(map.get("high").getAsFloat()).isEqualTo(5);
    byte[] png =
        Base64.getDecoder()
            .decode(map.get("src").getAsString().substring("data:image/png;base64,".length()));
    assertThat(
            ImageIO.read(new ByteArrayInputStream(png))
                .getRaster()
                .getSamples(0, 0, 2, 2, 0, (int[]) null))
        .containsExactly(0, 51, 153, 255);
  }

  @Test
  void write_runWithoutPictures_showsDrawnOnesAsTheyAre() throws IOException {
    byte[] drawn = {1, 2, 3};
    Files.write(folder.resolve("a.png"), drawn);
    Path out = run("gradcam").sample("a.png", "gradcam", record("a.png")).write();

    JsonObject media = media(ReportPage.write(out).page(), 0);

    assertThat(media.getAsJsonObject("maps").getAsJsonObject("0/0").get("drawn").getAsString())
        .isEqualTo("data:image/png;base64,AQID");
  }

  @Test
  void write_thumbnail_hasTheMapOfThePredictedClass() throws IOException {
    float[] hot = new float[24];
    Arrays.fill(hot, 1);
    RunFolder run = run("gradcam").image("a.png", SHAPE, 1, new float[24], null);
    run.map("a.png", "gradcam", "0", SHAPE, new float[24], 2)
        .map("a.png", "gradcam", "1", SHAPE, hot, 2)
        .sample(
            "a.png",
            "gradcam",
            """
            {"status": "explained", "shape": [4, 6], "outputs": [0.2, 0.8], "maps": [
              {"label": "0", "score": 0.2, "status": "OK", "files": []},
              {"label": "1", "score": 0.8, "status": "OK", "files": []}]}
            """);
    Path page = ReportPage.write(run.write()).page();

    String overlay = row(page, 0).get("overlay").getAsString();
    byte[] jpeg = Base64.getDecoder().decode(overlay.substring(overlay.indexOf(',') + 1));
    // Three quarters of the last colour, over black.
    assertThat(ImageIO.read(new ByteArrayInputStream(jpeg)).getRGB(48, 32) >> 16 & 255)
        .isBetween(180, 200);
  }

  @Test
  void write_fileOutsideTheFolder_isNotRead() throws IOException {
    Path secret = folder.resolve("secret.npy");
    Npy.write(secret, new int[] {2, 2}, new float[4]);
    Path out = Files.createDirectory(folder.resolve("out"));
    new RunFolder(out, "gradcam").sample("a.png", "gradcam", record("../secret.npy")).write();

    assertThat(ReportPage.write(out).problems()).hasSize(1);
  }

  @Test
  void write_imageOfTheRun_isShownWhileItIsTheSame() throws IOException {
    Path image = folder.resolve("a.npy");
    Npy.write(image, new int[] {2, 2, 1}, new float[] {1, 2, 3, 4});
    Npy.write(folder.resolve("map.npy"), new int[] {2, 2}, new float[] {0, 1, 1, 1});
    String hash = Hashing.sha256().hashBytes(Files.readAllBytes(image)).toString();
    JsonObject record = JsonParser.parseString(record("map.npy")).getAsJsonObject();
    record.addProperty("file", image.toString());
    record.addProperty("sha256", hash);
    Path out = run("gradcam").sample("a.npy", "gradcam", record.toString()).write();

    assertThat(media(ReportPage.write(out).page(), 0).has("image")).isTrue();

    Npy.write(image, new int[] {2, 2, 1}, new float[] {1, 2, 3, 5});
    ReportPage.Written changed = ReportPage.write(out);
    assertThat(media(changed.page(), 0).has("image")).isFalse();
    assertThat(changed.problems())
        .isEqualTo(Map.of("an image has changed since the run, and is not shown", 1));
  }

  @Test
  void write_imageThatFailed_isShownWhereItCanBeRead() throws IOException {
    Path image = folder.resolve("a.npy");
    Npy.write(image, new int[] {2, 2, 1}, new float[] {1, 2, 3, 4});
    Path cut = Files.write(folder.resolve("cut.npy"), new byte[] {1, 2});
    RunFolder run = run("gradcam", "saliency");
    for (String method : List.of("gradcam", "saliency")) {
      run.sample("a.npy", method, failed(image)).sample("cut.npy", method, failed(cut));
    }

    ReportPage.Written written = ReportPage.write(run.write());

    assertThat(written.problems()).isEmpty();
    JsonObject shown = row(written.page(), 0);
    assertThat(shown.has("unseen")).isFalse();
    assertThat(shown.get("thumb").getAsString()).startsWith("data:image/jpeg;base64,");
    assertThat(media(written.page(), 0).getAsJsonObject("image").get("shape"))
        .isEqualTo(JsonParser.parseString("[2, 2]"));
    JsonObject unseen = row(written.page(), 1);
    assertThat(unseen.get("unseen").getAsBoolean()).isTrue();
    assertThat(unseen.has("thumb")).isFalse();
    assertThat(media(written.page(), 1).has("image")).isFalse();
  }

  private static String failed(Path file) throws IOException {
    JsonObject record =
        JsonParser.parseString(
                """
                {"status": "failed", "failure": {"stage": "explaining", "reason": "too small"}}
                """)
            .getAsJsonObject();
    record.addProperty("file", file.toString());
    record.addProperty("sha256", Hashing.sha256().hashBytes(Files.readAllBytes(file)).toString());
    return record.toString();
  }

  @Test
  void write_beyondTheLimit_isDividedAndOldPartsGo() throws IOException {
    RunFolder run = run("gradcam");
    for (int i = 0; i < 5; i++) {
      withPictures(run, i + ".png");
    }
    Path out = run.write();
    int one = ReportPage.write(out, 1).parts();
    assertThat(one).isEqualTo(5);
    assertThat(out.resolve("report/part-005.html")).exists();
    long pair = 2L * scripts(out.resolve("report/part-001.html"), ".*media-0\"").get(0).length();

    ReportPage.Written written = ReportPage.write(out, pair + 9000);

    assertThat(written.parts()).isBetween(2, 3);
    assertThat(written.samples()).isEqualTo(5);
    assertThat(out.resolve("report/part-005.html")).doesNotExist();
    String table = scripts(written.page(), ".*report-data\"").get(0);
    assertThat(table).contains("\"link\":\"report/part-001.html\"");
    assertThat(scripts(written.page(), ".*media.*")).isEmpty();
    String part = scripts(out.resolve("report/part-001.html"), ".*report-data\"").get(0);
    assertThat(part).contains("\"home\":\"../report.html\"").doesNotContain("\"link\"");

    assertThat(ReportPage.write(out).parts()).isZero();
    assertThat(out.resolve("report/part-001.html")).doesNotExist();
  }

  @Test
  void caveats_everyStatusButOk_hasWords() {
    JsonObject caveats = Caveats.all();
    assertThat(caveats.keySet()).hasSize(MapStatus.values().length - 1).doesNotContain("OK");
    for (String status : caveats.keySet()) {
      assertThat(caveats.getAsJsonObject(status).keySet())
          .containsExactly("title", "meaning", "remedy");
    }
  }
}
