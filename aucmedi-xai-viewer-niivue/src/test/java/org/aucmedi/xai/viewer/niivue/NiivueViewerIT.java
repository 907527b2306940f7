package org.aucmedi.xai.viewer.niivue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.manifest.Sha256;
import org.aucmedi.xai.report.Browser;
import org.aucmedi.xai.report.ReportPage;
import org.aucmedi.xai.report.RunViewer;
import org.aucmedi.xai.report.RunVolumes.Grid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page in Chromium, whose WebGL is computed by the processor. */
final class NiivueViewerIT {

  private static final String HOSTILE = "</script><img src=x onerror='window.hacked=1'>\u202e.npy";
  private static final int SIZE = 8;

  @TempDir private Path folder;

  /** A volume whose columns go to the left. */
  private Path write(String name, byte[] values, float high) throws IOException {
    int[] size = {SIZE, SIZE, SIZE};
    Grid grid = new Grid(size, new double[] {2, 1, 1}, "LAS", values, 0, high);
    return Files.write(folder.resolve(name + ".nii.gz"), Nifti.compressed(grid));
  }

  /** A run of volumes whose maps are numbers; the image is the file itself. */
  private void writeRun(String... names) throws IOException {
    StringBuilder records = new StringBuilder();
    for (int n = 0; n < names.length; n++) {
      byte[] values = new byte[SIZE * SIZE * SIZE];
      byte[] map = new byte[values.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = (byte) (i % 200);
        map[i] = (byte) strength(i % SIZE, i / SIZE % SIZE, i / SIZE / SIZE);
      }
      Path image = write("image" + n, values, 255);
      Path unused = write("map" + n, map, 1);
      JsonObject record = new JsonObject();
      record.addProperty("sample", names[n]);
      record.addProperty("file", image.toString());
      record.addProperty("sha256", Sha256.of(image).digits());
      JsonObject rest =
          JsonParser.parseString(
                  """
                  {"method": "saliency", "status": "explained", "shape": [8, 8, 8],
                   "outputs": [0.2, 0.8], "maps": [
                     {"label": "1", "score": 0.8, "status": "OK", "diagnostics": {}, "rawMin": 0,
                      "rawMax": 2, "files": ["map%d.nii.gz"]}]}
                  """
                      .formatted(n))
              .getAsJsonObject();
      rest.entrySet().forEach(entry -> record.add(entry.getKey(), entry.getValue()));
      records.append(record).append('\n');
    }
    Files.writeString(folder.resolve("samples.jsonl"), records);
    Files.writeString(
        folder.resolve("manifest.json"),
        """
        {"format": "aucmedi-xai-manifest", "version": 1, "status": "finished", "command": [],
         "settings": {}, "started": "2026-01-02T03:04:05Z",
         "model": {"path": "net.pt", "sha256": "00", "engine": "PyTorch",
                   "classNames": ["<b>healthy</b>", "<i>lesion</i>"]},
         "methods": [{"key": "saliency", "name": "Saliency map", "profile": "aucmedi",
                      "options": {}, "layers": [], "folder": ""}],
         "samples": 1, "summary": {}}
        """);
  }

