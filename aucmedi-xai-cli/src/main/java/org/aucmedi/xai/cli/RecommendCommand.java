package org.aucmedi.xai.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.aucmedi.xai.MethodCost;
import org.aucmedi.xai.MethodDescription;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.decoder.DataGenerator;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.metrics.BootstrapInterval;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Picks a method for a model and its images. */
@Command(
    name = "recommend",
    description =
        "Picks a method for a model and its images, and says why: of the methods that are more"
            + " faithful than random maps (ROAD), those that no other beats by more than chance"
            + " (ROAD, insertion minus deletion, and rank accuracy with --masks or --boxes), and of"
            + " these the one with the fewest passes. Where differences may be chance, it says"
            + " which methods tie.",
    footer = {
      "",
      "Exit code: 0 if a method is recommended, 1 if none can be or some images failed, 2 for a"
          + " usage or model error."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class RecommendCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Option(
      names = "--method",
      split = ",",
      paramLabel = "KEY",
      description =
          "the methods to choose from, see 'methods'; by default all that the model can carry with"
              + " up to --max-passes passes for a map")
  private List<String> methods = List.of();

  @Option(
      names = "--max-passes",
      defaultValue = "100",
      paramLabel = "N",
      description =
          "forward and backward passes that a map may take, unless --method says which methods"
              + " (default: ${DEFAULT-VALUE})")
  private long maxPasses;

  @Mixin private EvaluationOptions evaluation;

  @Override
  public Integer call() {
    if (maxPasses < 1) {
      throw new ParameterException(
          spec.commandLine(), "--max-passes must be at least 1, got " + maxPasses);
    }
    XAIMethodRegistry registry = new XAIMethodRegistry();
    evaluation.check(registry, methods);
    ImageFiles found = evaluation.find(Path.of("evaluation.csv"));
    List<EvaluationMetric> metrics = new ArrayList<>();
    metrics.add(EvaluationMetric.ROAD);
    metrics.add(EvaluationMetric.INSERTION_MINUS_DELETION);
    if (evaluation.knowsRegions()) {
      metrics.add(EvaluationMetric.RANK_ACCURACY);
    }
    Optional<String> fixedWeights = evaluation.fixedWeights();
    if (fixedWeights.isEmpty()) {
      metrics.add(EvaluationMetric.RANDOMISATION);
    }
    PrintWriter out = spec.commandLine().getOut();
    try (LoadedModel loaded = evaluation.open()) {
      Map<String, MethodCost.Passes> costs = costs(loaded, found, registry);
      EvaluationOptions.Measured done =
          evaluation.measure(
              loaded,
              found,
              registry,
              List.copyOf(costs.keySet()),
              metrics,
              spec.commandLine().getErr());
      List<String> chosen = done.methods();
      costs.keySet().retainAll(chosen);
      Recommendation result =
          Recommendation.of(
              done.results().comparisons(chosen), costs, alike(done.results(), chosen));
      TextTable.lines(table(done.results(), costs)).forEach(out::println);
      out.println();
      result.reasons().forEach(reason -> out.println("- " + reason));
      fixedWeights.ifPresent(
          reason ->
              out.println(
                  "- whether maps change when the network forgets is not known: "
                      + Printable.of(reason)));
      out.printf(
          Locale.ROOT,
          "%s, by %d of %d images%n",
          result.method() == null ? "no recommendation" : "recommended: " + result.method(),
          done.results().images(),
          done.samples());
      out.flush();
      return result.method() != null && done.failed() == 0 ? 0 : AucmediXai.SOME_FAILED;
    }
  }

  private static Map<String, Double> alike(EvaluationResults results, List<String> methods) {
    Map<String, Double> alike = new LinkedHashMap<>();
    if (results.metrics().contains(EvaluationMetric.RANDOMISATION)) {
      for (String method : methods) {
        BootstrapInterval mean = results.interval(method, EvaluationMetric.RANDOMISATION, null);
        if (mean != null) {
          alike.put(method, mean.mean());
        }
      }
    }
    return alike;
  }

  /** The passes of each method for a map of the first image that can be loaded. */
  private Map<String, MethodCost.Passes> costs(
      LoadedModel loaded, ImageFiles found, XAIMethodRegistry registry) {
    DataGenerator generator = evaluation.generator(loaded, found);
    int[] sizes = sizes(generator);
    Map<String, MethodCost.Passes> costs = new LinkedHashMap<>();
    if (!methods.isEmpty()) {
      for (String method : methods) {
        costs.put(method, passes(registry.get(method).description(), sizes));
      }
      return costs;
    }
    for (XAIMethodProvider<?> provider : registry.providers()) {
      MethodDescription description = provider.description();
      String key = description.keys().get(0);
      Optional<String> refusal = evaluation.refusal(loaded, generator, registry, key);
      if (refusal.isEmpty()) {
        MethodCost.Passes passes = passes(description, sizes);
        if (passes.forward() + passes.backward() <= maxPasses) {
          costs.put(key, passes);
        }
      }
    }
    if (costs.isEmpty()) {
      throw new XAIException(
          "the model can carry no method with up to "
              + maxPasses
              + " passes for a map; raise --max-passes, or name methods with --method");
    }
    return costs;
  }

  private MethodCost.Passes passes(MethodDescription description, int[] sizes) {
    return description.passes(evaluation.of(description), sizes, 1);
  }

  private static int[] sizes(DataGenerator generator) {
    RuntimeException first = null;
    for (int i = 0; i < generator.samples().size(); i++) {
      try {
        return generator.load(i).input().spatialShape();
      } catch (XAIException | IllegalArgumentException e) {
        first = first == null ? e : first;
      }
    }
    throw new XAIException(
        "none of the images can be read: " + (first == null ? "there is none" : first.getMessage()),
        first);
  }

  private static List<List<String>> table(
      EvaluationResults results, Map<String, MethodCost.Passes> costs) {
    List<List<String>> table = results.tables(List.copyOf(costs.keySet())).get(0);
    List<List<String>> wider = new ArrayList<>();
    for (List<String> row : table) {
      MethodCost.Passes passes = costs.get(row.get(0));
      List<String> line = new ArrayList<>(row);
      line.add(
          wider.isEmpty()
              ? "PASSES A MAP"
              : passes == null
                  ? "-"
                  : passes.forward() + " forward, " + passes.backward() + " backward");
      wider.add(line);
    }
    return wider;
  }
}
