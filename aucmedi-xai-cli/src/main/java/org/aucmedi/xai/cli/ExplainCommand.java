package org.aucmedi.xai.cli;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.array.ImageAxes;
import org.aucmedi.xai.decoder.DataGenerator;
import org.aucmedi.xai.decoder.OutputFormat;
import org.aucmedi.xai.decoder.XAIDecoder;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.imaging.ImageLoader;
import org.aucmedi.xai.imaging.Standardize;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.OutputActivation;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Explains images and writes their maps. */
@Command(
    name = "explain",
    description = "Explains images: one map per image and class.",
    footer = {
      "",
      "Exit code: 0 if all is done, 1 if some images failed, 2 for a usage or model error. An image"
          + " of which --class names no class has no map and is no failure. Ctrl-C ends the run;"
          + " the maps written until then stay, each of them whole."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class ExplainCommand implements Callable<Integer> {

  /** The name under which {@code --option} takes {@code --activation}. */
  private static final String ACTIVATION = "activation";

  @Spec private CommandSpec spec;

  @Mixin private ModelOptions model;

  @Option(
      names = "--images",
      required = true,
      arity = "1..*",
      paramLabel = "PATH",
      description = "images, and folders of images: png, jpeg, tiff, bmp, gif, npy")
  private List<Path> images;

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
      converter = TargetConverter.class,
      description =
          "what to explain: the predicted class (default), all classes, a list, the top K, those"
              + " whose output is above T, or class I against class J; for instance top3,"
              + " above0.5, 3vs5")
  private Target target;

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
      names = "--resize",
      paramLabel = "HxW",
      converter = SizeConverter.class,
      description = "the size that the model gets (HxW or DxHxW); by default the image's own")
  private @Nullable Size resize;

  @Option(
      names = "--standardize",
      defaultValue = "z-score",
      paramLabel = "MODE",
      converter = StandardizeConverter.class,
      description =
          "how pixel values are scaled: tf (-1 to 1), rescale (0 to 1), torch, caffe, z-score (default),"
              + " minmax, grayscale, none; or with numbers of your own, one or one per channel:"
              + " 'mean=M[,M];std=S[,S]' in units of pixel values, 'rescale;mean=M[,M];std=S[,S]' after"
              + " division by 255")
  private Standardize standardize;

  @Option(
      names = "--axes",
      paramLabel = "HWC|CHW|DHW|...",
      converter = AxesConverter.class,
      description =
          "the order of the axes of npy files: H, W, and C (channels) or D (depth) where they have"
              + " them; needed where their shape may mean two things")
  private @Nullable ImageAxes axes;

  @Option(names = "--grayscale", description = "load pictures as one grey channel")
  private boolean grayscale;

  @Option(
      names = "--output",
      defaultValue = "out",
      paramLabel = "DIR",
      description = "where the maps go (default: ${DEFAULT-VALUE})")
  private Path output;

  @Option(
      names = "--format",
      defaultValue = "png",
      paramLabel = "png|npy",
      description = "pictures (default) or float32 numbers")
  private OutputFormat format;

  @Option(names = "--no-resize", description = "keep the method's own resolution")
  private boolean noResize;

  @Option(names = "--no-overlay", description = "write the map alone, in grey")
  private boolean noOverlay;

  @Option(
      names = "--alpha",
      defaultValue = "0.25",
      paramLabel = "A",
      description = "the weight of the map in an overlay, 0 to 1 (default: ${DEFAULT-VALUE})")
  private float alpha;

  @Option(
      names = "--eps",
      defaultValue = "1e-8",
      paramLabel = "E",
      description = "added to the range when a map is normalised (default: ${DEFAULT-VALUE})")
  private float eps;

  @Option(
      names = "--batch-size",
      defaultValue = "32",
      paramLabel = "N",
      description =
          "images per pass at most; large images make it smaller (default: ${DEFAULT-VALUE})")
  private int batchSize;

  @Option(names = "--raw", description = "write maps before normalisation; needs --format npy")
  private boolean raw;

  @Override
  public Integer call() {
    XAIMethodRegistry registry = new XAIMethodRegistry();
    // A wrong key or option ends the run before anything is read.
    @Nullable OutputActivation activation = takeActivation(registry);
    for (String method : methods) {
      MethodOptions.parse(profile, registry.get(method).description().options(), options);
    }
    ImageFiles found = ImageFiles.find(images, output);
    Map<String, Path> files = found.files();
    if (files.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "there is no image below "
              + images
              + (found.leftOut().isEmpty() ? "" : " (" + found.leftOut() + ")")
              + "; give files of "
              + String.join(", ", ImageLoader.extensions()));
    }
    DataGenerator generator = generator(files);
    RunProgress progress = RunProgress.ofConsole();
    RunReport report =
        new RunReport(spec.commandLine().getErr(), progress, target.toString(), debug());
    try (ExplainableModel loaded = model.load(activation);
        progress) {
      // What a model cannot carry is told before another method has worked for hours.
      List<XAIDecoder> decoders =
          methods.stream()
              .map(method -> decoder(loaded, generator, registry, method, report))
              .toList();
      for (int n = 0; n < decoders.size(); n++) {
        progress.start(
            decoders.size() == 1
                ? methods.get(n)
                : methods.get(n) + " (" + (n + 1) + "/" + decoders.size() + ")",
            files.size());
        decoders.get(n).decode();
      }
    } catch (RuntimeException | Error e) {
      report.end();
      if (report.maps() > 0) {
        spec.commandLine()
            .getOut()
            .printf(
                Locale.ROOT,
                "%d maps written to %s before the run ended%n",
                report.maps(),
                Printable.of(output));
      }
      throw e;
    }
    report.end();
    if (report.failedAlike(files.size())) {
      throw new XAIException(
          "none of "
              + files.size()
              + " images can be explained, for the reason above; it lies in the model or in how it is"
              + " used, not in one image");
    }
    spec.commandLine()
        .getOut()
        .printf(
            Locale.ROOT,
            "%d of %d images explained%s, %d maps written to %s%s%n",
            files.size() - report.failed() - report.unexplained(),
            files.size(),
            report.unexplained() == 0 ? "" : ", " + report.unexplained() + " without a map",
            report.maps(),
            Printable.of(output),
            found.leftOut().isEmpty() ? "" : "; " + Printable.of(found.leftOut()));
    return report.failed() == 0 ? 0 : AucmediXai.SOME_FAILED;
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

  private boolean debug() {
    return spec.root().findOption("--debug").<Boolean>getValue();
  }

  private DataGenerator generator(Map<String, Path> files) {
    DataGenerator.Builder builder =
        DataGenerator.builder()
            .optStandardize(standardize)
            .optGrayscale(grayscale)
            .optAxes(axes)
            .optBatchSize(batchSize);
    files.forEach(builder::addSample);
    if (resize != null) {
      builder.optResize(resize.axes());
    }
    return builder.build();
  }

  private XAIDecoder decoder(
      ExplainableModel loaded,
      DataGenerator generator,
      XAIMethodRegistry registry,
      String method,
      RunReport report) {
    return XAIDecoder.builder()
        .setModel(loaded)
        .setGenerator(generator)
        .optRegistry(registry)
        .optMethod(method)
        .optLayerName(layer)
        .optProfile(profile)
        .optOptions(options)
        .optTarget(target)
        .optOutput(
            methods.size() == 1 ? output : output.resolve(method.toLowerCase(Locale.ROOT)), format)
        .optOverlay(!noOverlay)
        .optAlpha(alpha)
        .optEps(eps)
        .optRaw(raw)
        .optResizeMaps(!noResize)
        .optListener(report.of(method))
        .build();
  }

  /** Reads {@code --class}. */
  private static final class TargetConverter extends TextConverter<Target> {
    TargetConverter() {
      super(Target::parse);
    }
  }

  /** A spatial shape; picocli would take a bare array for a repeated option. */
  private record Size(int[] axes) {}

  /** Reads {@code --resize}. */
  private static final class SizeConverter implements ITypeConverter<Size> {

    @Override
    public Size convert(String value) {
      if (!value.matches("[1-9]\\d{0,5}(x[1-9]\\d{0,5}){1,2}")) {
        throw new TypeConversionException(
            "'" + value + "' is no size; write HxW or DxHxW, for instance 224x224");
      }
      return new Size(Arrays.stream(value.split("x")).mapToInt(Integer::parseInt).toArray());
    }
  }

  /** Reads {@code --axes}. */
  private static final class AxesConverter extends TextConverter<ImageAxes> {
    AxesConverter() {
      super(ImageAxes::of);
    }
  }

  /** Reads {@code --standardize}. */
  private static final class StandardizeConverter extends TextConverter<Standardize> {
    StandardizeConverter() {
      super(Standardize::of);
    }
  }
}
