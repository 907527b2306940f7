package org.aucmedi.xai.decoder.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.decoder.ClassChoice;
import org.aucmedi.xai.decoder.DataGenerator;
import org.aucmedi.xai.decoder.DecoderResult;
import org.aucmedi.xai.decoder.DecoderResult.Failure;
import org.aucmedi.xai.decoder.DecoderResult.Warning;
import org.aucmedi.xai.decoder.OutputFormat;
import org.aucmedi.xai.decoder.XAIDecoder;
import org.aucmedi.xai.decoder.image.Standardize;
import org.aucmedi.xai.model.ExplainableModel;
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
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class ExplainCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Mixin private ModelOptions model;

  @Option(
      names = "--images",
      required = true,
      arity = "1..*",
      paramLabel = "PATH",
      description = "images, and folders of images: png, jpeg, bmp, gif, npy")
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
      paramLabel = "argmax|all|I[,I]",
      converter = ClassConverter.class,
      description = "the classes to explain: the predicted one (default), all, or a list")
  private ClassChoice classes;

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
      description = "a parameter of the method, see 'methods'; repeat it for more")
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
          "how pixel values are scaled: tf, torch, caffe, z-score (default), minmax, grayscale, none")
  private Standardize standardize;

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
      description = "images per pass, which bounds memory (default: ${DEFAULT-VALUE})")
  private int batchSize;

  @Option(names = "--raw", description = "write maps before normalisation; needs --format npy")
  private boolean raw;

  @Override
  public Integer call() {
    XAIMethodRegistry registry = new XAIMethodRegistry();
    // A wrong key or option ends the run before anything is read.
    for (String method : methods) {
      MethodOptions.parse(profile, registry.get(method).options(), options);
    }
    Map<String, Path> files = ImageFiles.find(images);
    if (files.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "there is no image below " + images + "; give png, jpeg or npy files");
    }
    DataGenerator generator = generator(files);
    PrintWriter err = spec.commandLine().getErr();
    int written = 0;
    Map<String, Failure> failures = new LinkedHashMap<>();
    try (ExplainableModel loaded = model.load()) {
      for (String method : methods) {
        DecoderResult result = decoder(loaded, generator, registry, method).decode();
        written += result.files().size();
        for (Failure failure : result.failures()) {
          if (failures.putIfAbsent(failure.sample(), failure) == null) {
            err.println(
                "failed: "
                    + Printable.of(failure.sample())
                    + ": "
                    + Printable.of(failure.reason()));
          }
        }
        for (Warning warning : result.warnings()) {
          err.printf(
              Locale.ROOT,
              "warning: %s, class %d, %s: %s%n",
              Printable.of(warning.sample()),
              warning.classIndex(),
              method,
              warning.status().description());
        }
      }
    }
    spec.commandLine()
        .getOut()
        .printf(
            Locale.ROOT,
            "%d of %d images explained, %d maps written to %s%n",
            files.size() - failures.size(),
            files.size(),
            written,
            Printable.of(output));
    return failures.isEmpty() ? 0 : AucmediXai.SOME_FAILED;
  }

  private DataGenerator generator(Map<String, Path> files) {
    DataGenerator.Builder builder =
        DataGenerator.builder()
            .optStandardize(standardize)
            .optGrayscale(grayscale)
            .optBatchSize(batchSize);
    files.forEach(builder::addSample);
    if (resize != null) {
      builder.optResize(resize.axes());
    }
    return builder.build();
  }

  private XAIDecoder decoder(
      ExplainableModel loaded, DataGenerator generator, XAIMethodRegistry registry, String method) {
    return XAIDecoder.builder()
        .setModel(loaded)
        .setGenerator(generator)
        .optRegistry(registry)
        .optMethod(method)
        .optLayerName(layer)
        .optProfile(profile)
        .optOptions(options)
        .optClasses(classes)
        .optOutput(
            methods.size() == 1 ? output : output.resolve(method.toLowerCase(Locale.ROOT)), format)
        .optOverlay(!noOverlay)
        .optAlpha(alpha)
        .optEps(eps)
        .optRaw(raw)
        .optResizeMaps(!noResize)
        .build();
  }

  /** Reads {@code --class}. */
  private static final class ClassConverter implements ITypeConverter<ClassChoice> {

    @Override
    public ClassChoice convert(String value) {
      return switch (value.toLowerCase(Locale.ROOT)) {
        case "argmax" -> ClassChoice.argmax();
        case "all" -> ClassChoice.all();
        default -> {
          if (!value.matches("\\d{1,9}(,\\d{1,9})*")) {
            throw new TypeConversionException(
                "'"
                    + value
                    + "' is neither argmax nor all nor a list of class indices such as 0,2");
          }
          yield convertList(value);
        }
      };
    }

    private static ClassChoice convertList(String value) {
      try {
        return ClassChoice.of(
            Arrays.stream(value.split(",")).mapToInt(Integer::parseInt).toArray());
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
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

  /** Reads {@code --standardize}. */
  private static final class StandardizeConverter implements ITypeConverter<Standardize> {

    @Override
    public Standardize convert(String value) {
      try {
        return Standardize.of(value);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}
