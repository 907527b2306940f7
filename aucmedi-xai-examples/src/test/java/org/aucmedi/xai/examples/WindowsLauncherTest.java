package org.aucmedi.xai.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The launcher for Windows beside the one for other systems: what one does, the other does. */
final class WindowsLauncherTest {

  /** These are of the C library and of POSIX locales, which Windows has not. */
  private static final Set<String> POSIX_ONLY =
      Set.of("MALLOC_ARENA_MAX", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_", "LC_ALL");

  private static String posix;
  private static String windows;

  @BeforeAll
  static void read() throws IOException {
    posix = Files.readString(DocTable.ROOT.resolve("aucmedi-xai"));
    windows = Files.readString(DocTable.ROOT.resolve("aucmedi-xai.cmd"));
  }

  @Test
  void windows_lineEnds_areThoseOfWindows() {
    // cmd misses labels in files with other ones.
    assertThat(windows.replace("\r\n", "")).doesNotContain("\n").doesNotContain("\r");
    assertThat(posix).doesNotContain("\r");
  }

  @Test
  void modules_areTheSameInTheSameOrder() {
    String loop = between(posix, "for module in ", "; do");
    String variable =
        String.join(" ", all(windows, "set \"XAI_MODULES=(?:%XAI_MODULES% )?([^\"]*)\""));

    assertThat(words(variable.replace('\\', '/')))
        .isEqualTo(words(loop.replace("\"$home\"/", "").replace("\\", "")))
        .hasSizeGreaterThan(10);
  }

  @Test
  void sources_thatAreLookedAtForChanges_areTheSame() {
    Set<String> expected =
        new TreeSet<>(all(between(posix, "find ", " -type f"), "\"\\$home\"/(\\S+)"));

    String found = between(windows, "$files = @(Get-Item ", " | Get-ChildItem");
    assertThat(
            new TreeSet<>(
                all(found.replace('\\', '/'), "((?:aucmedi-xai-\\S+/)?(?:pom\\.xml|src/main))")))
        .isEqualTo(expected)
        .hasSize(7);
  }

  @Test
  void environment_isTheSame_butForWhatWindowsHasNot() {
    Set<String> variables = new TreeSet<>(all(posix, "export (\\w+)="));
    variables.removeAll(POSIX_ONLY);

    assertThat(new TreeSet<>(all(windows, "if not defined (\\w+) set \"")))
        .isEqualTo(variables)
        .hasSize(3);
    for (String variable : variables) {
      String value = all(posix, variable + ":-(\\w+)").get(0);
      assertThat(windows).contains("set \"" + variable + "=" + value + "\"");
    }
    assertThat(posix).contains(POSIX_ONLY);
    assertThat(windows).contains("JAVA_HOME", "AUCMEDI_XAI_PLUGINS").doesNotContain("MALLOC");
    assertThat(posix).contains("AUCMEDI_XAI_PLUGINS");
  }

  @Test
  void java_isStartedInTheSameWay() {
    assertThat(java(windows)).isEqualTo(java(posix)).hasSize(3);
    String main = "org.aucmedi.xai.cli.Launcher ";
    assertThat(posix).contains(main + "\"$@\"");
    assertThat(windows).contains(main + "%*\r\nexit /b %ERRORLEVEL%");
  }

  @Test
  void maven_isStartedInTheSameWay() {
    List<String> options =
        words(between(posix, "  mvn ", " |").replace("\\", "").replace("$home/", ""));
    assertThat(words(between(windows, "call mvn ", " |").replace("%XAI_HOME%\\", "")))
        .isEqualTo(options)
        .contains("package");
  }

  @Test
  void messages_areTheSame() {
    for (String message :
        List.of(
            "building, which takes a minute or two the first time",
            "was not found; install JDK 17 or newer, and Maven 3.8.7 or newer for the build",
            "the build failed, see above",
            " to build (if it does not, remove ",
            "it has to be built, but ",
            " cannot be written")) {
      assertThat(posix).contains(message);
      assertThat(windows).contains(message);
    }
    // Every one goes to stderr, where POSIX's does, and is followed by the same code.
    assertThat(windows.lines().filter(line -> line.contains("echo aucmedi-xai: ")))
        .hasSize(5)
        .allMatch(line -> line.contains("1>&2"));
    assertThat(all(windows, "exit /b ([2-9])")).containsOnly("2").hasSize(4);
    assertThat(all(posix, "fail\\(\\) \\{\\n.*\\n  exit (\\d)\\n")).containsExactly("2");
  }

  @Test
  void distribution_hasTheSameFolders() {
    assertThat(posix).contains("/lib/*:", "/lib/third-party/*");
    assertThat(windows).contains("\\lib\"", "%\\*;", "%\\third-party\\*");
  }

  @Test
  void labels_thatAreGoneTo_exist() {
    Set<String> labels = new TreeSet<>(all(windows, "(?m)^:(\\w+)"));
    Set<String> named = new TreeSet<>(all(windows, "(?:goto|call) :?(\\w+)"));
    named.remove("mvn");
    assertThat(labels).isEqualTo(named).hasSizeGreaterThan(6);
  }

  private static List<String> java(String script) {
    return all(script, "(-(?:D(?:ai|java)\\.\\S+=true|XX:\\S+))");
  }

  private static List<String> words(String text) {
    return all(text, "(\\S+)");
  }

  private static List<String> all(String text, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    return matcher.results().map(result -> result.group(1)).toList();
  }

  private static String between(String text, String begin, String end) {
    int from = text.indexOf(begin);
    assertThat(from).as(begin).isNotNegative();
    int to = text.indexOf(end, from);
    assertThat(to).as(end).isNotNegative();
    return text.substring(from + begin.length(), to);
  }
}
