package org.aucmedi.xai.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.aucmedi.xai.MethodDescription;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.decoder.BodyMasks;
import org.aucmedi.xai.decoder.DataGenerator;
import org.aucmedi.xai.decoder.OutputFormat;
import org.aucmedi.xai.decoder.Predictions;
import org.aucmedi.xai.decoder.XAIDecoder;
import org.aucmedi.xai.decoder.automl.AucmediFolder;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.manifest.Manifest;
import org.aucmedi.xai.model.OutputActivation;
import org.aucmedi.xai.report.ReportPictures;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Explains images and writes their maps. */
@Command(
    name = "explain",
    description = "Explains images: one map per image and class.",
    footer = {
      "",
      "Exit code: 0 if all is done, 1 if some images failed, 2 for a usage or model error. An image"
          + " of which --class names no class has no map and is no failure.",
      "",
      "manifest.json and samples.jsonl in the output folder say what was done with what. Ctrl-C or"
          + " SIGTERM end the run with exit code 130 or 143; what is written stays, each file"
          + " whole, and --resume goes on from there."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class ExplainCommand implements Callable<Integer> {

  /** The name under which {@code --option} takes {@code --activation}. */
  private static final String ACTIVATION = "activation";

  /** Which image a map lies on. */
  private enum MapOn {
    PREPARED,
    ORIGINAL
  }

  @Spec private CommandSpec spec;

  @Mixin private ModelOptions model;

  @Mixin private ImageOptions images;

  @Option(
      names = "--method",
      required = true,
      split = ",",
      paramLabel = "KEY",
      description = "one method or more, see 'methods'; with more each has its own subfolder")
  private List<String> methods;

  @Option(
      names = "--class",
      defaultValue = "argmax",
      paramLabel = "argmax|all|I[,I]|topK|aboveT|IvsJ",
      description =
          "what to explain: the predicted class (default), all classes, a list, the top K, those"
              + " whose output is above T, or class I against class J; for instance top3,"
              + " above0.5, 3vs5; with AUCMEDI's model folder also a list of names")
  private String target;

  @Option(
      names = "--predictions",
      paramLabel = "CSV",
      description =
          "predictions made before, as 'predict' and AUCMEDI write them: --class is taken of these"
              + " instead of the model's outputs")
  private @Nullable Path predictions;

  @Option(
      names = "--layer",
      paramLabel = "NAME",
      description = "the layer to look at, see 'layers'; by default the method's choice")
  private @Nullable String layer;

  @Option(
      names = "--profile",
      defaultValue = "aucmedi",
      paramLabel = "aucmedi|paper",
      description = "whose defaults the method has: AUCMEDI's (default) or its paper's")
  private Profile profile;

  @Option(
      names = "--option",
      paramLabel = "NAME=VALUE",
      description =
          "a parameter of the method, see 'methods'; repeat it for more; activation=A is"
              + " --activation A")
  private Map<String, String> options = new LinkedHashMap<>();

  @Option(
      names = "--output",
      defaultValue = "out",
      paramLabel = "DIR",
      description = "where the maps go (default: ${DEFAULT-VALUE})")
  private Path output;

  @Option(
      names = "--format",
      defaultValue = "png",
      paramLabel = "png|gif|npy|nii.gz|mha|nrrd|dcm",
      converter = FormatConverter.class,
      description =
          "pictures (default), animations of a volume's slices, or float32 numbers: as an array, or"
              + " with the geometry of the scan; dcm is the overlay, or with --no-overlay the"
              + " numbers")
  private OutputFormat format;

  @Option(
      names = "--map-on",
      defaultValue = "PREPARED",
      paramLabel = "prepared|original",
      description =
          "which image maps lie on: the one after --resample, --pad and --crop (default, as AUCMEDI"
              + " has it) or the file's own, where padding is cut away and what a crop left out is"
              + " 0")
  private MapOn mapOn;

  @Option(
      names = "--body-masks",
      paramLabel = "DIR",
      description =
          "masks of the body, named as the images and of their size, not zero in the body: a map"
              + " whose highest values lie outside is reported; an image without a mask is not"
              + " checked")
  private @Nullable Path bodyMasks;

  @Option(names = "--no-resize", description = "keep the method's own resolution")
  private boolean noResize;

  @Mixin private DrawingOptions drawing;

  @Option(
      names = "--same-scale",
      description =
          "scale the maps of one image together, so that a class with little evidence looks weak")
  private boolean sameScale;

  @Option(
      names = "--eps",
      defaultValue = "1e-8",
      paramLabel = "E",
      description = "added to the range when a map is normalised (default: ${DEFAULT-VALUE})")
  private float eps;

  @Option(names = "--raw", description = "write maps before normalisation; needs --format npy")
  private boolean raw;

  @Option(
      names = "--report",
      description =
          "also make a page to look at the maps, report.html in --output, from small pictures that"
              + " it keeps in report/; 'report' makes it again, and for shards after 'merge'")
  private boolean page;

  @Mixin private ViewerOption viewer;

  @Option(
      names = "--dry-run",
      description =
          "tell what would be read, explained and written, with estimates of passes, time and size;"
              + " predicts one image, writes nothing")
  private boolean dryRun;

  @Mixin private RunOptions running;

  @Override
  public Integer call() {
    XAIMethodRegistry registry = new XAIMethodRegistry();
    // A wrong key or option ends the run before anything is read.
    @Nullable OutputActivation activation = takeActivation(registry);
    for (String method : methods) {
      MethodOptions.parse(profile, registry.get(method).description().options(), options);
    }
    if (!running.quiet()) {
      UnusedOptions.warn(spec, format, format.draws(drawing.drawing(false)), page);
    }
    if (viewer.viewer() != null && !page) {
      throw new ParameterException(
          spec.commandLine(), "--viewer makes a page beside the report's; give --report as well");
    }
    AucmediFolder folder = model.folder();
    var unused = bodies();
    Target chosen = target(folder == null ? List.of() : folder.classNames());
    ImageFiles found = images.find(output);
    Map<String, Path> files = found.files();
    float @Nullable [][] rows = rows(folder, files);
    if (dryRun) {
      try (LoadedModel loaded = model.open(activation)) {
        DryRun run = new DryRun(spec, plan(loaded, found, registry, chosen, rows, folder));
        RunFolder.refusal(output, running, RunSettings.of(spec)).ifPresent(run::problem);
        return run.print();
      }
    }
    try (RecordedRun run = new RecordedRun(spec, running, output, model.path(), files)) {
      return explain(run, registry, activation, chosen, found, rows);
    }
  }

  private int explain(
      RecordedRun run,
      XAIMethodRegistry registry,
      @Nullable OutputActivation activation,
      Target chosen,
      ImageFiles found,
      float @Nullable [][] rows) {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    boolean nameAll = running.verbose() || AucmediXai.debug(spec);
    RunProgress progress = RunProgress.ofConsole(err, running.quiet());
    RunReport report = new RunReport(err, progress, chosen.toString(), nameAll, running.quiet());
    Manifest manifest;
    try (LoadedModel loaded = model.open(activation);
        progress) {
      DataGenerator generator = images.generator(found, loaded);
      @Nullable ReportPictures pictures =
          page ? ReportPictures.open(output, drawing.window(), found.files().values()) : null;
      // What a model cannot carry is told before another method has worked for hours.
      List<XAIDecoder> decoders =
          methods.stream()
              .map(
                  method ->
                      decoder(
                          loaded, generator, registry, method, chosen, rows, report, run, pictures))
              .toList();
      run.begin(loaded, methods.stream().map(method -> describe(registry, method)).toList());
      for (int n = 0; n < decoders.size(); n++) {
        progress.start(
            decoders.size() == 1
                ? methods.get(n)
                : methods.get(n) + " (" + (n + 1) + "/" + decoders.size() + ")",
            run.toDo(key(methods.get(n))));
        decoders.get(n).decode();
      }
      if (report.failedAlike(run.size())) {
        throw new XAIException(
            "none of "
                + run.size()
                + " images can be explained, for the reason above; it lies in the model or in how"
                + " it is used, not in one image"
                + images.hint(found));
      }
      manifest = run.finish();
    } catch (RuntimeException | Error e) {
      report.end();
      Manifest ended = run.fail(e);
      if (running.json() && ended != null) {
        out.println(RunSummary.json(ended, output, run.done()));
      } else if (!running.json() && report.maps() > 0) {
        out.println(RunSummary.ofEnded(report.maps(), output));
      }
      if (run.interrupted()) {
        err.println(Interrupt.REASON + "; the same command with --resume goes on");
        return Interrupt.EXIT_CODE;
      }
      throw e;
    }
    report.end();
    if (running.json()) {
      out.println(RunSummary.json(manifest, output, run.done()));
    } else {
      out.println(
          RunSummary.text(manifest, output, report.maps(), run.done())
              + (found.leftOut().isEmpty() ? "" : "; " + Printable.of(found.leftOut()))
              + (report.failed() == run.size() && run.size() > 0 ? images.hint(found) : ""));
    }
    if (page && running.shard() == null) {
      RunPage.write(output, viewer.viewer(), err);
    }
    return manifest.summary().failed() == 0 ? 0 : AucmediXai.SOME_FAILED;
  }

  private static String key(String method) {
    return method.toLowerCase(Locale.ROOT);
  }

  /** The subfolder of a method, empty for the output folder itself. */
  private String subfolder(String method) {
    return methods.size() == 1 ? "" : key(method);
  }

  private Manifest.Method describe(XAIMethodRegistry registry, String method) {
    MethodDescription known = registry.get(method).description();
    return new Manifest.Method(
        key(method),
        known.name(),
        profile.name().toLowerCase(Locale.ROOT),
        MethodOptions.parse(profile, known.options(), options).inEffect(known.options()),
        List.of(),
        subfolder(method));
  }

  /** Takes {@code activation} out of the options: it is the model's, not a method's. */
  private @Nullable OutputActivation takeActivation(XAIMethodRegistry registry) {
    Optional<String> name =
        options.keySet().stream().filter(ACTIVATION::equalsIgnoreCase).findFirst();
    if (name.isEmpty()) {
      return model.activation();
    }
    for (String method : methods) {
      if (registry.get(method).description().options().stream()
          .anyMatch(option -> option.name().equals(ACTIVATION))) {
        throw new ParameterException(
            spec.commandLine(),
            "method '"
                + method
                + "' has an option 'activation' of its own; give the model's as --activation");
      }
    }
    OutputActivation taken = OutputActivation.of(options.remove(name.get()));
    if (model.activation() != null && model.activation() != taken) {
      throw new ParameterException(
          spec.commandLine(),
          "--activation "
              + model.activation()
              + " and --option activation="
              + taken
              + " contradict each other; give one of them");
    }
    return taken;
  }

  /** Classes by number, as the model has them, or by name. */
  private Target target(List<String> classNames) {
    try {
      return Target.parse(target, classNames);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          spec.commandLine(), "Invalid value for option '--class': " + e.getMessage(), e);
    }
  }

  /** The predictions of the images, in their order. */
  private float @Nullable [][] rows(@Nullable AucmediFolder folder, Map<String, Path> files) {
    if (predictions == null) {
      return null;
    }
    Predictions given = Predictions.read(predictions);
    return (folder == null ? given : given.inOrderOf(folder.classNames()))
        .rows(List.copyOf(files.keySet()));
  }

  private DryRun.Plan plan(
      LoadedModel loaded,
      ImageFiles found,
      XAIMethodRegistry registry,
      Target chosen,
      float @Nullable [][] rows,
      @Nullable AucmediFolder folder) {
    return new DryRun.Plan(
        loaded.model(),
        model.file(),
        found,
        files -> images.generator(files, loaded),
        (method, generator) -> settings(loaded, generator, registry, method, chosen),
        rows,
        registry,
        methods,
        profile,
        options,
        chosen,
        target,
        folder == null ? List.of() : folder.classNames(),
        method -> output.resolve(subfolder(method)),
        format,
        drawing.drawing(folder != null),
        !noResize);
  }

  private XAIDecoder decoder(
      LoadedModel loaded,
      DataGenerator generator,
      XAIMethodRegistry registry,
      String method,
      Target chosen,
      float @Nullable [][] rows,
      RunReport report,
      RecordedRun run,
      @Nullable ReportPictures pictures) {
    XAIDecoder.Builder decoder = settings(loaded, generator, registry, method, chosen);
    if (pictures != null) {
      decoder.optSink(pictures.sink(key(method)));
    }
    if (rows != null) {
      decoder.optPredictions(rows);
    }
    return decoder
        .optOutput(output.resolve(subfolder(method)), format)
        .optBatches(run.batches(key(method), generator.batchSize()))
        .optListener(
            run.listener(
                key(method), report.of(method), running.verbose() ? report::done : record -> {}))
        .build();
  }

  /** A decoder that knows neither predictions nor where its maps go. */
  private XAIDecoder.Builder settings(
      LoadedModel loaded,
      DataGenerator generator,
      XAIMethodRegistry registry,
      String method,
      Target chosen) {
    return XAIDecoder.builder()
        .setModel(loaded.model())
        .setGenerator(generator)
        .optRegistry(registry)
        .optMethod(method)
        .optLayerName(layer)
        .optProfile(profile)
        .optOptions(options)
        .optTarget(chosen)
        .optDrawing(drawing.drawing(loaded.aucmedi() != null))
        .optSameScale(sameScale)
        .optEps(eps)
        .optRaw(raw)
        .optResizeMaps(!noResize)
        .optBodyMasks(bodies())
        .optPreprocessOverlay(mapOn == MapOn.PREPARED);
  }

  private BodyMasks bodies() {
    return bodyMasks == null
        ? BodyMasks.NONE
        : ObjectRegions.ofMasks(spec, "--body-masks", bodyMasks)::of;
  }

  private static final class FormatConverter extends TextConverter<OutputFormat> {

    FormatConverter() {
      super(OutputFormat::of);
    }
  }
}
