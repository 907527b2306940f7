package org.aucmedi.xai.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.aucmedi.xai.array.Colormap;
import org.aucmedi.xai.array.Geometry;
import org.aucmedi.xai.array.Npy;
import org.aucmedi.xai.manifest.Sha256;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The page as a reader uses it, in Chromium. */
final class ReportPageIT {

  private static final String HOME = "\uE011";
  private static final String END = "\uE010";
  private static final String LEFT = "\uE012";
  private static final String RIGHT = "\uE014";
  private static final String ESCAPE = "\uE00C";

  private static final String HOSTILE = "</script><script>window.hacked=1</script>.png";
  private static final String MARKUP = "\"><img src=x onerror='window.hacked=2'>\n.png";
  private static final String TURNED = "scan\u202Egnp.exe";

  private static final int[] SHAPE = {4, 6};
  private static final int[] VOLUME = {3, 4, 5};

  private static Optional<Browser> started = Optional.empty();

  @TempDir private static Path folder;
  private static Path page;

  @BeforeAll
  static void makePage() throws IOException {
    started = Browser.start();
    page = ReportPage.write(run(folder.resolve("out"))).page();
  }

  @AfterAll
  static void stop() {
    started.ifPresent(Browser::close);
  }

  /** Nothing leaves the page, and nothing goes wrong in it. */
  @AfterEach
  void checkLogs() {
    if (started.isPresent()) {
      assertThat(started.get().console()).isEmpty();
      assertThat(started.get().requests())
          .allMatch(url -> url.startsWith("file:") || url.startsWith("data:"));
      assertThat(started.get().text("window.hacked")).isEqualTo("undefined");
    }
  }

  private static Path run(Path out) throws IOException {
    RunFolder run =
        new RunFolder(out, "gradcam", "saliency")
            .model(List.of("<b>benign</b>", "</script><i>malignant</i>\n"));
    float[] ramp = new float[24];
    float[] reversed = new float[24];
    float[] grey = new float[24];
    for (int i = 0; i < 24; i++) {
      ramp[i] = i / 23f;
      reversed[i] = 1 - ramp[i];
      grey[i] = 100;
    }
    run.image("a.png", SHAPE, 1, grey, null)
        .map("a.png", "gradcam", "0", SHAPE, reversed, 2)
        .map("a.png", "gradcam", "1", SHAPE, ramp, 2)
        .map("a.png", "saliency", "1", SHAPE, reversed, 7)
        .sample(
            "a.png",
            "gradcam",
            """
            {"status": "explained", "shape": [4, 6], "outputs": [0.25, 0.75], "maps": [
              {"label": "0", "score": 0.25, "status": "OK", "files": ["a.class_0.png"]},
              {"label": "1", "score": 0.75, "status": "OK", "files": ["a.class_1.png"]}]}
            """)
        .explained("a.png", "saliency", 0.75);
    for (String name : List.of(HOSTILE, MARKUP, TURNED)) {
      run.explained(name, "gradcam", 0.1);
    }
    run.sample(
        "cut.png",
        "gradcam",
        """
        {"status": "failed",
         "failure": {"stage": "LOADING", "reason": "the file <i>ends</i> early"}}
        """);
    run.sample(
        "flat.png",
        "gradcam",
        """
        {"status": "explained", "outputs": [0.9, 0.1], "maps": [
          {"label": "0", "score": 0.9, "status": "FLAT", "files": ["gone.npy"]}]}
        """);
    float[] voxels = new float[60];
    for (int i = 0; i < 60; i++) {
      voxels[i] = voxel(i / 20, i / 5 % 4, i % 5);
    }
    run.image("volume.nii", VOLUME, 1, voxels, geometry())
        .map("volume.nii", "gradcam", "1", VOLUME, new float[60], 1)
        .explained("volume.nii", "gradcam", 0.6);
    Path refused = out.resolveSibling(out.getFileName() + "-refused.npy");
    Npy.write(refused, new int[] {2, 3, 1}, new float[] {0, 51, 102, 153, 204, 255});
    run.sample(
        "refused.npy",
        "gradcam",
        """
        {"status": "failed", "file": "%s", "sha256": "%s",
         "failure": {"stage": "explaining", "reason": "the image is too small"}}
        """
            .formatted(refused, Sha256.of(refused).digits()));
    return run.write();
  }

