package org.aucmedi.xai.examples.lessons;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The page of the lessons and their headers tell what the build has. */
final class LessonsTest {

  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
  private static final Path SOURCES = Path.of("src/main/java/org/aucmedi/xai/examples/lessons");
  private static final Pattern DEPENDENCY =
      Pattern.compile("//DEPS ([\\w.]+):([\\w-]+):([\\w.-]+?)(?::([\\w-]+))?");

  private static List<Path> lessons() throws IOException {
    try (Stream<Path> files = Files.list(SOURCES)) {
      return files.filter(file -> !file.endsWith("package-info.java")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("lessons")
  void header_dependencies_areThoseOfTheBuild(Path lesson) throws IOException {
    String pom = Files.readString(ROOT.resolve("pom.xml"));
    String version = find(pom, "<artifactId>aucmedi-xai</artifactId>\\s*<version>([^<]+)<");
    String text = Files.readString(lesson);
    assertThat(text).startsWith("///usr/bin/env jbang \"$0\" \"$@\" ; exit $?\n//DEPS ");
    assertThat(text).containsPattern("\n//JAVA 17\\+\npackage ");
    List<String> modules =
        text.lines()
            .filter(line -> line.startsWith("//DEPS"))
            .map(
                line -> {
                  Matcher found = DEPENDENCY.matcher(line);
                  assertThat(found.matches()).as(line).isTrue();
                  String expected =
                      switch (found.group(2)) {
                        case "pytorch-jni" ->
                            property(pom, "pytorch.version") + "-" + property(pom, "djl.version");
                        case "pytorch-native-cpu" -> property(pom, "pytorch.version");
                        default -> version;
                      };
                  assertThat(found.group(3)).as(line).isEqualTo(expected);
                  return found.group(2);
                })
            .toList();
    for (String module : modules.stream().filter(name -> name.startsWith("aucmedi")).toList()) {
      assertThat(Stream.of("", "aucmedi-xai-engines", "aucmedi-xai-importers"))
          .as(module)
          .anyMatch(folder -> Files.exists(ROOT.resolve(folder).resolve(module + "/pom.xml")));
    }
    // What the lesson imports comes with one of them; the decoder brings imaging, and all the api.
    Matcher imports = Pattern.compile("import org\\.aucmedi\\.xai\\.(\\w+)\\.").matcher(text);
    while (imports.find()) {
      String name = imports.group(1);
      boolean known =
          List.of("array", "model").contains(name)
              || modules.contains("aucmedi-xai-" + name)
              || (name.equals("imaging") && modules.contains("aucmedi-xai-decoder"));
      assertThat(known).as("%s brings org.aucmedi.xai.%s", modules, name).isTrue();
    }
    // One native library, and the names of the others.
    List<String> natives = List.of("linux-x86_64", "linux-aarch64", "osx-aarch64", "win-x86_64");
    assertThat(text.substring(0, text.indexOf("package"))).contains(natives);
    Matcher classifiers =
        Pattern.compile("<native.classifier>([^<]+)</native.classifier>").matcher(pom);
    assertThat(classifiers.results().map(found -> found.group(1)))
        .containsExactlyInAnyOrderElementsOf(natives);
  }

  @ParameterizedTest
  @MethodSource("lessons")
  void page_everyLesson_hasItsSectionAndPicture(Path lesson) throws IOException {
    String page = Files.readString(ROOT.resolve("docs/examples.md"));
    String name = lesson.getFileName().toString().replace(".java", "");
    Matcher section =
        Pattern.compile(
                "\n## [^\n]+\n+\\[" + name + "\\]\\(([^)]+)\\)(.*?)(?=\n## |$)", Pattern.DOTALL)
            .matcher(page);
    assertThat(section.find()).as(name).isTrue();
    assertThat(ROOT.resolve("docs").resolve(section.group(1))).isRegularFile();
    Path picture =
        ROOT.resolve("docs").resolve(find(section.group(2), "!\\[[^]]+\\]\\((examples/[^)]+)\\)"));
    assertThat(Files.size(picture)).as(picture.toString()).isBetween(500L, 60_000L);
  }

  @Test
  void page_java_isWhatCompiles() throws IOException {
    String page = Files.readString(ROOT.resolve("docs/examples.md"));
    for (String name : List.of("PortAucmediPipeline", "YourOwnMethod")) {
      String text = Files.readString(SOURCES.resolve(name + ".java"));
      String begin = "// begin\n";
      String code = text.substring(text.indexOf(begin) + begin.length(), text.indexOf("// end"));
      assertThat(page).contains("```java\n" + code.stripTrailing().stripIndent() + "\n```");
    }
  }

  @Test
  void files_ofTheLessons_areSmall() throws IOException {
    try (Stream<Path> files = Files.walk(LessonRun.FILES)) {
      long bytes =
          files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
      assertThat(bytes).isBetween(100_000L, 600_000L);
    }
  }

  private static String property(String pom, String name) {
    return find(pom, "<" + name + ">([^<]+)</" + name + ">");
  }

  private static String find(String text, String pattern) {
    Matcher found = Pattern.compile(pattern).matcher(text);
    assertThat(found.find()).as(pattern).isTrue();
    return found.group(1);
  }
}
