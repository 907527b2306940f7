package org.aucmedi.xai.cli;

import com.google.common.base.Joiner;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.decoder.DataGenerator;
import org.aucmedi.xai.decoder.XAIDecoder;
import org.aucmedi.xai.decoder.automl.AucmediFolder;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.imaging.AtomicFiles;
import org.aucmedi.xai.imaging.FileErrors;
import org.aucmedi.xai.methods.Baseline;
import org.jspecify.annotations.Nullable;
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
            + " lie on the object, and whether the score follows the pixels that they call"
            + " important.",
    footer = {
      "",
      "Exit code: 0 if all is done, 1 if some images failed (the others are measured), 2 for a"
          + " usage or model error."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class EvaluateCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Mixin private ModelOptions model;

  @Mixin private ImageOptions images;

  @Option(
      names = "--method",
      required = true,
      split = ",",
      paramLabel = "KEY",
      description = "the methods to measure, see 'methods'")
  private List<String> methods;

  @Option(
      names = "--class",
      defaultValue = "argmax",
      paramLabel = "argmax|all|I[,I]|topK|aboveT|IvsJ",
      description = "what to explain, see 'explain' (default: the predicted class)")
  private String target;

  @Option(
      names = "--layer",
      paramLabel = "NAME",
      description = "the layer to look at, see 'layers'; by default the method's choice")
  private @Nullable String layer;

  @Option(
      names = "--profile",
      defaultValue = "aucmedi",
      paramLabel = "aucmedi|paper",
      description = "whose defaults the methods have: AUCMEDI's (default) or their papers'")
  private Profile profile;

  @Option(
      names = "--option",
      paramLabel = "NAME=VALUE",
      description = "a parameter that all the methods have, see 'methods'; repeat it for more")
  private Map<String, String> options = new LinkedHashMap<>();

  @Option(
      names = "--masks",
      paramLabel = "DIR",
      description =
          "where the object is: for each image a file of its name and size, not zero on the object")
  private @Nullable Path masks;

  @Option(
      names = "--boxes",
      paramLabel = "FILE.json",
      description =
          "where the object is: a list of {\"file\": NAME, \"boxes_xyxy\": [[x0, y0, x1, y1]]}, in"
              + " pixels from the upper left corner")
  private @Nullable Path boxes;

  @Option(
      names = "--metric",
      split = ",",
      paramLabel =
          "pointing-game|mass-accuracy|rank-accuracy|average-precision|iou-otsu|iou-area|deletion"
              + "|insertion|sparseness|complexity",
      converter = MetricConverter.class,
      description =
          "what is measured; by default all, without --masks and --boxes the last four; their"
              + " meaning is in docs/metrics.md")
  private List<EvaluationMetric> metrics = List.of();

  @Option(
      names = "--steps",
      defaultValue = "20",
      paramLabel = "N",
      description =
          "steps of deletion and insertion, each a forward pass (default: ${DEFAULT-VALUE})")
  private int steps;

  @Option(
      names = "--fill",
      defaultValue = "blur",
      paramLabel = "NUMBER|mean|blur|FILE.npy",
      converter = FillConverter.class,
      description =
          "what deletion and insertion hide pixels with: a number in the units of the standardised"
              + " image, its mean, a blurred copy, or an array (default: ${DEFAULT-VALUE})")
  private Baseline fill;

  @Option(
      names = "--output",
      defaultValue = "evaluation.csv",
      paramLabel = "FILE",
      description =
          "the file to write, a line for each image, method and metric (default: ${DEFAULT-VALUE})")
  private Path output;

  @Option(names = "--overwrite", description = "replace the file if it is there")
  private boolean overwrite;

  @Override
  public Integer call() {
    NewFile.check(spec, output, overwrite);
    if (steps < 1) {
      throw refusal("--steps must be at least 1, got " + steps);
    }
    XAIMethodRegistry registry = new XAIMethodRegistry();
    for (String method : methods) {
      MethodOptions.parse(profile, registry.get(method).description().options(), options);
    }
    ObjectRegions regions = regions();
    List<EvaluationMetric> measured = measured();
    AucmediFolder folder = model.folder();
    Target explained = Target.parse(target, folder == null ? List.of() : folder.classNames());
    ImageFiles found = images.find(output);
    int samples = found.files().size();
    PrintWriter err = spec.commandLine().getErr();
    RunProgress progress = RunProgress.ofConsole(err, false);
    RunReport report =
        new RunReport(err, progress, explained.toString(), AucmediXai.debug(spec), false);
    Evaluation evaluation;
    try (LoadedModel loaded = model.open(model.activation());
        progress) {
      DataGenerator generator = images.generator(found, loaded);
      evaluation = new Evaluation(loaded.model(), generator, measured, regions, fill, steps);
      // What a model cannot carry is told before another method has worked for hours.
      List<XAIDecoder> decoders =
          methods.stream()
              .map(
                  method ->
                      decoder(loaded, generator, registry, method, explained, evaluation, report))
              .toList();
      for (int n = 0; n < decoders.size(); n++) {
        progress.start(methods.get(n), samples);
        decoders.get(n).decode();
      }
    } finally {
      report.end();
    }
    if (evaluation.images() == 0) {
      throw new XAIException(
          "none of "
              + samples
              + " images can be measured, see above; nothing is written"
              + images.hint(found));
    }
    write(evaluation);
    tell(evaluation, samples);
    return report.failed() == 0 ? 0 : AucmediXai.SOME_FAILED;
  }

  private XAIDecoder decoder(
      LoadedModel loaded,
      DataGenerator generator,
      XAIMethodRegistry registry,
      String method,
      Target explained,
      Evaluation evaluation,
      RunReport report) {
    return XAIDecoder.builder()
        .setModel(loaded.model())
        .setGenerator(generator)
        .optRegistry(registry)
        .optMethod(method)
        .optLayerName(layer)
        .optProfile(profile)
        .optOptions(options)
        .optTarget(explained)
        .optRaw(true)
        .optResizeMaps(false)
        .optSink(evaluation.of(method))
        .optListener(report.of(method))
        .build();
  }

  private ObjectRegions regions() {
    if (masks != null && boxes != null) {
      throw refusal("--masks and --boxes both say where the object is; give one of them");
    }
    if (masks != null) {
      if (!Files.isDirectory(masks)) {
        throw refusal("--masks " + masks + " is no folder; give one with a mask for each image");
      }
      return ObjectRegions.ofMasks(masks);
    }
    return boxes == null ? ObjectRegions.NONE : ObjectRegions.ofBoxes(boxes);
  }

  private List<EvaluationMetric> measured() {
    boolean known = masks != null || boxes != null;
    if (metrics.isEmpty()) {
      return Arrays.stream(EvaluationMetric.values())
          .filter(metric -> known || !metric.needsRegion())
          .toList();
    }
    for (EvaluationMetric metric : metrics) {
      if (metric.needsRegion() && !known) {
        throw refusal("--metric " + metric + " asks where the object is; give --masks or --boxes");
      }
    }
    return metrics.stream().distinct().toList();
  }

  private ParameterException refusal(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private void write(Evaluation evaluation) {
    byte[] csv = evaluation.csv(methods).getBytes(StandardCharsets.UTF_8);
    try {
      AtomicFiles.write(output, file -> file.write(csv));
    } catch (IOException e) {
      throw new XAIException("cannot write " + output + ": " + FileErrors.reason(e), e);
    }
  }

  private void tell(Evaluation evaluation, int samples) {
    PrintWriter out = spec.commandLine().getOut();
    TextTable.lines(evaluation.table(methods)).forEach(out::println);
    out.printf(
        Locale.ROOT,
        "%d of %d images measured, means with 95 %% intervals; every value is in %s%n",
        evaluation.images(),
        samples,
        Printable.of(output));
    List<String> unknown = List.copyOf(evaluation.withoutRegion());
    if (!unknown.isEmpty()) {
      out.printf(
          Locale.ROOT,
          "nothing says where the object is in %d of them, for instance %s%n",
          unknown.size(),
          Printable.of(Joiner.on(", ").join(unknown.subList(0, Math.min(3, unknown.size())))));
    }
    out.flush();
  }

  /** Reads {@code --metric}. */
  private static final class MetricConverter extends TextConverter<EvaluationMetric> {
    MetricConverter() {
      super(EvaluationMetric::of);
    }
  }

  /** Reads {@code --fill}. */
  private static final class FillConverter extends TextConverter<Baseline> {
    FillConverter() {
      super(FillConverter::fill);
    }

    private static Baseline fill(String text) {
      try {
        return Baseline.parse(text);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "'" + text + "' is no fill; give a number, mean, blur, or an existing .npy file", e);
      }
    }
  }
}