  /** Left, posterior, superior; voxels of 1 x 2 x 3 mm. */
  private static Geometry geometry() {
    return Geometry.of(
        new double[] {1, 2, 3}, new double[3], new double[][] {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}});
  }

  private static int voxel(int z, int y, int x) {
    return 10 + 60 * z + 12 * y + 2 * x;
  }

  private Browser open(String hash) {
    assumeTrue(started.isPresent(), "no chromium and chromedriver on this machine");
    Browser browser = started.get();
    browser.open("about:blank");
    browser.open(page.toUri() + hash);
    browser.await("document.getElementById('app').childElementCount > 0");
    if (hash.startsWith("#sample")) {
      awaitReady(browser);
    }
    return browser;
  }

  private static void awaitReady(Browser browser) {
    browser.await("document.querySelector('main.sample')?.dataset.ready === 'true'");
  }

  /** The selector of a control by its label. */
  private static String control(Browser browser, String label) {
    return "#"
        + browser.text(
            "[...document.querySelectorAll('.panel label')].find(l => l.textContent === '"
                + label
                + "').htmlFor");
  }

  private static int[] pixel(Browser browser, int pane, int x, int y) {
    return browser
        .run(
            "return [...document.querySelectorAll('.plane canvas')[%d].getContext('2d').getImageData(%d, %d, 1, 1).data].slice(0, 3)"
                .formatted(pane, x, y))
        .getAsJsonArray()
        .asList()
        .stream()
        .mapToInt(value -> value.getAsInt())
        .toArray();
  }

  /** Grey 100 below a map's colour. */
  private static int[] mixed(Colormap colours, int value, double weight) {
    int[] mixed = new int[3];
    for (int c = 0; c < 3; c++) {
      int colour = (int) colours.intensity(value, c);
      mixed[c] = (int) Math.rint(100 + (colour - 100) * weight);
    }
    return mixed;
  }

  @Test
  void overlay_slidersAndColours_movePixels() {
    Browser browser = open("#sample=1");
    assertThat(pixel(browser, 0, 5, 3)).isEqualTo(mixed(Colormap.INFERNO, 255, 0.75));
    assertThat(pixel(browser, 0, 0, 0)).containsExactly(100, 100, 100);

    browser.type(control(browser, "Colours"), "viridis");
    assertThat(pixel(browser, 0, 5, 3)).isEqualTo(mixed(Colormap.VIRIDIS, 255, 0.75));

    browser.type(control(browser, "Opacity"), END);
    assertThat(pixel(browser, 0, 5, 3)).isEqualTo(mixed(Colormap.VIRIDIS, 255, 1));
    int[] weaker = pixel(browser, 0, 4, 3);
    assertThat(weaker).isNotEqualTo(new int[] {100, 100, 100});

    browser.type(control(browser, "Threshold"), END);
    assertThat(pixel(browser, 0, 5, 3)).isEqualTo(mixed(Colormap.VIRIDIS, 255, 1));
    assertThat(pixel(browser, 0, 4, 3)).containsExactly(100, 100, 100);

    browser.type(control(browser, "Opacity"), HOME);
    assertThat(pixel(browser, 0, 5, 3)).containsExactly(100, 100, 100);
  }

  @Test
  void classAndMethod_switch_showTheOtherMap() {
    Browser browser = open("#sample=1");
    assertThat(pixel(browser, 0, 0, 0)).containsExactly(100, 100, 100);

    browser.click(".choice input[value='0']");
    awaitReady(browser);
    assertThat(pixel(browser, 0, 0, 0)).isEqualTo(mixed(Colormap.INFERNO, 255, 0.75));
    assertThat(browser.text("document.querySelector('.ticks').textContent")).isEqualTo("012");

    browser.click(".choice input[value='saliency']");
    awaitReady(browser);
    assertThat(browser.text("document.querySelector('.ticks').textContent")).isEqualTo("03.57");
  }

  @Test
  void sideBySide_showsTheImageAndEveryMethod() {
    Browser browser = open("#sample=1");
    browser.click(".panel label.check:last-of-type input");
    awaitReady(browser);

    assertThat(browser.number("document.querySelectorAll('.plane canvas').length")).isEqualTo(3);
    assertThat(browser.text("[...document.querySelectorAll('figcaption')].map(f => f.textContent)"))
        .isEqualTo("Image,Grad-CAM · 0 to 2,Saliency · 0 to 7");
    assertThat(pixel(browser, 0, 5, 3)).containsExactly(100, 100, 100);
    assertThat(pixel(browser, 1, 5, 3)).isEqualTo(mixed(Colormap.INFERNO, 255, 0.75));
    assertThat(pixel(browser, 2, 0, 0)).isEqualTo(mixed(Colormap.INFERNO, 255, 0.75));
  }

  @Test
  void pointer_overAPixel_tellsItsRawValue() {
    Browser browser = open("#sample=1");
    String box = "document.querySelector('.plane canvas').getBoundingClientRect()";
    double width = browser.number(box + ".width");
    double height = browser.number(box + ".height");

    browser.point(
        browser.number(box + ".left") + width * 5.5 / 6,
        browser.number(box + ".top") + height * 3.5 / 4,
        false);

    assertThat(browser.text("document.querySelector('.readout').textContent"))
        .isEqualTo("row 3, column 5: raw value 2 (100 % of the range)");
  }

  /** The pane, the slice, the pixel and the voxel that lies there. */
  @ParameterizedTest
  @CsvSource({
    "0, Axial, 2, 1, 3, 2, 3, 1",
    "1, Coronal, 1, 4, 0, 2, 1, 4",
    "2, Sagittal, 3, 1, 2, 0, 1, 3"
  })
  void slicer_showsTheSlice(
      int pane, String title, int slice, int column, int row, int z, int y, int x) {
    Browser browser = open("#sample=7");
    browser.type(control(browser, "Opacity"), HOME);
    assertThat(browser.text("document.querySelectorAll('figcaption')[" + pane + "].textContent"))
        .isEqualTo(title);
    String slider = "figure:nth-of-type(" + (pane + 1) + ") input";

    browser.type(slider, HOME + RIGHT.repeat(slice));

    assertThat(pixel(browser, pane, column, row)[0]).isEqualTo(voxel(z, y, x));
    assertThat(browser.text("location.hash")).isEqualTo("#sample=7");
  }

  @Test
  void slicer_keepsMillimetresAndMovesTheCrossHair() {
    Browser browser = open("#sample=7");
    String box = "document.querySelectorAll('.plane')[%d].getBoundingClientRect()";
    double[] aspects = {5 * 1 / (4 * 2.0), 5 * 1 / (3 * 3.0), 4 * 2 / (3 * 3.0)};
    for (int pane = 0; pane < 3; pane++) {
      String rectangle = box.formatted(pane);
      assertThat(browser.number(rectangle + ".width") / browser.number(rectangle + ".height"))
          .isCloseTo(aspects[pane], within(0.02));
    }
    String axial = box.formatted(0);

    browser.point(
        browser.number(axial + ".left") + browser.number(axial + ".width") * 4.5 / 5,
        browser.number(axial + ".top") + browser.number(axial + ".height") * 0.5 / 4,
        true);

    assertThat(browser.text("document.querySelectorAll('.slices output')[1].textContent"))
        .isEqualTo("1 / 4");
    assertThat(browser.text("document.querySelectorAll('.slices output')[2].textContent"))
        .isEqualTo("5 / 5");
    assertThat(browser.text("document.querySelectorAll('.cross-x')[0].style.left"))
        .isEqualTo("90%");
  }

  @Test
  void filters_hideRows() {
    Browser browser = open("");
    String names = "[...document.querySelectorAll('main tbody .name')].map(n => n.textContent)";
    assertThat(browser.number("document.querySelectorAll('main tbody tr').length")).isEqualTo(8);

    browser.type("#filter-text", "A.PNG");
    assertThat(browser.number("document.querySelectorAll('main tbody tr').length")).isEqualTo(1);
    assertThat(browser.text("document.querySelector('.count').textContent"))
        .isEqualTo("1 of 8 images");
    browser.click(".filters button");
    assertThat(browser.number("document.querySelectorAll('main tbody tr').length")).isEqualTo(8);

    browser.type("#filter-low", "0.7");
    browser.type("#filter-high", "0.8");
    assertThat(browser.text(names)).startsWith("a.png,");
    assertThat(browser.number("document.querySelectorAll('main tbody tr').length")).isEqualTo(1);
    browser.click(".filters button");

    browser.type("#filter-status", "Failed");
    assertThat(browser.text(names)).isEqualTo("cut.png,refused.npy");
    browser.click(".filters button");

    browser.type("#filter-label", "<b>");
    assertThat(browser.number("document.querySelectorAll('main tbody tr').length")).isEqualTo(4);
    browser.click(".filters button");

    browser.click(".col-score button");
    browser.click(".col-score button");
    assertThat(browser.text("document.querySelector('.col-score').ariaSort"))
        .isEqualTo("descending");
    assertThat(browser.number("parseFloat(document.querySelector('td.col-score').textContent)"))
        .isEqualTo(0.9);
  }

  @Test
  void hostileNames_stayText() {
    Browser browser = open("");
    String row = "document.querySelector('tr[data-id=\"%d\"] .open .name').textContent";
    assertThat(browser.text(row.formatted(2))).isEqualTo(HOSTILE);
    assertThat(browser.text(row.formatted(3))).isEqualTo(MARKUP.replace("\n", "\\u000a"));
    assertThat(browser.text(row.formatted(4))).isEqualTo("scan\\u202egnp.exe");
    assertThat(browser.number("document.querySelectorAll('b, tbody i, img[src=x]').length"))
        .isZero();
    for (int sample = 2; sample <= 5; sample++) {
      open("#sample=" + sample);
      assertThat(browser.number("document.querySelectorAll('main b, main i').length")).isZero();
    }
    open("#about");
    assertThat(browser.text("document.querySelector('main').textContent"))
        .contains("0: <b>benign</b>", "1: </script><i>malignant</i>\\u000a");
  }

  @Test
  void imageThatFailed_isShownOrSaidNotToBe() {
    Browser browser = open("");
    String thumbs = "document.querySelector('tr[data-id=\"%d\"] .thumbs')";
    assertThat(browser.text(thumbs.formatted(5) + ".textContent")).isEqualTo("cannot be shown");
    assertThat(browser.number(thumbs.formatted(8) + ".querySelectorAll('img').length"))
        .isEqualTo(1);

    open("#sample=8");
    assertThat(pixel(browser, 0, 1, 1)).containsExactly(204, 204, 204);
    assertThat(browser.text("document.querySelector('.notices').textContent"))
        .isEqualTo("Grad-CAM failed. the image is too small");
    open("#sample=5");
    assertThat(browser.text("document.querySelector('.stage').textContent"))
        .isEqualTo("There is no map to show.");
  }

  @Test
  void mapsNotToTrust_areNamedInWords() {
    Browser browser = open("#trust");
    assertThat(browser.text("document.querySelector('main').textContent"))
        .contains("Flat 1 map", "the map points nowhere", "What to do:", "flat.png", "cut.png");

    open("#sample=6");
    assertThat(browser.text("document.querySelector('.panel .warn').textContent"))
        .startsWith("Do not trust: flat. Every position has the same value");
    assertThat(browser.text("document.querySelector('.stage').textContent"))
        .isEqualTo("No map: its file is not there any more.");
    open("#sample=5");
    assertThat(browser.text("document.querySelector('.notices').textContent"))
        .isEqualTo("Grad-CAM failed. the file <i>ends</i> early");
  }

  @Test
  void keyboard_walksThroughImagesAndBack() {
    Browser browser = open("#sample=1");
    browser.press(RIGHT);
    browser.await("location.hash === '#sample=2'");
    browser.press(RIGHT + LEFT + LEFT);
    browser.await("location.hash === '#sample=1'");
    awaitReady(browser);
    assertThat(browser.text("document.activeElement.tagName")).isEqualTo("H1");
    browser.press(ESCAPE);
    browser.await("document.querySelector('.table') !== null");

    browser.run("document.querySelector('.open').focus()");
    browser.press("\uE007");
    browser.await("location.hash === '#sample=1'");
    assertThat(
            browser.number(
                "[...document.querySelectorAll('canvas[role=img], img')]"
                    + ".filter(c => !c.ariaLabel && !c.alt).length"))
        .isZero();
  }

  @Test
  void theme_followsTheButton() {
    Browser browser = open("");
    String ground = "getComputedStyle(document.body).backgroundColor";
    String before = browser.text(ground);
    browser.click("#theme");
    assertThat(browser.text(ground)).isNotEqualTo(before);
    browser.click("#theme");
    assertThat(browser.text(ground)).isEqualTo(before);
  }

  @Test
  void paper_isWhiteAndHasNoControls_andSaysWhatTheyAreSetTo() {
    Browser browser = open("#sample=1");
    browser.run("document.documentElement.dataset.theme = 'dark'");
    try {
      browser.media("print");
      assertThat(browser.text("getComputedStyle(document.body).backgroundColor"))
          .isEqualTo("rgb(255, 255, 255)");
      assertThat(browser.text("getComputedStyle(document.body).color")).isEqualTo("rgb(0, 0, 0)");
      assertThat(
              browser.number(
                  "[...document.querySelectorAll('input, select, button, .button')]"
                      + ".filter(e => e.checkVisibility()).length"))
          .isZero();
      assertThat(browser.text("document.querySelector('.on-paper').innerText"))
          .isEqualTo(
              "Grad-CAM, explaining </script><i>malignant</i>\\u000a; opacity 75 %; weak values"
                  + " faded out");
      assertThat(
              browser.text("getComputedStyle(document.querySelector('.viewing')).backgroundColor"))
          .isEqualTo("rgb(255, 255, 255)");
      assertThat(new String(browser.print(), StandardCharsets.ISO_8859_1)).startsWith("%PDF");
    } finally {
      browser.media("screen");
      browser.run("delete document.documentElement.dataset.theme");
    }
    assertThat(browser.text("getComputedStyle(document.querySelector('.on-paper')).display"))
        .isEqualTo("none");
  }

  @Test
  void paper_ofTheTable_hasAlsoWhatNotToTrustAndWhereAllComesFrom() {
    Browser browser = open("");
    String shown = "document.getElementById('app').innerText";
    assertThat(browser.text(shown)).doesNotContain("What to do: ");
    try {
      browser.media("print");
      assertThat(browser.text(shown))
          .containsSubsequence(
              "a.png",
              "volume.nii",
              "Maps not to trust",
              "Every position has the same value",
              "What to do: ",
              "flat.png",
              "cut.png",
              "the file <i>ends</i> early",
              "About this run",
              "conv2",
              "standardize");
      assertThat(
              browser.number(
                  "[...document.querySelectorAll('.table tbody tr')]"
                      + ".filter(e => getComputedStyle(e).breakInside !== 'avoid').length"))
          .isZero();
    } finally {
      browser.media("screen");
    }
  }

  @Test
  void dividedPage_linksToTheSampleInItsPart() throws IOException {
    Browser browser = open("");
    ReportPage.Written written = ReportPage.write(run(folder.resolve("parts")), 1000);
    assertThat(written.parts()).isGreaterThan(1);
    browser.open(written.page().toUri().toString());

    String link =
        browser.text("document.querySelector(\"tr[data-id='7'] .open\").getAttribute('href')");
    assertThat(link).matches("report/part-\\d{3}\\.html#sample=7");

    browser.click("tr[data-id='7'] .open");

    browser.await("location.href.endsWith('" + link + "')");
    awaitReady(browser);
    assertThat(browser.text("document.querySelector('main h1').textContent"))
        .isEqualTo("volume.nii");
    assertThat(browser.number("document.querySelectorAll('.plane canvas').length")).isEqualTo(3);
  }
}
