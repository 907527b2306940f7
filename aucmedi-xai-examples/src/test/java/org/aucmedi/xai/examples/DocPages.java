package org.aucmedi.xai.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The pages of the documentation. */
final class DocPages {

  private DocPages() {}

  /** Returns every page in Markdown: those of the root, of docs, and of the modules. */
  static List<Path> all() throws IOException {
    try (Stream<Path> files = Files.walk(DocTable.ROOT)) {
      return files
          .filter(file -> file.toString().endsWith(".md"))
          .filter(file -> !file.toString().matches(".*/(target|\\.git|node_modules)/.*"))
          .sorted()
          .toList();
    }
  }
}
