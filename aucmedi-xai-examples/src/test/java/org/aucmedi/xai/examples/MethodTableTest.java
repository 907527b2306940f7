package org.aucmedi.xai.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.model.ExplainableModelProvider;
import org.aucmedi.xai.model.ModelKind;
import org.aucmedi.xai.model.Services;
import org.junit.jupiter.api.Test;

/**
 * Keeps the table of methods and kinds of model in {@code docs/engines.md} in step with what is on
 * the classpath; that it is true is what {@link EveryMethod} shows. {@code mvn verify
 * -Dtables.write} writes it anew.
 */
final class MethodTableTest {

  @Test
  void table_ofThePage_isWhatTheModulesSay() throws IOException {
    String table = table();

    assertThat(new DocTable("engines.md", "methods, written by MethodTableTest").writtenOr(table))
        .as("run mvn verify -Dtables.write")
        .isEqualTo(table);
  }

  private static String carries(ModelKind kind, XAIMethodProvider<?> method) {
    if (!kind.offers(method.description().requires())) {
      return "no";
    }
    return method.description().readsAttention() ? "if visible" : "yes";
  }

  private static String table() {
    List<XAIMethodProvider<?>> methods = new XAIMethodRegistry().providers();
    String header =
        methods.stream()
            .map(method -> method.description().name())
            .collect(Collectors.joining(" | "));
    String rows =
        Services.load(ExplainableModelProvider.class).stream()
            .sorted(Comparator.comparing(ExplainableModelProvider::engineName))
            .flatMap(
                engine ->
                    engine.kinds().stream()
                        .map(
                            kind ->
                                methods.stream()
                                    .map(method -> carries(kind, method))
                                    .collect(
                                        Collectors.joining(
                                            " | ",
                                            "| " + engine.engineName() + ", " + kind.name() + " | ",
                                            " |\n"))))
            .collect(Collectors.joining());
    return "| engine, kind of model | "
        + header
        + " |\n|---"
        + "|---".repeat(methods.size())
        + "|\n"
        + rows;
  }
}
