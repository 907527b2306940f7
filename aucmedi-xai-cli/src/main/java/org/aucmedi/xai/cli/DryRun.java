package org.aucmedi.xai.cli;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.MethodCost;
import org.aucmedi.xai.MethodDescription;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Objective;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.Spacing;
import org.aucmedi.xai.decoder.DataGenerator;
import org.aucmedi.xai.decoder.DecoderListener;
import org.aucmedi.xai.decoder.InputBatch;
import org.aucmedi.xai.decoder.OutputFormat;
import org.aucmedi.xai.decoder.OutputPreview;
import org.aucmedi.xai.decoder.Predictor;
import org.aucmedi.xai.decoder.SampleResult.Failed;
import org.aucmedi.xai.decoder.XAIDecoder;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.imaging.drawing.Drawing;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Tells what {@code explain} would do, and writes nothing. It loads the model, predicts the first
 * image that can be read, and explains it where that shows which layer a method looks at.
 */
final class DryRun {

  /** How many images may be unreadable before it gives up. */
  private static final int TRIED = 5;

  private static final int NAMED = 3;

  /** How many passes are timed. */
  private static final int MEASURED = 3;

  /** What a backward pass costs, in forward passes. */
  private static final int BACKWARD = 2;

  /** What a file has besides its numbers. */
  private static final int HEADER = 200;

  /**
   * What the command line says.
   *
   * @param images the images that were found
   * @param generators prepares images for the model
   * @param decoders a decoder without output for a method and images
   * @param predictions given predictions, or null
   * @param classNames names of the classes; empty if they have none
   * @param output the folder of a method
   */
  record Plan(
      ExplainableModel model,
      Path modelFile,
      ImageFiles images,
      Function<ImageFiles, DataGenerator> generators,
      BiFunction<String, DataGenerator, XAIDecoder.Builder> decoders,
      float @Nullable [][] predictions,
      XAIMethodRegistry registry,
      List<String> methods,
      Profile profile,
      Map<String, String> options,
      Target target,
      String targetText,
      List<String> classNames,
      Function<String, Path> output,
      OutputFormat format,
      Drawing drawing,
      boolean resizeMaps) {}

  private final Plan plan;
  private final PrintWriter out;
  private final PrintWriter err;
  private boolean problems;

  DryRun(CommandSpec spec, Plan plan) {
    this.plan = plan;
    out = spec.commandLine().getOut();
    err = spec.commandLine().getErr();
  }

  /** The first image that the model can take. */
  private record First(
      int index,
      String name,
      DataGenerator generator,
      DataGenerator.Sample sample,
      float[] outputs,
      double loading,
      double pass) {}

  /**
   * Prints the plan.
   *
   * @return the exit code: 0, or 1 if an image that was tried cannot be explained
   * @throws XAIException if the run would end at once, for the same reason
   */
  int print() {
    DataGenerator all = plan.generators.apply(plan.images);
    // What is wrong with the settings is told before anything is computed.
    for (String method : plan.methods) {
      var unused =
          plan.decoders
              .apply(method, all)
              .optOutput(plan.output.apply(method), plan.format)
              .check();
    }
    First first = first();
    List<String> labels = labels(first);
    line("dry run", "nothing is written");
    line("images", plan.images.summary());
    line("first", prepared(first));
    line("model", model(first));
    line("explains", explained(first, labels));
    double seconds = 0;
    for (String method : plan.methods) {
      seconds += print(method, all, first, labels);
    }
    if (plan.methods.size() > 1) {
      line("in all", "about " + Amounts.time(seconds));
    }
    out.flush();
    return problems ? AucmediXai.SOME_FAILED : 0;
  }