  @Test
  void page_showsVolumesInWebGl_andNothingLeavesIt() throws IOException {
    writeRun(HOSTILE, "second");
    ReportPage.Written written = RunViewer.of("niivue").write(folder);
    assertThat(written.page()).isEqualTo(folder.resolve("report-niivue.html"));
    assertThat(written.samples()).isEqualTo(2);
    assertThat(written.problems()).isEmpty();
    Optional<Browser> started =
        Browser.start(
            false, "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader");
    assumeTrue(started.isPresent(), "no chromium and chromedriver on this machine");
    try (Browser browser = started.get()) {
      browser.resize(720, 540);
      browser.open("about:blank");
      browser.open(written.page().toUri().toString());
      assumeTrue(
          browser.text("document.getElementById('trouble') === null").equals("true"),
          "this Chromium has no WebGL 2");
      browser.await("document.getElementById('gl').dataset.ready === 'true'");

      assertThat(browser.text("document.querySelector('#volume').textContent"))
          .isEqualTo(HOSTILE.replace("\u202e", "\\u202e") + "second");
      assertThat(browser.text("document.querySelector('#map').textContent"))
          .isEqualTo("Saliency map, <i>lesion</i>");
      assertThat(browser.number("document.querySelectorAll('img, i, b').length")).isZero();

      // Opacity and colours change the picture.
      byte[] first = browser.screenshot();
      set(browser, "opacity", "0", "input");
      byte[] without = browser.screenshot();
      assertThat(without).isNotEqualTo(first);
      set(browser, "opacity", "75", "input");
      set(browser, "colours", "1", "change");
      assertThat(browser.screenshot()).isNotEqualTo(first).isNotEqualTo(without);

      // The cross-hair reads the map.
      String box = "document.getElementById('gl').getBoundingClientRect()";
      browser.point(browser.number(box + ".width") / 4, browser.number(box + ".height") / 4, true);
      String told = browser.text("document.getElementById('values').textContent");
      assertThat(told)
          .matches(
              "Map at column \\d, row \\d, slice \\d: [0-9.e−]+ \\(\\d+ % of the range from 0 to"
                  + " 2\\)");
      assertThat(valueTold(told)).isCloseTo(valueThere(told), within(0.001));

      set(browser, "volume", "1", "change");
      browser.await("document.getElementById('gl').dataset.ready === 'true'");
      set(browser, "layout", "4", "change");

      assertThat(browser.console())
          // What a driver in software says of its own speed.
          .filteredOn(message -> !message.contains("GL Driver Message (OpenGL, Performance"))
          .isEmpty();
      assertThat(browser.requests())
          .allMatch(
              url ->
                  url.startsWith("file:")
                      || url.startsWith("data:")
                      || url.startsWith("blob:")
                      || url.startsWith("chrome:"));
      assertThat(browser.text("window.hacked")).isEqualTo("undefined");
    }
  }

  private static void set(Browser browser, String id, String value, String event) {
    browser.run(
        "const e = document.getElementById('%s'); e.value = '%s'; e.dispatchEvent(new Event('%s'))"
            .formatted(id, value, event));
    // Drawn when the next frame is.
    browser.run("return new Promise(done => requestAnimationFrame(() => setTimeout(done, 50)))");
  }

  private static double valueTold(String told) {
    return Double.parseDouble(told.replaceAll(".*: ([0-9.e−]+) .*", "$1").replace('−', '-'));
  }

  private static double valueThere(String told) {
    int[] at =
        Arrays.stream(
                told.replaceAll("Map at column (\\d), row (\\d), slice (\\d).*", "$1 $2 $3")
                    .split(" ", -1))
            .mapToInt(Integer::parseInt)
            .toArray();
    return 2 * strength(at[0], at[1], at[2]) / 255.0;
  }

  /** From 0 to 255, another one for each column, row and pair of slices. */
  private static int strength(int column, int row, int slice) {
    return 32 * column + 4 * row + slice / 2;
  }

  @Test
  void write_moreThanFits_isLeftOutAndSaid() throws IOException {
    writeRun("a", "b", "c");

    ReportPage.Written written = new NiivueViewer(1).write(folder);

    assertThat(written.samples()).isEqualTo(1);
    assertThat(written.problems())
        .isEqualTo(Map.of("a volume is left out, since the page would be too large", 2));
    assertThat(written.page()).content().contains("\"leftOut\":2").contains("BSD 2-Clause License");
  }

  @Test
  void write_aUsersFile_isNotReplaced() throws IOException {
    writeRun("a");
    Path mine = Files.writeString(folder.resolve(NiivueViewer.PAGE), "mine");

    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> new NiivueViewer().write(folder))
        .withMessageStartingWith("cannot write " + mine);
    assertThat(mine).hasContent("mine");
  }

  @Test
  void of_anotherName_namesThoseThatAreThere() {
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> RunViewer.of("papaya"))
        .withMessage("there is no viewer 'papaya'; present: niivue");
    assertThat(List.of(RunViewer.of("niivue").name())).containsExactly("niivue");
  }
}
