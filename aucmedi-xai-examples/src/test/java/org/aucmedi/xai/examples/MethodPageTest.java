package org.aucmedi.xai.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.XAIMethodRegistry;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** {@code docs/methods.md} says of every method what the registry does. */
final class MethodPageTest {

  private static final Path DOCS = DocTable.ROOT.resolve("docs");

  private final XAIMethodRegistry registry = new XAIMethodRegistry();

  @TestFactory
  List<DynamicTest> section_anyMethod_hasItsKeysAndOptions() {
    return registry.providers().stream()
        .map(method -> DynamicTest.dynamicTest(method.toString(), () -> check(method)))
        .toList();
  }

  private void check(XAIMethodProvider<?> method) throws IOException {
    String key = registry.keysOf(method).get(0);
    String found = new DocTable("methods.md", "options of " + key).writtenOr(table(method));
    assertThat(found).as("run mvn verify -Dtables.write").isEqualTo(table(method));
    String section =
        sections().stream().filter(s -> s.contains("of " + key + " ")).findFirst().orElseThrow();
    assertThat(section).startsWith(method.description().name() + "\n");
    assertThat(section)
        .containsAnyOf("https://arxiv.org/abs/", "https://doi.org/")
        .contains("```\n", "Cost", "When not to trust it", "![");
    assertThat(section)
        .contains(
            "Keys: "
                + registry.keysOf(method).stream()
                    .map(name -> "`" + name + "`")
                    .collect(Collectors.joining(", "))
                + "\n");
  }

  @Test
  void page_anyMethod_hasASectionAndALineOfTheFirstTable() throws IOException {
    List<String> titles = sections().stream().map(s -> s.split("\n", 2)[0]).toList();
    List<String> names =
        registry.providers().stream().map(method -> method.description().name()).toList();

    assertThat(names).hasSizeGreaterThan(9);
    assertThat(titles).containsAll(names);
    assertThat(page().split("\n## ", 2)[0])
        .contains(names.stream().map(name -> "| [" + name + "](#").toList());
  }

  @Test
  void page_linksToFiles_leadSomewhere() throws IOException {
    Matcher link = Pattern.compile("\\]\\((?!https?:|#)([^)#]+)").matcher(page());
    int links = 0;
    while (link.find()) {
      assertThat(DOCS.resolve(link.group(1))).exists();
      links++;
    }
    assertThat(links).isGreaterThan(15);
  }

  private static String page() throws IOException {
    return Files.readString(DOCS.resolve("methods.md"));
  }

  private static List<String> sections() throws IOException {
    return Arrays.stream(page().split("\n## ", -1)).skip(1).toList();
  }

  private static String table(XAIMethodProvider<?> method) {
    StringBuilder table =
        new StringBuilder(
            "| option | AUCMEDI | PAPER | meaning | values |\n|---|---|---|---|---|\n");
    for (MethodOption<?> option : method.description().options()) {
      List<String> cells =
          List.of(
              "`" + option.name() + "`",
              "`" + MethodOption.textOf(option.defaultOf(Profile.AUCMEDI)) + "`",
              "`" + MethodOption.textOf(option.defaultOf(Profile.PAPER)) + "`",
              option.description(),
              option.allowed());
      table.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }
    return table.toString();
  }
}
