package org.aucmedi.xai.report;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.aucmedi.xai.imaging.ImageWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Makes the pictures of docs/report.md; see {@code tools/report_screenshots.sh}. {@code images} and
 * {@code volume} are report pages, of two methods each; {@code niivue} is the other page of the
 * volume.
 */
@EnabledIfSystemProperty(named = "screenshots", matches = ".+")
final class ReportScreenshotsIT {

  private static final Path TO = Path.of(System.getProperty("screenshots", ""));

  @Test
  void write() throws IOException {
    String images = Path.of(System.getProperty("images")).toUri() + "";
    String volume = Path.of(System.getProperty("volume")).toUri() + "";
    Optional<Browser> light = Browser.start(false);
    assumeTrue(light.isPresent(), "no chromium and chromedriver on this machine");
    try (Browser browser = light.get()) {
      open(browser, images + "#sample=2");
      browser.click(".choice input[value='0']");
      ready(browser);
      save(browser, "sample");
      browser.click(".panel label.check:last-of-type input");
      ready(browser);
      save(browser, "side-by-side");
    }
    try (Browser browser = Browser.start(true).orElseThrow()) {
      open(browser, images);
      save(browser, "table-dark");
      open(browser, volume + "#sample=1");
      save(browser, "volume");
    }
    try (Browser browser =
        Browser.start(
                true, "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
            .orElseThrow()) {
      open(browser, Path.of(System.getProperty("niivue")).toUri() + "");
      browser.await("document.getElementById('gl').dataset.ready === 'true'");
      String box = "document.getElementById('gl').getBoundingClientRect()";
      browser.point(
          browser.number(box + ".width") * 0.3, browser.number(box + ".height") * 0.3, true);
      save(browser, "niivue");
    }
  }

  private static void open(Browser browser, String url) {
    browser.open("about:blank");
    browser.open(url);
    if (url.contains("#sample")) {
      ready(browser);
    }
  }

  private static void ready(Browser browser) {
    browser.await("document.querySelector('main.sample')?.dataset.ready === 'true'");
  }

  /** Without an alpha channel, so that the file is small. */
  private static void save(Browser browser, String name) throws IOException {
    browser.await(
        "[...document.images].every(image => image.complete"
            + " || image.getBoundingClientRect().top > innerHeight)");
    BufferedImage taken = ImageIO.read(new ByteArrayInputStream(browser.screenshot()));
    BufferedImage plain =
        new BufferedImage(taken.getWidth(), taken.getHeight(), BufferedImage.TYPE_INT_RGB);
    plain.createGraphics().drawImage(taken, 0, 0, null);
    Files.createDirectories(TO);
    ImageWriter.write(plain, TO.resolve(name + ".png"));
  }
}
