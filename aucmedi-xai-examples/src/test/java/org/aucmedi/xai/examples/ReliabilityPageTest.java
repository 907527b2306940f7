package org.aucmedi.xai.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every test that {@code docs/reliability.md} names exists. */
final class ReliabilityPageTest {

  private static final Path ROOT = Path.of("..");

  /** A class and a method of it, or a method of the class before; dots stand for any ending. */
  private static final Pattern NAMED =
      Pattern.compile("`(?<type>\\w+(?:Test|IT))?(?:#(?<method>\\w+)(?<any>…)?)?`");

  @Test
  void page_everyTestItNames_exists() throws IOException {
    Map<String, String> tests = tests();
    List<String> missing = new ArrayList<>();
    int named = 0;
    String type = "";
    Matcher name = NAMED.matcher(Files.readString(ROOT.resolve("docs/reliability.md")));
    while (name.find()) {
      String method = name.group("method");
      type = name.group("type") == null ? type : name.group("type");
      String source = tests.getOrDefault(type, "");
      String declared = "void " + method + (name.group("any") == null ? "(" : "");
      if (source.isEmpty() || (method != null && !source.contains(declared))) {
        missing.add(type + name.group());
      }
      named++;
    }
    assertThat(named).isGreaterThan(80);
    assertThat(missing).isEmpty();
  }

  /** The source of every test class, by its simple name; classes of one name are joined. */
  private static Map<String, String> tests() throws IOException {
    Map<String, String> sources = new HashMap<>();
    try (Stream<Path> files = Files.walk(ROOT)) {
      files
          .filter(file -> file.toString().matches(".*/src/test/java/.*(Test|IT)\\.java"))
          .forEach(
              file ->
                  sources.merge(
                      file.getFileName().toString().replace(".java", ""),
                      read(file),
                      String::concat));
    }
    return sources;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
