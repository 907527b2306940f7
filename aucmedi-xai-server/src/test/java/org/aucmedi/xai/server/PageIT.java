package org.aucmedi.xai.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.report.Browser;
import org.aucmedi.xai.testkit.LinearModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The page, in Chromium. */
@Timeout(120)
final class PageIT {

  private static final int SIZE = 48;
  private static final String HOSTILE = "<img src=x onerror=\"document.title='x'\">\u202e&.png";
  private static final String MIDDLE =
      "[...document.getElementById('canvas').getContext('2d').getImageData(33, 14, 1, 1)"
          + ".data].join()";

  @TempDir private Path folder;

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "no such file names there")
  void page_explainsAndDrawsAndCallsNobodyElse() throws IOException {
    Path image = Files.write(folder.resolve(HOSTILE), TestServer.png(cell()));
    String name = "<script>document.title='x'</script>";
    try (TestServer server =
            new TestServer(
                TestServer.SETTINGS.withLimits(1_000_000, 100_000),
                new XAIMethodRegistry(),
                "<b>cells</b>",
                List.of("healthy", "lesion", name),
                model());
        Browser browser = browser(false)) {
      browser.open(server.server().uri().toString());
      browser.await("document.querySelectorAll('#method option').length > 5");
      assertThat(browser.text("location.href")).isEqualTo(server.server().address().toString());
      choosePatches(browser);
      browser.type("#file", image.toString());
      browser.await("!document.getElementById('answer').hidden");
      // File names and class names are text.
      assertThat(browser.text("document.getElementById('filename').textContent"))
          .isEqualTo(HOSTILE.replace("\u202e", "\\u202e"));
      assertThat(browser.text("document.querySelectorAll('#scores tr').length")).isEqualTo("3");
      assertThat(browser.text("document.getElementById('scores').innerText")).contains(name);
      assertThat(browser.text("document.querySelectorAll('#scores script, main img').length"))
          .isEqualTo("0");
      assertThat(browser.text("document.title")).isEqualTo("What did the model look at?");
      assertThat(browser.text("document.getElementById('status').textContent"))
          .startsWith("Evidence for lesion. Nothing unusual");

      // The sliders move pixels.
      String half = browser.text(MIDDLE);
      slide(browser, "opacity", 0);
      assertThat(browser.text(MIDDLE)).isEqualTo("200,40,60,255");
      slide(browser, "opacity", 100);
      String full = browser.text(MIDDLE);
      assertThat(full).isNotEqualTo(half).isNotEqualTo("200,40,60,255");
      browser.run(
          "document.getElementById('colormap').value = 'gray';"
              + "document.getElementById('colormap').dispatchEvent(new Event('change'))");
      assertThat(browser.text(MIDDLE)).matches("(\\d+),\\1,\\1,255").isNotEqualTo(full);
      slide(browser, "threshold", 100);
      assertThat(
              browser.text(
                  "[...document.getElementById('canvas').getContext('2d')"
                      + ".getImageData(2, 2, 1, 1).data].join()"))
          .isEqualTo("230,210,220,255");

      // Another class is asked for and shown.
      slide(browser, "threshold", 0);
      browser.run("document.querySelectorAll('#scores button')[1].click()");
      browser.await(
          "document.getElementById('status').textContent.startsWith('Evidence for healthy')");

      // A refusal is told in words.
      browser.run(
          "document.getElementById('option-patch').value = '-1';"
              + "document.getElementById('explain').click()");
      browser.await("!document.getElementById('error').hidden");
      assertThat(browser.text("document.getElementById('error').textContent"))
          .startsWith("option patch must be");

      assertThat(browser.requests())
          // The browser's own first page.
          .filteredOn(each -> !each.startsWith("chrome:"))
          .isNotEmpty()
          .allMatch(
              each ->
                  each.startsWith(server.server().address().toString())
                      || each.startsWith("data:")
                      || each.startsWith("blob:"))
          .noneMatch(each -> each.contains("token="));
      assertThat(browser.console())
          .allMatch(message -> message.contains("the server responded with a status of 400"));
    }
  }

  @Test
  void page_droppedImage_isExplained_andCancelledInThePage() throws Exception {
    Path image = Files.write(folder.resolve("cell.png"), TestServer.png(cell()));
    CountDownLatch begun = new CountDownLatch(1);
    AtomicBoolean end = new AtomicBoolean();
    try (TestServer server =
            new TestServer(
                TestServer.SETTINGS.withLimits(1_000_000, 100_000),
                SlowMethod.registry(begun, end),
                model());
        Browser browser = browser(false)) {
      browser.open(server.server().uri().toString());
      browser.await("document.querySelectorAll('#method option').length > 5");
      browser.run("document.getElementById('method').value = 'slow'");

      drop(browser, image);
      begun.await();
      assertThat(browser.text("document.getElementById('filename').textContent"))
          .isEqualTo("cell.png");
      browser.await("!document.getElementById('work').hidden");
      browser.click("#cancel");
      awaitIdle(server);
      assertThat(browser.text("document.getElementById('work').hidden")).isEqualTo("true");
      assertThat(browser.text("document.getElementById('error').hidden")).isEqualTo("true");

      // By the keyboard, and by leaving the page.
      browser.click("#explain");
      awaitBusy(server);
      browser.press("\uE00C");
      awaitIdle(server);
      browser.click("#explain");
      awaitBusy(server);
      browser.open("about:blank");
      awaitIdle(server);

      browser.open(server.server().uri().toString());
      browser.await("document.querySelectorAll('#method option').length > 5");
      drop(browser, image);
      browser.await("!document.getElementById('answer').hidden");
      assertThat(browser.text("document.querySelectorAll('#scores tr').length")).isEqualTo("3");
      assertThat(browser.text("location.href")).isEqualTo(server.server().address().toString());
    }
  }

  private static void drop(Browser browser, Path image) {
    String box = "document.getElementById('drop').getBoundingClientRect()";
    browser.drop(browser.number(box + ".left") + 20, browser.number(box + ".top") + 20, image);
  }

  private static void awaitBusy(TestServer server) throws InterruptedException {
    awaitBusy(server, 1);
  }

  private static void awaitIdle(TestServer server) throws InterruptedException {
    awaitBusy(server, 0);
  }

  private static void awaitBusy(TestServer server, int copies) throws InterruptedException {
    while (TestServer.json(server.get("health")).get("busy").getAsInt() != copies) {
      Thread.sleep(20);
    }
  }

  /** Draws the picture of the documentation, and another in the dark. */
  @ParameterizedTest
  @CsvSource({"page, false", "dark, true"})
  @EnabledIfSystemProperty(named = "screenshots", matches = ".+", disabledReason = "not asked for")
  void page_forTheDocumentation(String name, boolean dark) throws IOException {
    Path image = Files.write(folder.resolve("cell.png"), TestServer.png(cell()));
    try (TestServer server =
            new TestServer(
                TestServer.SETTINGS.withLimits(1_000_000, 100_000),
                new XAIMethodRegistry(),
                "cells.pt",
                List.of("healthy", "lesion", "unclear"),
                model());
        Browser browser = browser(dark)) {
      browser.open(server.server().uri().toString());
      browser.await("document.querySelectorAll('#method option').length > 5");
      browser.type("#file", image.toString());
      browser.await("!document.getElementById('answer').hidden");
      slide(browser, "opacity", 50);
      slide(browser, "threshold", 10);
      Files.write(Path.of(System.getProperty("screenshots"), name + ".png"), browser.screenshot());
    }
  }

  private static Browser browser(boolean dark) {
    Optional<Browser> browser = Browser.start(dark);
    assumeTrue(browser.isPresent(), "no chromium and chromedriver on this machine");
    browser.get().resize(1200, 1200);
    return browser.get();
  }

  private static void choosePatches(Browser browser) {
    browser.run(
        "document.getElementById('method').value = 'occlusionsensitivity';"
            + "document.getElementById('method').dispatchEvent(new Event('change'));"
            + "document.getElementById('option-patch').value = '8';"
            + "document.getElementById('option-stride').value = '2'");
  }

  private static void slide(Browser browser, String id, int value) {
    browser.run(
        "const slider = document.getElementById('"
            + id
            + "'); slider.value = "
            + value
            + "; slider.dispatchEvent(new Event('input'))");
  }

  /** A cell with a dark lesion around (33, 14). */
  private static BufferedImage cell() {
    BufferedImage picture = new BufferedImage(SIZE, SIZE, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = picture.createGraphics();
    graphics.setColor(new Color(230, 210, 220));
    graphics.fillRect(0, 0, SIZE, SIZE);
    graphics.setColor(new Color(190, 140, 190));
    graphics.fillOval(6, 5, 37, 37);
    graphics.setColor(new Color(110, 60, 140));
    graphics.fillOval(15, 22, 14, 14);
    graphics.setColor(new Color(200, 40, 60));
    graphics.fillOval(29, 10, 9, 9);
    graphics.dispose();
    return picture;
  }

  /** Scores the red of the image, the red of the lesion's place, and its green there. */
  private static LinearModel model() {
    float[][] weights = new float[3][SIZE * SIZE * 3];
    for (int y = 0; y < SIZE; y++) {
      for (int x = 0; x < SIZE; x++) {
        float near = (float) Math.exp(-((x - 33) * (x - 33) + (y - 14) * (y - 14)) / 40.0);
        float far = (float) Math.exp(-((x - 22) * (x - 22) + (y - 29) * (y - 29)) / 120.0);
        int pixel = (y * SIZE + x) * 3;
        weights[0][pixel] = far * 1e-5f;
        weights[1][pixel] = near * 4e-5f;
        weights[1][pixel + 1] = -near * 2e-6f;
        weights[2][pixel + 1] = far * 6e-6f;
      }
    }
    return new LinearModel(weights, ChannelLayout.CHANNELS_LAST, "heap");
  }
}
