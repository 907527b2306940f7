package org.aucmedi.xai.site;

import com.google.common.html.HtmlEscapers;
import com.google.common.io.Resources;
import com.google.gson.Gson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Makes the site: every page, with a menu, a search over all headings, and a light and a dark look.
 * It needs no server and loads nothing from elsewhere.
 */
public final class SiteGenerator {

  private static final Pattern VERSION =
      Pattern.compile("<artifactId>aucmedi-xai</artifactId>\\s*<version>([^<]+)</version>");

  /** The menu: groups of pages, by their names without extension. */
  private static final Map<String, List<String>> MENU = menu();

  /** How much of the text below a heading is searched. */
  private static final int SEARCHED = 600;

  private final Path root;
  private final String version;

  /**
   * Constructs it.
   *
   * @param root the root of the checkout
   * @throws IOException if its pom cannot be read
   */
  public SiteGenerator(Path root) throws IOException {
    this.root = root.toAbsolutePath().normalize();
    Matcher found = VERSION.matcher(Files.readString(this.root.resolve("pom.xml")));
    if (!found.find()) {
      throw new IOException(root.resolve("pom.xml") + " has no version");
    }
    this.version = found.group(1);
  }

  private static Map<String, List<String>> menu() {
    Map<String, List<String>> menu = new LinkedHashMap<>();
    menu.put(
        "Start",
        List.of(
            "README",
            "docs/getting-started",
            "docs/concepts",
            "docs/porting",
            "docs/examples",
            "docs/faq"));
    menu.put(
        "Use",
        List.of(
            "docs/methods",
            "docs/metrics",
            "docs/preparing-images",
            "docs/formats",
            "docs/pictures",
            "docs/report",
            "docs/runs",
            "docs/serve",
            "docs/command-line"));
    menu.put(
        "Judge",
        List.of(
            "docs/engines",
            "docs/performance",
            "docs/reliability",
            "docs/security",
            "docs/comparison"));
    menu.put(
        "Take part",
        List.of(
            "docs/extending",
            "docs/dependencies",
            "docs/architecture",
            "docs/releasing",
            "CONTRIBUTING",
            "CHANGELOG"));
    return menu;
  }

  /**
   * Makes the site.
   *
   * @param args the root of the checkout, and the folder to write to
   * @throws IOException if a page has a link that leads nowhere, or a file cannot be written
   */
  public static void main(String[] args) throws IOException {
    if (args.length != 2) {
      throw new IllegalArgumentException("name the root of the checkout and the output folder");
    }
    new SiteGenerator(Path.of(args[0])).write(Path.of(args[1]));
  }

  /**
   * Writes the site.
   *
   * @param output the folder
   * @throws IOException if a page has a link that leads nowhere, or a file cannot be written
   */
  public void write(Path output) throws IOException {
    SiteLinks links = new SiteLinks(root);
    List<SitePage> pages = new ArrayList<>();
    for (Path source : sources()) {
      pages.add(SitePage.read(root, source, links));
    }
    for (SitePage page : pages) {
      put(output.resolve(SiteLinks.ofPage(page.source())), framed(page, pages));
    }
    put(output.resolve("docs/decisions/index.html"), decisions(pages));
    for (Path file : links.linked()) {
      Path copy = output.resolve(SiteLinks.ofCopy(file));
      Files.createDirectories(copy.getParent());
      Files.copy(root.resolve(file), copy, StandardCopyOption.REPLACE_EXISTING);
    }
    for (String own : List.of("site.css", "site.js")) {
      put(output.resolve(own), resource(own));
    }
    put(output.resolve("search.js"), "const INDEX = " + index(pages) + ";\n");
  }

  /** The pages of the root, of docs, and of the modules, relative to the root. */
  private List<Path> sources() throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .map(root::relativize)
          .filter(file -> file.toString().endsWith(".md"))
          .filter(file -> !file.toString().matches("(.*/)?(target|\\.[^/]*)/.*"))
          .sorted()
          .toList();
    }
  }

  private String framed(SitePage page, List<SitePage> pages) throws IOException {
    return frame(page.source(), page.title(), page.html(), contents(page), pages);
  }

  private String decisions(List<SitePage> pages) throws IOException {
    StringBuilder list = new StringBuilder("<h1>Decisions</h1>\n<ul>\n");
    for (SitePage page : pages) {
      if (page.source().startsWith("docs/decisions")) {
        String name = SiteLinks.ofPage(page.source()).getFileName().toString();
        list.append("<li><a href=\"%s\">%s</a></li>%n".formatted(name, escaped(page.title())));
      }
    }
    Path here = Path.of("docs/decisions/index.md");
    return frame(here, "Decisions", list.append("</ul>\n").toString(), "", pages);
  }

  private String frame(
      Path source, String title, String html, String contents, List<SitePage> pages)
      throws IOException {
    String up = "../".repeat(source.getNameCount() - 1);
    return resource("frame.html")
        .replace("{title}", escaped(title))
        .replace("{version}", escaped(version))
        .replace("{up}", up)
        .replace("{menu}", menu(source, up, pages))
        .replace("{contents}", contents)
        .replace("{html}", html);
  }

  private static String menu(Path source, String up, List<SitePage> pages) {
    StringBuilder menu = new StringBuilder();
    MENU.forEach(
        (group, names) -> {
          menu.append("<h2>%s</h2>\n<ul>\n".formatted(escaped(group)));
          for (String name : names) {
            SitePage page =
                pages.stream()
                    .filter(any -> any.source().equals(Path.of(name + ".md")))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("no page " + name + ".md"));
            String target = up + SiteLinks.ofPage(page.source()).toString().replace('\\', '/');
            String current = page.source().equals(source) ? " aria-current=\"page\"" : "";
            String title = name.equals("README") ? "Overview" : page.title();
            menu.append(
                "<li><a href=\"%s\"%s>%s</a></li>\n".formatted(target, current, escaped(title)));
          }
          menu.append("</ul>\n");
        });
    return menu.toString();
  }

  /** The headings of a page, for its margin. */
  private static String contents(SitePage page) {
    StringBuilder list = new StringBuilder();
    for (Heading heading : page.headings()) {
      if (heading.level() == 2) {
        list.append(
            "<li><a href=\"#%s\">%s</a></li>\n"
                .formatted(heading.anchor(), escaped(heading.text())));
      }
    }
    return list.length() == 0 ? "" : "<h2>On this page</h2>\n<ul>\n" + list + "</ul>\n";
  }

  /** What the search looks through: page, heading, link, text. */
  private static String index(List<SitePage> pages) {
    List<List<String>> entries = new ArrayList<>();
    for (SitePage page : pages) {
      for (Heading heading : page.headings()) {
        String below = heading.below();
        entries.add(
            List.of(
                page.title(),
                heading.text(),
                SiteLinks.ofPage(page.source()).toString().replace('\\', '/')
                    + "#"
                    + heading.anchor(),
                below.substring(0, Math.min(SEARCHED, below.length()))));
      }
    }
    return new Gson().toJson(entries);
  }

  private static void put(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private static String resource(String name) throws IOException {
    return Resources.toString(
        Resources.getResource(SiteGenerator.class, name), StandardCharsets.UTF_8);
  }

  private static String escaped(String text) {
    return HtmlEscapers.htmlEscaper().escape(text);
  }
}
