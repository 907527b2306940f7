package org.aucmedi.xai.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.module.Configuration;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/** What would be published: jars and flattened POMs, as the build has left them in target/. */
final class PublishedArtefactsIT {

  private static final String BOM = "aucmedi-xai-bom";

  /** A module's folder and its POM as written. */
  private record Module(Path folder, Document pom) {

    String name() {
      return folder.getFileName().toString();
    }

    boolean isJar() {
      return child(pom.getDocumentElement(), "packaging").equals("");
    }

    Path jar() {
      String version = child(children(pom.getDocumentElement(), "parent").get(0), "version");
      return folder.resolve("target/" + name() + "-" + version + ".jar");
    }

    Document published() throws Exception {
      return parse(folder.resolve("target/.flattened-pom.xml"));
    }
  }

  @Test
  void jars_automaticModules_haveDistinctNamesAndNoPackageInCommon() throws Exception {
    List<Module> modules = published().stream().filter(Module::isJar).toList();
    for (Module module : modules) {
      try (JarFile jar = new JarFile(module.jar().toFile())) {
        assertThat(jar.getManifest().getMainAttributes().getValue("Automatic-Module-Name"))
            .as(module.name())
            .isEqualTo(module.name().replace("aucmedi-xai-", "org.aucmedi.xai.").replace('-', '.'));
      }
    }
    ModuleFinder finder = ModuleFinder.of(modules.stream().map(Module::jar).toArray(Path[]::new));
    Set<String> names =
        finder.findAll().stream()
            .map(ModuleReference::descriptor)
            .map(ModuleDescriptor::name)
            .collect(Collectors.toSet());
    assertThat(names).hasSameSizeAs(modules).hasSizeGreaterThan(15);

    // Fails if two modules have a package in common, as Java does at the start.
    Configuration configuration =
        Configuration.resolve(
            finder, List.of(ModuleLayer.boot().configuration()), ModuleFinder.of(), names);
    assertThat(configuration.modules()).hasSameSizeAs(modules);
    assertThat(
            finder.findAll().stream()
                .flatMap(module -> module.descriptor().packages().stream())
                .toList())
        .doesNotHaveDuplicates();
  }

  @Test
  void cli_manifest_namesTheMainClass() throws Exception {
    Module cli =
        published().stream()
            .filter(module -> module.name().endsWith("-cli"))
            .findAny()
            .orElseThrow();

    try (JarFile jar = new JarFile(cli.jar().toFile())) {
      String main = jar.getManifest().getMainAttributes().getValue("Main-Class");
      assertThat(jar.getEntry(main.replace('.', '/') + ".class")).as(main).isNotNull();
    }
  }

  @Test
  void poms_sayWhatRepositoriesAskFor_andNothingOfTheBuild() throws Exception {
    for (Module module : published()) {
      Element pom = module.published().getDocumentElement();
      for (String required :
          List.of("name", "description", "url", "licenses", "developers", "scm", "version")) {
        assertThat(children(pom, required)).as(module.name() + ": " + required).hasSize(1);
      }
      assertThat(child(pom, "name")).as(module.name()).startsWith("AUCMEDI-XAI ");
      assertThat(child(pom, "description")).as(module.name()).endsWith(".");
      for (String ofTheBuild :
          List.of("parent", "profiles", "build", "properties", "repositories", "modules")) {
        assertThat(children(pom, ofTheBuild)).as(module.name() + ": " + ofTheBuild).isEmpty();
      }
      // A BOM may name its own version.
      assertThat(pom.getTextContent().replace("${project.version}", ""))
          .as(module.name())
          .doesNotContain("${");
    }
  }

  @Test
  void poms_bringNoNativeLibraryAndNoTestDependency() throws Exception {
    Set<String> published = published().stream().map(Module::name).collect(Collectors.toSet());
    int seen = 0;
    for (Module module : published()) {
      for (Element dependency : dependencies(module.published().getDocumentElement())) {
        String artifact = child(dependency, "artifactId");
        String where = module.name() + ": " + artifact;
        assertThat(artifact).as(where).doesNotContain("native").doesNotEndWith("-jni");
        assertThat(children(dependency, "classifier")).as(where).isEmpty();
        assertThat(child(dependency, "scope")).as(where).isIn("compile", "runtime");
        if (child(dependency, "groupId").equals("org.aucmedi")) {
          assertThat(published).as(module.name()).contains(artifact);
        }
        seen++;
      }
    }
    assertThat(seen).isGreaterThan(80);
  }

