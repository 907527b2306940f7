package org.aucmedi.xai.cli;

import com.google.common.base.Joiner;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.imaging.AtomicFiles;
import org.aucmedi.xai.imaging.FileErrors;
import org.aucmedi.xai.metrics.RegionSize;
import org.aucmedi.xai.report.EvaluationPage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Measures how far the maps of methods can be trusted. */
@Command(
    name = "evaluate",
    description =
        "Measures the maps of methods, beside random maps and a blob in the middle: whether they"
            + " lie on the object, whether the score follows the pixels that they call important,"
            + " and whether methods differ by more than chance.",
    footer = {
      "",
      "Exit code: 0 if all is done, 1 if some images failed (the others are measured), 2 for a"
          + " usage or model error."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class EvaluateCommand implements Callable<Integer> {

  private static final String ALL = "all";

  @Spec private CommandSpec spec;

  @Option(
      names = "--method",
      required = true,
      split = ",",
      paramLabel = "KEY",
      description = "the methods to measure, see 'methods'")
  private List<String> methods;

  @Mixin private EvaluationOptions evaluation;

  @Option(
      names = "--metric",
      split = ",",
      paramLabel =
          "all|pointing-game|mass-accuracy|rank-accuracy|average-precision|iou-otsu|iou-area"
              + "|deletion|insertion|road|average-drop|increase|average-gain|insertion-minus-deletion"
              + "|road-morf|road-lerf"
              + "|infidelity|faithfulness-correlation|sensitivity-n|completeness-delta"
              + "|max-sensitivity|random-logit|repeatability|reproducibility|randomisation"
              + "|sparseness|complexity",
      description =
          "what is measured; by default what is cheap: where the object is, if --masks or --boxes"
              + " say so, deletion to average-gain, sparseness and complexity; their meaning and"
              + " cost are in docs/metrics.md")
  private List<String> metrics = List.of();

  @Option(
      names = "--output",
      defaultValue = "evaluation.csv",
      paramLabel = "FILE",
      description =
          "the file to write, a line for each image, method and metric; the tests between methods"
              + " go beside it, to evaluation-tests.csv (default: ${DEFAULT-VALUE})")
  private Path output;

  @Option(
      names = "--report",
      description =
          "also make a page to look at, evaluation.html beside --output: means with intervals,"
              + " curves and tests, in one file without network")
  private boolean page;

  @Option(names = "--overwrite", description = "replace the files if they are there")
  private boolean overwrite;

  @Override
  public Integer call() {
    Path tests = beside("-tests.csv");
    NewFile.check(spec, output, overwrite);
    NewFile.check(spec, tests, overwrite);
    Path html = beside(".html");
    if (page) {
      NewFile.check(spec, html, overwrite);
    }
    XAIMethodRegistry registry = new XAIMethodRegistry();
    methods = methods.stream().distinct().toList();
    evaluation.check(registry, methods);
    List<EvaluationMetric> measured = measured();
    ImageFiles found = evaluation.find(output);
    EvaluationOptions.Measured done;
    try (LoadedModel loaded = evaluation.open()) {
      done =
          evaluation.measure(
              loaded, found, registry, methods, measured, spec.commandLine().getErr());
    }
    List<EvaluationResults.Comparison> comparisons = done.results().comparisons(done.methods());
    write(output, done.results().csv(done.methods()));
    write(tests, EvaluationResults.testsCsv(comparisons));
    if (page) {
      EvaluationPage.write(
          html,
          new EvaluationReport(done, done.methods())
              .contents(evaluation.modelName(), comparisons, evaluation.settings()));
    }
    tell(done, comparisons, tests);
    if (page) {
      spec.commandLine().getOut().println("the page to look at is " + Printable.of(html));
    }
    boolean all = done.failed() == 0 && done.methods().size() == methods.size();
    return all ? 0 : AucmediXai.SOME_FAILED;
  }

  /** A file beside the output, with its name and another end. */
  private Path beside(String end) {
    String name = String.valueOf(output.getFileName()).replaceFirst("(?i)\\.csv$", "");
    return output.resolveSibling(name + end);
  }

  private List<EvaluationMetric> measured() {
    boolean known = evaluation.knowsRegions();
    boolean all = metrics.stream().anyMatch(ALL::equalsIgnoreCase);
    if (metrics.isEmpty() || all) {
      return Arrays.stream(EvaluationMetric.values())
          .filter(metric -> all || metric.isDefault())
          .filter(metric -> known || !metric.needsRegion())
          .filter(
              metric -> metric != EvaluationMetric.REPRODUCIBILITY || evaluation.hasSecondModel())
          .filter(metric -> metric != EvaluationMetric.RANDOMISATION || hasWeights())
          .toList();
    }
    List<EvaluationMetric> chosen = metrics.stream().map(this::metric).distinct().toList();
    for (EvaluationMetric metric : chosen) {
      if (metric.needsRegion() && !known) {
        throw refusal("--metric " + metric + " asks where the object is; give --masks or --boxes");
      }
    }
    if (chosen.contains(EvaluationMetric.REPRODUCIBILITY) && !evaluation.hasSecondModel()) {
      throw refusal(
          "--metric reproducibility compares two models; give the other as --second-model");
    }
    return chosen;
  }

  private boolean hasWeights() {
    Optional<String> refusal = evaluation.fixedWeights();
    refusal.ifPresent(
        reason ->
            spec.commandLine()
                .getErr()
                .println("warning: " + Printable.of(reason) + "; randomisation is left out"));
    return refusal.isEmpty();
  }

  private EvaluationMetric metric(String name) {
    try {
      return EvaluationMetric.of(name);
    } catch (IllegalArgumentException e) {
      throw refusal("Invalid value for option '--metric': " + e.getMessage());
    }
  }

  private ParameterException refusal(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private static void write(Path file, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    try {
      AtomicFiles.write(file, out -> out.write(bytes));
    } catch (IOException e) {
      throw new XAIException("cannot write " + file + ": " + FileErrors.reason(e), e);
    }
  }

  private void tell(
      EvaluationOptions.Measured done, List<EvaluationResults.Comparison> comparisons, Path tests) {
    PrintWriter out = spec.commandLine().getOut();
    EvaluationResults results = done.results();
    print(out, results.tables(done.methods()));
    Map<RegionSize, Long> sizes = results.sizes();
    if (sizes.size() > 1) {
      sizes.forEach(
          (size, images) -> {
            out.printf(
                Locale.ROOT, "objects of size %s, %d images:%n", MethodOption.textOf(size), images);
            print(out, results.tables(done.methods(), size));
          });
    }
    if (!comparisons.isEmpty()) {
      TextTable.lines(EvaluationResults.summary(comparisons)).forEach(out::println);
      out.printf(
          "by Wilcoxon's signed-rank test at 5 %%, corrected for all pairs (Holm); p values and"
              + " ranks are in %s%n%n",
          Printable.of(tests));
    }
    out.printf(
        Locale.ROOT,
        "%d of %d images measured, means with 95 %% intervals; every value is in %s%n",
        results.images(),
        done.samples(),
        Printable.of(output));
    List<String> unknown = done.withoutRegion();
    if (!unknown.isEmpty()) {
      out.printf(
          Locale.ROOT,
          "nothing says where the object is in %d of them, for instance %s%n",
          unknown.size(),
          Printable.of(Joiner.on(", ").join(unknown.subList(0, Math.min(3, unknown.size())))));
    }
    List<EvaluationMetric> empty = results.withoutValue();
    if (empty.stream().anyMatch(EvaluationMetric::needsProbabilities)) {
      out.println(
          "average-drop and average-gain need probabilities, which the model's outputs are not");
    }
    out.flush();
  }

  private static void print(PrintWriter out, List<List<List<String>>> tables) {
    for (List<List<String>> table : tables) {
      TextTable.lines(table).forEach(out::println);
      out.println();
    }
  }
}
