package org.aucmedi.xai.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ExplainableModelProvider;
import org.aucmedi.xai.model.ModelKind;
import org.aucmedi.xai.model.Services;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Lists the methods on the classpath. */
@Command(
    name = "methods",
    description =
        "Lists the methods: key, aliases, what each needs of a model, its options, and which kinds"
            + " of model can carry it.",
    mixinStandardHelpOptions = true)
final class MethodsCommand implements Runnable {

  private final XAIMethodRegistry registry = new XAIMethodRegistry();

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    print(methods());
    print(options());
    print(kinds());
  }

  private void print(List<List<String>> rows) {
    PrintWriter out = spec.commandLine().getOut();
    TextTable.lines(rows).forEach(out::println);
    out.println();
  }

  private List<List<String>> methods() {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("KEY", "ALIASES", "METHOD", "NEEDS", "LAYER"));
    for (XAIMethodProvider<?> provider : registry.providers()) {
      List<String> keys = registry.keysOf(provider);
      rows.add(
          List.of(
              keys.get(0),
              String.join(", ", keys.subList(1, keys.size())),
              provider.description().name(),
              provider.description().needs().isEmpty()
                  ? Capability.PREDICTION.description()
                  : String.join(", ", provider.description().needs()),
              provider.description().usesLayer() ? "--layer or its own choice" : "ignored"));
    }
    return rows;
  }

  private List<List<String>> options() {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("KEY", "OPTION", "AUCMEDI", "PAPER", "MEANING"));
    for (XAIMethodProvider<?> provider : registry.providers()) {
      for (MethodOption<?> option : provider.description().options()) {
        rows.add(
            List.of(
                registry.keysOf(provider).get(0),
                option.name(),
                MethodOption.textOf(option.defaultOf(Profile.AUCMEDI)),
                MethodOption.textOf(option.defaultOf(Profile.PAPER)),
                option.description() + ": " + option.allowed()));
      }
    }
    return rows;
  }

  /** A row for each kind of model, a column for each method, under its shortest key. */
  private List<List<String>> kinds() {
    List<List<String>> rows = new ArrayList<>();
    List<String> header = new ArrayList<>(List.of("ENGINE", "MODEL"));
    for (XAIMethodProvider<?> method : registry.providers()) {
      header.add(
          registry.keysOf(method).stream()
              .min(Comparator.comparingInt(String::length))
              .orElseThrow());
    }
    rows.add(header);
    for (ExplainableModelProvider engine : Services.load(ExplainableModelProvider.class)) {
      for (ModelKind kind : engine.kinds()) {
        List<String> row = new ArrayList<>(List.of(engine.engineName(), kind.name()));
        for (XAIMethodProvider<?> method : registry.providers()) {
          boolean offers = kind.offers(method.description().requires());
          row.add(offers ? method.description().readsAttention() ? "if visible" : "yes" : "no");
        }
        rows.add(row);
      }
    }
    return rows;
  }
}
