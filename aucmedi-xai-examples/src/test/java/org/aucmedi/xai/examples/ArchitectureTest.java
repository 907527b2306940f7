package org.aucmedi.xai.examples;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.GeneralCodingRules;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.testkit.LinearModel;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rules of the code, checked over every module. */
final class ArchitectureTest {

  private static final JavaClasses EVERYTHING =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("org.aucmedi.xai");

  private static final JavaClasses CLASSES =
      EVERYTHING.that(resideOutsideOfPackages("org.aucmedi.xai.testkit.."));

  /** Without the lessons: programs that print, and a method that its user registers. */
  private static final JavaClasses LIBRARY =
      CLASSES.that(resideOutsideOfPackages("org.aucmedi.xai.examples.lessons.."));

  @Test
  void scan_findsEveryModule() {
    for (String module :
        List.of(
            "model",
            "methods",
            "metrics",
            "engine.support",
            "engine.pytorch",
            "engine.mxnet",
            "engine.tensorflow",
            "engine.onnxruntime",
            "importer",
            "importer.keras",
            "importer.onnx",
            "onnx",
            "imaging",
            "imaging.drawing",
            "imaging.medical",
            "decoder",
            "cli",
            "examples")) {
      assertThat(CLASSES.stream().map(JavaClass::getPackageName))
          .anyMatch(name -> name.startsWith("org.aucmedi.xai." + module));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "pytorch, ai.djl.pytorch..",
    "mxnet, ai.djl.mxnet..",
    "tensorflow, ai.djl.tensorflow..",
    "tensorflow, org.tensorflow..",
    "onnxruntime, ai.djl.onnxruntime..",
    "onnxruntime, ai.onnxruntime.."
  })
  void engineClasses_stayInTheirModules(String engine, String packages) {
    noClasses()
        .that()
        .resideOutsideOfPackage("org.aucmedi.xai.engine." + engine + "..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage(packages)
        .check(CLASSES);
  }

  @Test
  void commandLine_aloneKnowsPicocli() {
    noClasses()
        .that()
        .resideOutsideOfPackages("org.aucmedi.xai.cli..", "org.aucmedi.xai.examples..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("picocli..", "me.tongfei.progressbar..")
        .check(CLASSES);
  }

  @Test
  void packages_haveNoCycles() {
    slices()
        .assignedFrom(
            new SliceAssignment() {
              @Override
              public SliceIdentifier getIdentifierOf(JavaClass type) {
                return SliceIdentifier.of(type.getPackageName());
              }

              @Override
              public String getDescription() {
                return "every package is a slice";
              }
            })
        .should()
        .beFreeOfCycles()
        .check(CLASSES);
  }

  @Test
  void architecturePage_modules_useWhatItSaysAndNothingElse() throws IOException {
    Map<String, String> packages = new LinkedHashMap<>();
    Map<String, Set<String>> uses = new LinkedHashMap<>();
    Pattern row = Pattern.compile("\\| `aucmedi-xai-([a-z-]+)`[^|]*\\|([^|]+)\\|([^|]*)\\|");
    for (String line : Files.readAllLines(DocTable.ROOT.resolve("docs/architecture.md"))) {
      Matcher found = row.matcher(line);
      if (found.matches()) {
        String module = found.group(1);
        Matcher name = Pattern.compile("`([a-z.]+)`").matcher(found.group(2));
        while (name.find()) {
          packages.put("org.aucmedi.xai." + name.group(1), module);
        }
        if (found.group(2).contains("(root)")) {
          packages.put("org.aucmedi.xai", module);
        }
        uses.put(
            module,
            Splitter.on(',')
                .trimResults()
                .omitEmptyStrings()
                .splitToStream(found.group(3))
                .collect(Collectors.toCollection(TreeSet::new)));
      }
    }
    assertThat(uses.keySet())
        .as("modules on the page")
        .containsExactlyInAnyOrderElementsOf(modules());

    Map<String, Set<String>> found = new TreeMap<>();
    uses.keySet().forEach(module -> found.put(module, new TreeSet<>()));
    for (JavaClass type : EVERYTHING) {
      String module = moduleOf(type.getPackageName(), packages);
      for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
        String target = dependency.getTargetClass().getBaseComponentType().getPackageName();
        if (target.startsWith("org.aucmedi.xai")) {
          found.get(module).add(moduleOf(target, packages));
        }
      }
    }
    found.forEach((module, used) -> used.remove(module));
    assertThat(found).containsExactlyInAnyOrderEntriesOf(uses);
  }

  /** The module of the longest package that a package is, or lies in. */
  private static String moduleOf(String name, Map<String, String> packages) {
    for (String outer = name; ; outer = outer.substring(0, outer.lastIndexOf('.'))) {
      String module = packages.get(outer);
      if (module != null) {
        return module;
      }
      assertThat(outer).as("package %s on the page", name).contains(".");
    }
  }

  /** The modules with classes that users get. */
  private static List<String> modules() throws IOException {
    try (Stream<Path> folders = Files.walk(DocTable.ROOT, 2)) {
      return folders
          .filter(folder -> folder.getFileName().toString().startsWith("aucmedi-xai-"))
          .filter(folder -> Files.exists(folder.resolve("pom.xml")))
          .filter(folder -> Files.exists(folder.resolve("src/main/java")))
          .map(folder -> folder.getFileName().toString().replace("aucmedi-xai-", ""))
          .filter(module -> !module.equals("benchmarks"))
          .toList();
    }
  }

  @Test
  void libraries_neverPrintAndLogThroughSlf4j() {
    GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS.check(LIBRARY);
    GeneralCodingRules.NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING.check(CLASSES);
    noClasses().should().dependOnClassesThat().resideInAPackage("ch.qos.logback..").check(CLASSES);
  }

  @Test
  void guava_staysInside() {
    Set<String> leaks =
        CLASSES.stream()
            .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
            .flatMap(type -> type.getMethods().stream())
            .filter(method -> method.getModifiers().contains(JavaModifier.PUBLIC))
            .filter(
                method ->
                    method.getRawReturnType().getPackageName().startsWith("com.google.common")
                        || method.getRawParameterTypes().stream()
                            .anyMatch(
                                type -> type.getPackageName().startsWith("com.google.common")))
            .map(method -> method.getFullName())
            .collect(Collectors.toSet());
    assertThat(leaks).isEmpty();
  }

  @Test
  void packages_areNullMarked() {
    assertThat(
            CLASSES.stream()
                .map(JavaClass::getPackage)
                .distinct()
                .filter(unit -> !unit.isAnnotatedWith(NullMarked.class))
                .map(unit -> unit.getName()))
        .isEmpty();
  }

  @Test
  void exceptions_shareOneRoot() {
    classes()
        .that()
        .areAssignableTo(Exception.class)
        .and()
        .arePublic()
        .should()
        .beAssignableTo(XAIException.class)
        .check(CLASSES);
  }

  @Test
  void methods_everyConcreteOne_isRegistered() {
    Set<String> concrete =
        LIBRARY.stream()
            .filter(type -> type.isAssignableTo(XAIMethodBase.class))
            .filter(type -> !type.getModifiers().contains(JavaModifier.ABSTRACT))
            // It makes no maps.
            .filter(type -> !type.getName().equals("org.aucmedi.xai.decoder.Predictor$Prediction"))
            .map(JavaClass::getName)
            .collect(Collectors.toSet());
    ExplainableModel model =
        new LinearModel(new float[0][], ChannelLayout.CHANNELS_FIRST, "PyTorch");
    Set<String> registered =
        new XAIMethodRegistry()
            .providers().stream()
                .map(XAIMethodProvider::builder)
                .map(builder -> builder.build(model).getClass().getName())
                .collect(Collectors.toSet());
    assertThat(registered).isEqualTo(concrete).isNotEmpty();
  }
}