  private double print(String method, DataGenerator all, First first, List<String> labels) {
    MethodDescription description = plan.registry.get(method).description();
    MethodOptions options = MethodOptions.parse(plan.profile, description.options(), plan.options);
    Heatmap map = description.usesLayer() ? explained(method, first) : null;
    line(
        "method",
        method.toLowerCase(Locale.ROOT)
            + ": "
            + description.name()
            + ", profile "
            + MethodOption.textOf(plan.profile)
            + layer(map));
    line(
        "  options",
        description.options().isEmpty()
            ? "none"
            : description.options().stream()
                .map(option -> option.name() + "=" + MethodOption.textOf(options.get(option)))
                .collect(Collectors.joining(" ")));
    int maps = labels.size();
    MethodCost.Passes passes =
        description.passes(
            options,
            first.sample.input().spatialShape(),
            Spacing.of(first.sample.input()),
            Math.max(1, maps));
    int images = all.samples().size();
    line(
        "  passes",
        String.format(
            Locale.ROOT,
            "%s an image, %s in all",
            passes(passes.forward(), passes.backward()),
            passes(passes.forward() * images, passes.backward() * images)));
    double seconds =
        images
            * (first.pass * (passes.forward() + BACKWARD * passes.backward())
                + first.loading / Runtime.getRuntime().availableProcessors());
    line(
        "  time",
        String.format(
            Locale.ROOT,
            "about %s: a forward pass takes %s, a backward pass is taken for %d",
            Amounts.time(seconds),
            Amounts.time(first.pass),
            BACKWARD));
    writes(method, all, first, labels, map);
    return seconds;
  }

  private static String layer(@Nullable Heatmap map) {
    return map == null || map.provenance().layer() == null
        ? ""
        : ", layer " + map.provenance().layer();
  }

  private void writes(
      String method, DataGenerator all, First first, List<String> labels, @Nullable Heatmap map) {
    Path folder = plan.output.apply(method);
    OutputPreview preview = OutputPreview.of(folder, plan.format, plan.target, all);
    int images = all.samples().size();
    List<String> names = new ArrayList<>();
    for (int i = 0; i < Math.min(NAMED, images); i++) {
      names.addAll(preview.names(i, labels));
    }
    long count = (long) images * preview.names(0, labels).size();
    int[] shape =
        plan.resizeMaps || map == null ? first.sample.processed().spatialShape() : map.shape();
    long pixels = Arrays.stream(shape).asLongStream().reduce(1, Math::multiplyExact);
    boolean drawn = plan.format.draws(plan.drawing);
    boolean colours = plan.drawing.overlay() || plan.drawing.colormap() != null;
    long bytes = count * (HEADER + pixels * (!drawn ? 4 : colours ? 3 : 1));
    line(
        "  writes",
        count == 0
            ? "no map of an image like the first"
            : count
                + (count == 1 ? " map" : " maps")
                + ", at most about "
                + Amounts.bytes(bytes)
                + ": "
                + names.stream()
                    .limit(NAMED)
                    .map(name -> folder.resolve(name).toString())
                    .collect(Collectors.joining(", "))
                + (count > NAMED ? " and " + (count - NAMED) + " more" : ""));
    if (Files.isDirectory(folder)) {
      compare(preview, images, labels);
    } else if (Files.exists(folder)) {
      problem("cannot create the output folder " + folder + ": it is a file");
    }
  }

  /** Tells what is there already. */
  private void compare(OutputPreview preview, int images, List<String> labels) {
    long replaced = 0;
    long refused = 0;
    for (int i = 0; i < images; i++) {
      for (String name : preview.names(i, labels)) {
        Optional<String> reason = preview.refusal(name);
        if (reason.isEmpty()) {
          replaced += preview.exists(name) ? 1 : 0;
        } else if (++refused <= NAMED) {
          problem(reason.get());
        }
      }
    }
    if (refused > NAMED) {
      problem("and " + (refused - NAMED) + " more files for the same reason");
    }
    if (replaced > 0) {
      line("  replaces", replaced + " of them, which are there already");
    }
  }

