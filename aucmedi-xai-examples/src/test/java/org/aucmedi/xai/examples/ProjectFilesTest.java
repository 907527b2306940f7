package org.aucmedi.xai.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The files that forges, registries and container builders read name what exists. */
final class ProjectFilesTest {

  private static final Path ROOT = DocTable.ROOT;

  @Test
  void workflow_runsScriptsThatExist_onEveryPlatformAndJava() throws IOException {
    Map<String, Object> jobs = map(yaml(".github/workflows/verify.yml"), "jobs");
    List<String> scripts = new ArrayList<>();
    for (Object job : jobs.values()) {
      for (Object step : list((Map<?, ?>) job, "steps")) {
        if (((Map<?, ?>) step).get("run") instanceof String script) {
          scripts.add(script);
        }
      }
    }
    assertThat(scripts).contains(".ci/run", "tools/consumer.sh", "tools/reproducible.sh");
    assertThat(scripts).allMatch(script -> Files.isExecutable(ROOT.resolve(script)));

    Map<String, Object> matrix = map(map(map(jobs, "verify"), "strategy"), "matrix");
    assertThat(list(matrix, "java")).isEqualTo(List.of("17", "21", "25"));
    assertThat(
            list(matrix, "machine").stream()
                .map(machine -> ((String) machine).replaceFirst("-.*", "")))
        .containsExactly("ubuntu", "ubuntu", "macos", "windows");
    assertThat(list(matrix, "machine").get(1)).asString().endsWith("-arm");
  }

  @ParameterizedTest
  @ValueSource(strings = {"bug.yml", "method.yml"})
  void issueTemplate_asksWithFieldsThatFormsHave(String name) throws IOException {
    Map<String, Object> form = yaml(".github/ISSUE_TEMPLATE/" + name);

    assertThat(form).containsOnlyKeys("name", "description", "body");
    Set<Object> ids = new TreeSet<>();
    for (Object field : list(form, "body")) {
      Map<?, ?> part = (Map<?, ?>) field;
      assertThat(part.get("type")).isIn("markdown", "input", "textarea");
      if (!part.get("type").equals("markdown")) {
        assertThat(ids.add(part.get("id"))).as("id %s", part.get("id")).isTrue();
        assertThat(((Map<?, ?>) part.get("attributes")).get("label")).isInstanceOf(String.class);
      }
    }
    assertThat(ids).hasSize(3);
  }

  @Test
  void citation_hasTheVersionAndLicenceOfThePom() throws IOException {
    Map<String, Object> citation = yaml("CITATION.cff");

    assertThat(citation).containsKeys("cff-version", "message", "title", "authors");
    assertThat(citation).containsEntry("version", version());
    String pom = Files.readString(ROOT.resolve("pom.xml"));
    assertThat(pom).contains("<name>" + citation.get("license") + "</name>");
  }

