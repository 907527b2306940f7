package org.aucmedi.xai.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.aucmedi.xai.MethodDescription;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.decoder.DataGenerator;
import org.aucmedi.xai.decoder.XAIDecoder;
import org.aucmedi.xai.decoder.automl.AucmediFolder;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.methods.Baseline;
import org.aucmedi.xai.metrics.RegionSize;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What is explained, where the objects are, and how maps are measured. */
final class EvaluationOptions {

  /** The option of methods that draw at random. */
  private static final String SEED = "seed";

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Mixin private ModelOptions model;

  @Mixin private ImageOptions images;

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
      names = "--tolerance",
      defaultValue = "0",
      paramLabel = "PIXELS",
      description =
          "how far from the object a peak may be in the pointing game; its paper has 15 on"
              + " photographs (default: ${DEFAULT-VALUE})")
  private double tolerance;

  @Option(
      names = "--sizes",
      defaultValue = "0.01,0.1",
      paramLabel = "MEDIUM,LARGE",
      converter = BoundsConverter.class,
      description =
          "the shares of the image from which on an object is medium and large; the table tells"
              + " them apart (default: ${DEFAULT-VALUE})")
  private RegionSize.Bounds sizes;

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
          "what metrics hide pixels with: a number in the units of the standardised image, its"
              + " mean, a blurred copy, or an array (default: ${DEFAULT-VALUE}); not for ROAD and"
              + " the average drop, which have their own")
  private Baseline fill;

  @Option(
      names = "--subsets",
      defaultValue = "50",
      paramLabel = "N",
      description =
          "boxes of infidelity, and sets of the faithfulness correlation and of each size of"
              + " sensitivity-n, each a forward pass (default: ${DEFAULT-VALUE})")
  private int subsets;

  @Option(
      names = "--neighbours",
      defaultValue = "10",
      paramLabel = "N",
      description =
          "images with noise that max-sensitivity explains again (default: ${DEFAULT-VALUE})")
  private int neighbours;

  @Option(
      names = "--radius",
      defaultValue = "0.02",
      paramLabel = "R",
      description =
          "how large that noise is, as a share of the range of the standardised image (default:"
              + " ${DEFAULT-VALUE})")
  private double radius;

  @Option(
      names = "--second-model",
      paramLabel = "PATH",
      description =
          "another model of the same classes and inputs, for reproducibility: its maps are compared"
              + " with those of --model")
  private @Nullable Path secondModel;

  /** Refuses what is wrong before a model is loaded. */
  void check(XAIMethodRegistry registry, List<String> methods) {
    checkAtLeast("--steps", steps, 1);
    checkAtLeast("--subsets", subsets, 2);
    checkAtLeast("--neighbours", neighbours, 1);
    if (!(radius > 0 && radius <= 1)) {
      throw refusal("--radius must be above 0 and at most 1, got " + radius);
    }
    if (!(tolerance >= 0 && tolerance <= 1000)) {
      throw refusal("--tolerance must be from 0 to 1000, got " + tolerance);
    }
    for (String method : methods) {
      MethodOptions.parse(profile, registry.get(method).description().options(), options);
    }
    var unusedRegions = regions();
    var unusedTarget = target();
  }

  private Target target() {
    AucmediFolder folder = model.folder();
    return Target.parse(target, folder == null ? List.of() : folder.classNames());
  }

  private void checkAtLeast(String name, int value, int least) {
    if (value < least) {
      throw refusal(name + " must be at least " + least + ", got " + value);
    }
  }

  /** Whether there is another model to compare with. */
  boolean hasSecondModel() {
    return secondModel != null;
  }

  /** Whether an option says where the object is. */
  boolean knowsRegions() {
    return masks != null || boxes != null;
  }

  /** The model's file or folder, without where it is. */
  String modelName() {
    return String.valueOf(model.path().getFileName());
  }

  /** How maps are made and measured, by the names of the options. */
  Map<String, String> settings() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("--profile", MethodOption.textOf(profile));
    options.forEach((name, value) -> settings.put("--option " + name, value));
    if (layer != null) {
      settings.put("--layer", layer);
    }
    settings.put("--fill", fill.toString());
    settings.put("--steps", String.valueOf(steps));
    settings.put("--subsets", String.valueOf(subsets));
    settings.put("--neighbours", String.valueOf(neighbours));
    settings.put("--radius", String.valueOf(radius));
    if (knowsRegions()) {
      settings.put("--tolerance", String.valueOf(tolerance));
      settings.put("--sizes", sizes.medium() + "," + sizes.large());
    }
    return settings;
  }

  ImageFiles find(Path output) {
    return images.find(output);
  }

  /** What to do where no image suits the model. */
  String hint(ImageFiles found) {
    return images.hint(found);
  }

  LoadedModel open() {
    return model.open(model.activation());
  }

  /** The options of a method, as given. */
  MethodOptions of(MethodDescription description) {
    return MethodOptions.parse(profile, description.options(), options);
  }

  /**
   * Measures the maps of methods. Of several, those that turn out not to suit the model are told
   * and left out.
   *
   * @param loaded the model
   * @param found the images
   * @param registry has the methods
   * @param methods their keys
   * @param metrics what is measured
   * @param err where failures and progress are told
   * @throws XAIException if a model cannot carry a method, or no image can be measured
   */
  Measured measure(
      LoadedModel loaded,
      ImageFiles found,
      XAIMethodRegistry registry,
      List<String> methods,
      List<EvaluationMetric> metrics,
      PrintWriter err) {
    ObjectRegions regions = regions();
    Target explained = target();
    RunProgress progress = RunProgress.ofConsole(err, false);
    RunReport report =
        new RunReport(err, progress, explained.toString(), AucmediXai.debug(spec), false);
    EvaluationSettings settings =
        new EvaluationSettings(fill, steps, subsets, tolerance, neighbours, radius, sizes);
    int samples = found.files().size();
    try (progress;
        @Nullable ExplainableModel forgetful =
            metrics.contains(EvaluationMetric.RANDOMISATION) ? model.randomised(1) : null;
        @Nullable ExplainableModel second =
            secondModel != null && metrics.contains(EvaluationMetric.REPRODUCIBILITY)
                ? model.second(secondModel)
                : null) {
      DataGenerator generator = images.generator(found, loaded);
      Evaluation evaluation = new Evaluation(loaded.model(), generator, metrics, regions, settings);
      // What a model cannot carry is told before another method has worked for hours.
      List<XAIDecoder> decoders = new ArrayList<>();
      for (String method : methods) {
        XAIDecoder.Builder decoder =
            decoder(loaded, generator, registry, method, options).optTarget(explained);
        MapMaker again = MapMaker.of(decoder.check());
        @Nullable MapMaker other = otherSeed(loaded, generator, registry, method);
        @Nullable MapMaker random = ofOther(forgetful, generator, registry, method);
        @Nullable MapMaker reproduced = ofOther(second, generator, registry, method);
        decoders.add(
            decoder
                .optSink(
                    evaluation.of(
                        method, new EvaluatedMap.Makers(again, other, random, reproduced)))
                .optListener(report.of(method))
                .build());
      }
      List<String> measured = new ArrayList<>();
      for (int n = 0; n < decoders.size(); n++) {
        String method = methods.get(n);
        progress.start(method, samples);
        try {
          decoders.get(n).decode();
          measured.add(method);
        } catch (UnsupportedModelException e) {
          // Only a pass shows some needs, such as visible attention weights.
          if (methods.size() == 1) {
            throw e;
          }
          report.leftOut(method, e);
        }
      }
      if (evaluation.results().images() == 0) {
        throw new XAIException(
            "none of "
                + samples
                + " images can be measured, see above; nothing is written"
                + hint(found));
      }
      return new Measured(
          evaluation.results(),
          measured,
          samples,
          report.failed(),
          List.copyOf(evaluation.withoutRegion()),
          explained.toString());
    } finally {
      report.end();
    }
  }

  /**
   * What was measured.
   *
   * @param results the numbers
   * @param methods the methods that the model carries
   * @param samples how many images there are
   * @param failed how many of them could not be explained or measured
   * @param withoutRegion those of which nobody says where the object is, though a metric asks
   * @param explained what was explained of each
   */
  record Measured(
      EvaluationResults results,
      List<String> methods,
      int samples,
      int failed,
      List<String> withoutRegion,
      String explained) {}

  private @Nullable MapMaker ofOther(
      @Nullable ExplainableModel other,
      DataGenerator generator,
      XAIMethodRegistry registry,
      String method) {
    return other == null
        ? null
        : MapMaker.of(
            decoder(new LoadedModel(other, null), generator, registry, method, options).check());
  }

  /** Makes maps with another seed; null if the method has none. */
  private @Nullable MapMaker otherSeed(
      LoadedModel loaded, DataGenerator generator, XAIMethodRegistry registry, String method) {
    MethodDescription description = registry.get(method).description();
    if (description.options().stream().noneMatch(option -> option.name().equals(SEED))) {
      return null;
    }
    String own = of(description).inEffect(description.options()).get(SEED);
    if (own == null) {
      return null;
    }
    Map<String, String> changed = new LinkedHashMap<>(options);
    changed.put(SEED, String.valueOf(Integer.parseInt(own) + 1));
    return MapMaker.of(decoder(loaded, generator, registry, method, changed).check());
  }

  private XAIDecoder.Builder decoder(
      LoadedModel loaded,
      DataGenerator generator,
      XAIMethodRegistry registry,
      String method,
      Map<String, String> values) {
    return XAIDecoder.builder()
        .setModel(loaded.model())
        .setGenerator(generator)
        .optRegistry(registry)
        .optMethod(method)
        .optLayerName(layer)
        .optProfile(profile)
        .optOptions(values)
        .optRaw(true)
        .optResizeMaps(false);
  }

  /**
   * Why a model cannot carry a method with these options, if so.
   *
   * @param loaded the model
   * @param generator its images
   * @param registry has the method
   * @param method its key
   */
  Optional<String> refusal(
      LoadedModel loaded, DataGenerator generator, XAIMethodRegistry registry, String method) {
    try {
      var unused = decoder(loaded, generator, registry, method, options).check();
      return Optional.empty();
    } catch (XAIException | IllegalArgumentException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /** Why the weights of the model cannot be replaced, if so. */
  Optional<String> fixedWeights() {
    try {
      model.randomised(1).close();
      return Optional.empty();
    } catch (UnsupportedModelException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /** Prepares the images for the model. */
  DataGenerator generator(LoadedModel loaded, ImageFiles found) {
    return images.generator(found, loaded);
  }

  private ObjectRegions regions() {
    if (masks != null && boxes != null) {
      throw refusal("--masks and --boxes both say where the object is; give one of them");
    }
    if (masks != null) {
      return ObjectRegions.ofMasks(spec, "--masks", masks);
    }
    return boxes == null ? ObjectRegions.NONE : ObjectRegions.ofBoxes(boxes);
  }

  private ParameterException refusal(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  /** Reads {@code --sizes}. */
  private static final class BoundsConverter extends TextConverter<RegionSize.Bounds> {
    BoundsConverter() {
      super(BoundsConverter::bounds);
    }

    private static RegionSize.Bounds bounds(String text) {
      String[] parts = text.split(",", -1);
      if (parts.length != 2) {
        throw new IllegalArgumentException(
            "'" + text + "' is no pair of sizes; write two shares of the image such as 0.01,0.1");
      }
      return new RegionSize.Bounds(Double.parseDouble(parts[0]), Double.parseDouble(parts[1]));
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