  private First first() {
    List<Map.Entry<String, Path>> files = List.copyOf(plan.images.files().entrySet());
    for (int i = 0; i < Math.min(TRIED, files.size()); i++) {
      String name = files.get(i).getKey();
      DataGenerator one =
          plan.generators.apply(ImageFiles.of(Map.of(name, files.get(i).getValue())));
      Predictor predictor = new Predictor(plan.model, one, problemsOf());
      Predictor.Result result = predictor.predict();
      if (result.failures().isEmpty()) {
        long start = System.nanoTime();
        DataGenerator.Sample sample = one.load(0);
        double loading = (System.nanoTime() - start) / 1e9;
        return new First(
            i,
            name,
            one,
            sample,
            result.predictions().rows(List.of(name))[0],
            loading,
            pass(sample.input()));
      }
    }
    throw new XAIException(
        files.size() == 1
            ? "the image cannot be used, see above"
            : "the first "
                + Math.min(TRIED, files.size())
                + " images cannot be used, see above; the others were not tried");
  }

  /** Measures a pass; the first of a model is slow, and so is one beside another program. */
  private double pass(ImageArray image) {
    double least = Double.POSITIVE_INFINITY;
    try (NDManager manager = plan.model.newManager()) {
      NDArray batch = InputBatch.of(manager, plan.model.channelLayout(), List.of(image));
      for (int n = 0; n < MEASURED; n++) {
        long start = System.nanoTime();
        var unused = plan.model.outputs(batch);
        least = Math.min(least, (System.nanoTime() - start) / 1e9);
      }
    }
    return least;
  }

  private List<String> labels(First first) {
    float[] row = plan.predictions == null ? first.outputs : plan.predictions[first.index];
    return plan.target.objectives(row, first.index, plan.images.files().size()).stream()
        .map(Objective::label)
        .toList();
  }

  /** Explains the first image, for the layer and the size of its map. */
  private @Nullable Heatmap explained(String method, First first) {
    List<Heatmap> maps = new ArrayList<>();
    XAIDecoder.Builder decoder = plan.decoders.apply(method, first.generator);
    if (plan.predictions != null) {
      decoder.optPredictions(new float[][] {plan.predictions[first.index]});
    }
    var unused =
        decoder
            .optTarget(plan.target)
            .optResizeMaps(false)
            .optSink(
                (sample, map) -> {
                  maps.add(map);
                  return List.of();
                })
            .optListener(problemsOf())
            .build()
            .decode();
    return maps.isEmpty() ? null : maps.get(0);
  }

  private DecoderListener problemsOf() {
    return new DecoderListener() {
      @Override
      public void failed(Failed failure) {
        problem(failure.sample() + ": " + failure.reason());
      }
    };
  }

  private static String prepared(First first) {
    DataGenerator.Sample sample = first.sample;
    return first.name
        + " is "
        + shape(sample.original())
        + ", maps lie on "
        + shape(sample.processed())
        + ", the model gets "
        + shape(sample.input());
  }

  private static String shape(ImageArray image) {
    return Arrays.stream(image.spatialShape())
            .mapToObj(Integer::toString)
            .collect(Collectors.joining("x"))
        + " of "
        + image.channels()
        + (image.channels() == 1 ? " channel" : " channels");
  }

  private String model(First first) {
    Shape input = plan.model.inputShape();
    return plan.modelFile
        + ", "
        + plan.model.engineName()
        + (input == null ? "" : ", input " + input)
        + ", "
        + first.outputs.length
        + " outputs"
        + (plan.classNames.isEmpty() ? "" : " " + plan.classNames)
        + ", activation "
        + MethodOption.textOf(plan.model.outputActivation());
  }

  private String explained(First first, List<String> labels) {
    return plan.targetText
        + "; of "
        + first.name
        + (labels.isEmpty()
            ? " nothing"
            : (labels.size() == 1 ? " class " : " classes ") + String.join(", ", labels));
  }

  private static String passes(long forward, long backward) {
    return forward + " forward" + (backward == 0 ? "" : " and " + backward + " backward");
  }

  private void line(String name, String text) {
    out.printf("%-10s %s%n", name, Printable.of(text));
  }

  /** Tells what the run would end with, or leave out. */
  void problem(String text) {
    problems = true;
    err.println("problem: " + Printable.of(text));
  }
}