  @Test
  void dockerfile_stages_copyWhatExists() throws IOException {
    Set<String> stages = new TreeSet<>();
    Set<String> instructions = new TreeSet<>();
    int copies = 0;
    String text = Files.readString(ROOT.resolve("Dockerfile")).replace("\\\n", " ");
    for (String line :
        text.lines().filter(each -> !each.isBlank() && !each.startsWith("#")).toList()) {
      List<String> words = Splitter.on(' ').omitEmptyStrings().splitToList(line);
      instructions.add(words.get(0));
      if (words.get(0).equals("FROM")) {
        // An image with a version, so that a build next year makes the same.
        assertThat(words.get(1)).matches("[a-z0-9/-]+:[a-z0-9.-]*\\d[a-z0-9.-]*");
        if (words.size() > 2) {
          assertThat(words.get(2)).isEqualTo("AS");
          stages.add(words.get(3));
        }
      } else if (words.get(0).equals("COPY") && words.get(1).startsWith("--from=")) {
        assertThat(stages).contains(words.get(1).substring("--from=".length()));
        // The earlier stage has made it.
        assertThat(text.substring(0, text.indexOf(line)))
            .contains(words.get(2).substring("/opt/".length()));
        copies++;
      } else if (words.get(0).equals("COPY")) {
        for (String source : words.subList(1, words.size() - 1)) {
          assertThat(ROOT.resolve(source)).exists();
          copies++;
        }
      }
    }
    assertThat(copies).isEqualTo(2);
    assertThat(instructions)
        .isSubsetOf("FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "ENTRYPOINT")
        .contains("USER", "ENTRYPOINT");
    // The launcher lies where the distribution's descriptor puts it.
    assertThat(text).contains("/opt/aucmedi-xai/bin/aucmedi-xai\"]");
    assertThat(Files.readString(ROOT.resolve("aucmedi-xai-distribution/src/main/assembly/zip.xml")))
        .contains("<source>../aucmedi-xai</source>\n      <outputDirectory>bin</outputDirectory>");
    assertThat(text).contains("-Pdistribution");
  }

  @Test
  void distribution_filesItPacks_exist() throws IOException {
    Path module = ROOT.resolve("aucmedi-xai-distribution");
    String zip = Files.readString(module.resolve("src/main/assembly/zip.xml"));
    List<String> sources =
        Pattern.compile("<(?:source|directory)>(\\.\\./[^<]+)<")
            .matcher(zip)
            .results()
            .map(found -> found.group(1))
            .filter(source -> !source.contains("/target/"))
            .toList();
    assertThat(sources).hasSize(6).allMatch(source -> Files.exists(module.resolve(source)));
  }

  @Test
  void dependenciesPage_namesTheVersionAndWhatTheBomHas() throws IOException {
    String page = Files.readString(ROOT.resolve("docs/dependencies.md"));
    String bom = Files.readString(ROOT.resolve("aucmedi-xai-bom/pom.xml"));

    assertThat(all(page, "(\\d+\\.\\d+\\.\\d+)")).containsOnly(version()).hasSize(3);
    List<String> artifacts = all(page, "`org\\.aucmedi:([a-z-]+)`");
    assertThat(artifacts).hasSizeGreaterThan(10);
    assertThat(bom).contains(artifacts.stream().map(a -> "<artifactId>" + a + "<").toList());

    Set<String> offered = new TreeSet<>();
    for (String dependency : Splitter.on("<dependency>").split(bom)) {
      for (String classifier : all(dependency, "<classifier>(.*)</classifier>")) {
        offered.add(
            all(dependency, "<groupId>(.*)</groupId>").get(0)
                + ":"
                + all(dependency, "<artifactId>(.*)</artifactId>").get(0)
                + "::"
                + classifier);
      }
    }
    assertThat(new TreeSet<>(all(page, "\\| `([a-z.]+:[a-z-]+::[a-z0-9_-]+)`")))
        .isSubsetOf(offered);
    assertThat(offered).isEqualTo(new TreeSet<>(all(page, "`([a-z.]+:[a-z-]+::[a-z0-9_-]+)`")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"SECURITY.md", "docs/dependencies.md", "docs/releasing.md"})
  void page_filesItLinks_exist(String name) throws IOException {
    Path page = ROOT.resolve(name);
    assertThat(all(Files.readString(page), "\\]\\((?!https)([^)#]+)"))
        .allMatch(link -> Files.exists(page.resolveSibling(link)));
  }

  @Test
  void scripts_ofTheRepository_canBeRun() throws IOException {
    try (Stream<Path> tools = Files.list(ROOT.resolve("tools"))) {
      assertThat(Stream.concat(Stream.of(ROOT.resolve("aucmedi-xai")), tools))
          .filteredOn(file -> file.toString().endsWith(".sh") || !file.toString().contains("tools"))
          .hasSizeGreaterThan(3)
          .allMatch(Files::isExecutable);
    }
  }

  private static String version() throws IOException {
    String pom = Files.readString(ROOT.resolve("pom.xml"));
    return all(pom, "\\n  <version>([^<-]+)(?:-SNAPSHOT)?</version>").get(0);
  }

  private static Map<String, Object> yaml(String file) throws IOException {
    return new Yaml(new SafeConstructor(new LoaderOptions()))
        .load(Files.readString(ROOT.resolve(file)));
  }

  @SuppressWarnings("unchecked") // the keys of these files are text
  private static Map<String, Object> map(Map<?, ?> parent, String key) {
    assertThat(parent.get(key)).as(key).isInstanceOf(Map.class);
    return (Map<String, Object>) parent.get(key);
  }

  private static List<?> list(Map<?, ?> parent, String key) {
    assertThat(parent.get(key)).as(key).isInstanceOf(List.class);
    return (List<?>) parent.get(key);
  }

  private static List<String> all(String text, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    return matcher.results().map(found -> found.group(1)).toList();
  }
}
