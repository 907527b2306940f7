package org.aucmedi.xai.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The site of this checkout. */
final class SiteGeneratorTest {

  private static final Path ROOT = Path.of("..");
  private static final Pattern LINK = Pattern.compile("(?:href|src)=\"([^\"]*)\"");

  @TempDir private static Path site;

  @BeforeAll
  static void write() throws IOException {
    new SiteGenerator(ROOT).write(site);
  }

  @Test
  void write_everyLinkOfEveryPage_leadsToAFileAndAnAnchorOfTheSite() throws IOException {
    List<String> broken = new ArrayList<>();
    int links = 0;
    for (Path page : pages()) {
      Matcher link = LINK.matcher(Files.readString(page));
      while (link.find()) {
        String target = link.group(1);
        // The list of versions is beside the sites of all versions, if there is more than one.
        if (target.matches("[a-z]+:.*") || target.endsWith("../versions.js")) {
          continue;
        }
        links++;
        String[] parts = target.split("#", 2);
        Path file = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]).normalize();
        boolean there =
            file.startsWith(site)
                && Files.isRegularFile(file)
                && (parts.length == 1 || Files.readString(file).contains("id=\"" + parts[1] + '"'));
        if (!there) {
          broken.add(site.relativize(page) + ": " + target);
        }
      }
    }
    assertThat(links).isGreaterThan(1000);
    assertThat(broken).isEmpty();
  }

  @Test
  void write_noPage_loadsAnythingFromElsewhere() throws IOException {
    for (Path page : pages()) {
      assertThat(Files.readString(page))
          .as(page.toString())
          .doesNotContainPattern("<(?:script|link|img|iframe)[^>]*(?:src|href)=\"(?:https?:)?//");
    }
  }

  @Test
  void write_tables_areTables() throws IOException {
    assertThat(Files.readString(site.resolve("docs/methods.html")))
        .contains("<table>", "<h2 id=\"grad-cam\">", "<h2 id=\"grad-cam-1\">")
        .contains("<img src=\"methods/gradcam.png\"");
  }

  @Test
  void write_search_findsEverySection() throws IOException {
    assertThat(Files.readString(site.resolve("search.js")))
        .startsWith("const INDEX = [[")
        .contains("docs/methods.html#rise", "docs/concepts.html#when-not-to-trust-a-map");
  }

  @Test
  void write_sourcesThatPagesName_areShownAsText() throws IOException {
    assertThat(Files.readString(site.resolve("docs/methods.html"))).contains("GradCam.java.txt");
    try (Stream<Path> files = Files.walk(site)) {
      assertThat(files.filter(file -> file.endsWith("GradCam.java.txt"))).hasSize(1);
    }
  }

  @Test
  void write_brokenLink_isNamed(@TempDir Path other) throws IOException {
    Files.writeString(
        other.resolve("pom.xml"), "<artifactId>aucmedi-xai</artifactId><version>1</version>");
    Files.writeString(other.resolve("README.md"), "# Hello\n\n[there](docs/none.md)\n");
    assertThatThrownBy(() -> new SiteGenerator(other).write(other.resolve("site")))
        .isInstanceOf(IOException.class)
        .hasMessage("README.md: the link docs/none.md leads nowhere");
  }

  private static List<Path> pages() throws IOException {
    try (Stream<Path> files = Files.walk(site)) {
      List<Path> pages = files.filter(file -> file.toString().endsWith(".html")).toList();
      assertThat(pages).hasSizeGreaterThan(40);
      return pages;
    }
  }
}
