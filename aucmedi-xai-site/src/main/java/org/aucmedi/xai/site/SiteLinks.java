package org.aucmedi.xai.site;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;

/**
 * Where the files of the checkout are in the site. A page keeps its path, with another extension;
 * README is the index of its folder. Any other file that a page links to is copied: pictures as
 * they are, sources as text, since a browser shows that.
 */
final class SiteLinks {

  private final Path root;

  /** The files that pages link to, relative to the root. */
  private final Set<Path> linked = new TreeSet<>();

  SiteLinks(Path root) {
    this.root = root;
  }

  /**
   * Returns where a page is in the site.
   *
   * @param page a page, relative to the root of the checkout
   */
  static Path ofPage(Path page) {
    String name = page.getFileName().toString();
    return page.resolveSibling(
        name.equals("README.md") ? "index.html" : name.replaceAll("\\.md$", ".html"));
  }

  /**
   * Turns a link of a page into one of the site.
   *
   * @param page the page, relative to the root
   * @param target the link as it stands there
   * @throws IOException if there is no such file
   */
  String of(Path page, String target) throws IOException {
    if (target.isEmpty() || target.startsWith("#") || target.matches("[a-z]+:.*")) {
      return target;
    }
    int hash = target.indexOf('#');
    String anchor = hash < 0 ? "" : target.substring(hash);
    String path = hash < 0 ? target : target.substring(0, hash);
    Path file = root.resolve(page).resolveSibling(path).normalize();
    if (!file.startsWith(root) || !Files.exists(file)) {
      throw new IOException(page + ": the link " + target + " leads nowhere");
    }
    Path own = root.relativize(file);
    Path there =
        Files.isDirectory(file)
            ? own.resolve("index.html")
            : own.toString().endsWith(".md") ? ofPage(own) : copied(own);
    Path here = ofPage(page);
    Path folder = here.getParent();
    String relative =
        (folder == null ? there : folder.relativize(there)).toString().replace('\\', '/');
    return relative + anchor;
  }

  private Path copied(Path file) {
    linked.add(file);
    return ofCopy(file);
  }

  /** Returns the files to copy, relative to the root. */
  Set<Path> linked() {
    return linked;
  }

  /** Returns where a file that is no page is in the site. */
  static Path ofCopy(Path file) {
    String name = file.getFileName().toString();
    return name.matches(".*\\.(png|gif|jpg|svg|html)") ? file : file.resolveSibling(name + ".txt");
  }
}
