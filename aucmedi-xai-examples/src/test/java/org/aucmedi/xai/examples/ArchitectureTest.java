package org.aucmedi.xai.examples;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.GeneralCodingRules;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
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

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("aucmedi-xai-testkit"))
          .importPackages("org.aucmedi.xai");

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
            "imaging",
            "decoder",
            "cli",
            "examples")) {
      assertThat(CLASSES.stream().map(JavaClass::getPackageName))
          .anyMatch(name -> name.startsWith("org.aucmedi.xai." + module));
    }
  }

  @Test
  void modules_dependInOneDirection() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("api")
        .definedBy(
            "org.aucmedi.xai",
            "org.aucmedi.xai.array..",
            "org.aucmedi.xai.model..",
            "org.aucmedi.xai.spi..")
        .layer("engine support")
        .definedBy("org.aucmedi.xai.engine.support..")
        .layer("engines")
        .definedBy(
            "org.aucmedi.xai.engine.pytorch..",
            "org.aucmedi.xai.engine.mxnet..",
            "org.aucmedi.xai.engine.tensorflow..",
            "org.aucmedi.xai.engine.onnxruntime..")
        .layer("methods")
        .definedBy("org.aucmedi.xai.methods..")
        .layer("metrics")
        .definedBy("org.aucmedi.xai.metrics..")
        .layer("imaging")
        .definedBy("org.aucmedi.xai.imaging..")
        .layer("decoder")
        .definedBy("org.aucmedi.xai.decoder..")
        .layer("cli")
        .definedBy("org.aucmedi.xai.cli..")
        .layer("examples")
        .definedBy("org.aucmedi.xai.examples..")
        .whereLayer("engine support")
        .mayOnlyBeAccessedByLayers("engines")
        .whereLayer("engines")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("methods")
        .mayOnlyBeAccessedByLayers("decoder", "cli", "examples")
        .whereLayer("metrics")
        .mayOnlyBeAccessedByLayers("examples")
        .whereLayer("imaging")
        .mayOnlyBeAccessedByLayers("decoder", "cli", "examples")
        .whereLayer("decoder")
        .mayOnlyBeAccessedByLayers("cli", "examples")
        .whereLayer("cli")
        .mayOnlyBeAccessedByLayers("examples")
        .whereLayer("examples")
        .mayNotBeAccessedByAnyLayer()
        .check(CLASSES);
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

  /** Every package is a slice, the api's aside. */
  @Test
  void packages_haveNoCycles() {
    JavaClasses modules =
        CLASSES.that(
            resideOutsideOfPackages(
                "org.aucmedi.xai",
                "org.aucmedi.xai.array..",
                "org.aucmedi.xai.model..",
                "org.aucmedi.xai.spi.."));
    slices().matching("org.aucmedi.xai.(**)").should().beFreeOfCycles().check(modules);
  }

  @Test
  void libraries_neverPrintAndLogThroughSlf4j() {
    GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS.check(CLASSES);
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
        CLASSES.stream()
            .filter(type -> type.isAssignableTo(XAIMethodBase.class))
            .filter(type -> !type.getModifiers().contains(JavaModifier.ABSTRACT))
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