  @Test
  void bom_listsExactlyWhatIsPublished() throws Exception {
    Module bom =
        published().stream().filter(module -> module.name().equals(BOM)).findAny().orElseThrow();
    Element management =
        children(bom.published().getDocumentElement(), "dependencyManagement").get(0);
    Set<String> listed = new TreeSet<>();
    for (Element dependency : dependencies(management)) {
      if (child(dependency, "groupId").equals("org.aucmedi")) {
        listed.add(child(dependency, "artifactId"));
      }
    }
    assertThat(listed)
        .isEqualTo(
            published().stream()
                .map(Module::name)
                .filter(name -> !name.equals(BOM))
                .collect(Collectors.toCollection(TreeSet::new)));
  }

  @Test
  void bom_versionsOfNativeLibraries_areThoseOfTheBuild() throws Exception {
    Element properties =
        children(parse(DocTable.ROOT.resolve("pom.xml")).getDocumentElement(), "properties").get(0);
    String pytorch = child(properties, "pytorch.version");
    Map<String, String> versions =
        Map.of(
            "pytorch-jni",
            pytorch + "-" + child(properties, "djl.version"),
            "pytorch-native-cpu",
            pytorch,
            "tensorflow-core-native",
            child(properties, "tensorflow-native.version"),
            "mxnet-native-mkl",
            child(properties, "mxnet.version"));
    Element management =
        children(
                parse(DocTable.ROOT.resolve(BOM + "/pom.xml")).getDocumentElement(),
                "dependencyManagement")
            .get(0);
    List<Element> natives =
        dependencies(management).stream()
            .filter(dependency -> !child(dependency, "groupId").equals("org.aucmedi"))
            .toList();
    assertThat(natives).hasSizeGreaterThan(8);
    for (Element dependency : natives) {
      String artifact = child(dependency, "artifactId");
      assertThat(child(dependency, "version")).as(artifact).isEqualTo(versions.get(artifact));
    }
  }

  /** Every module but those with other modules in them and those that say they are not deployed. */
  private static List<Module> published() throws Exception {
    List<Path> folders;
    try (Stream<Path> tree = Files.walk(DocTable.ROOT, 2)) {
      folders =
          tree.filter(folder -> folder.getFileName().toString().startsWith("aucmedi-xai-"))
              .filter(folder -> Files.exists(folder.resolve("pom.xml")))
              .sorted()
              .toList();
    }
    List<Module> modules = new ArrayList<>();
    for (Path folder : folders) {
      Document pom = parse(folder.resolve("pom.xml"));
      boolean skipped =
          children(pom.getDocumentElement(), "properties").stream()
              .anyMatch(properties -> child(properties, "maven.deploy.skip").equals("true"));
      if (!skipped && children(pom.getDocumentElement(), "modules").isEmpty()) {
        modules.add(new Module(folder, pom));
      }
    }
    return modules;
  }

  private static Document parse(Path file) throws Exception {
    assertThat(file).exists();
    return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file.toFile());
  }

  private static List<Element> dependencies(Element parent) {
    return children(parent, "dependencies").stream()
        .flatMap(dependencies -> children(dependencies, "dependency").stream())
        .toList();
  }

  private static List<Element> children(Element parent, String name) {
    NodeList nodes = parent.getChildNodes();
    return IntStream.range(0, nodes.getLength())
        .mapToObj(nodes::item)
        .filter(node -> node.getNodeType() == Node.ELEMENT_NODE && node.getNodeName().equals(name))
        .map(Element.class::cast)
        .toList();
  }

  /** The text of a child, or nothing if there is none. */
  private static String child(Element parent, String name) {
    return children(parent, name).stream()
        .map(element -> element.getTextContent().strip())
        .findFirst()
        .orElse("");
  }
}
