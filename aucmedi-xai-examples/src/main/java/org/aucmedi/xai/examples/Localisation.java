package org.aucmedi.xai.examples;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.cli.Printable;
import org.aucmedi.xai.cli.Subcommand;
import org.aucmedi.xai.decoder.DataGenerator;
import org.aucmedi.xai.decoder.DecoderResult;
import org.aucmedi.xai.decoder.SampleResult.Explained;
import org.aucmedi.xai.decoder.SampleResult.Failed;
import org.aucmedi.xai.decoder.XAIDecoder;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.imaging.Standardize;
import org.aucmedi.xai.metrics.PointingGame;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Asks of every method whether its maps peak where the object is, by the {@link PointingGame}.
 *
 * <p>Only images that the model classifies correctly are counted: what a map of a wrong class
 * should show, no box says. Chance is the share of the image that the boxes cover.
 *
 * <p>The steps to copy are in {@link #measure}: a generator for the images, a decoder for a method,
 * and the maps in the size of the images.
 */
@Command(
    name = "localise",
    description =
        "Measures how often a method's map peaks inside a box around the object, for images that"
            + " the model recognises.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
public final class Localisation implements Subcommand {

  @Spec private CommandSpec spec;

  @Option(names = "--model", required = true, paramLabel = "PATH", description = "the model file")
  private Path modelFile;

  @Option(
      names = "--engine",
      paramLabel = "NAME",
      description = "the engine that reads the model; by default inferred from the file name")
  private @Nullable String engine;

  @Option(
      names = "--images",
      required = true,
      paramLabel = "DIR",
      description =
          "a folder of images with their boxes in boxes.json; the model's classes are its labels in"
              + " alphabetical order")
  private Path folder;

  @Option(
      names = "--method",
      split = ",",
      paramLabel = "KEY",
      description = "the methods to measure; by default all that the model can carry")
  private List<String> methods = List.of();

  @Option(
      names = "--standardize",
      defaultValue = "tf",
      paramLabel = "MODE",
      description = "how the model was trained, see 'explain' (default: ${DEFAULT-VALUE})")
  private String standardize;

  /** Constructs the command; picocli fills the options. */
  public Localisation() {}

  /**
   * What became of an image that the model recognises.
   *
   * @param label the name of its class
   * @param hit which share of the map's largest values lies in a box
   * @param chance which share of the image the boxes cover
   */
  record Score(String label, double hit, double chance) {}

  @Override
  public Integer call() {
    List<AnnotatedImage> images = AnnotatedImage.read(folder.resolve("boxes.json"));
    Standardize scaling = Standardize.of(standardize);
    XAIMethodRegistry registry = new XAIMethodRegistry();
    PrintWriter out = spec.commandLine().getOut();
    try (ExplainableModel model =
        engine == null
            ? ExplainableModel.load(modelFile)
            : ExplainableModel.load(modelFile, engine)) {
      List<XAIMethodProvider<?>> chosen =
          methods.isEmpty()
              ? registry.providers().stream()
                  .filter(
                      method -> model.capabilities().containsAll(method.description().requires()))
                  .toList()
              : methods.stream().<XAIMethodProvider<?>>map(registry::get).toList();
      List<String> classes = classes(images);
      row(out, "METHOD", "PROFILE", "ALL", classes);
      List<Score> last = List.of();
      for (XAIMethodProvider<?> method : chosen) {
        String key = method.description().keys().get(0);
        for (Profile profile : Profile.values()) {
          try {
            last = measure(model, folder, images, scaling, key, profile);
          } catch (UnsupportedModelException e) {
            // Only a pass shows some needs, such as visible attention weights.
            if (chosen.size() == 1) {
              throw e;
            }
            out.println(key + " is left out: " + Printable.of(String.valueOf(e.getMessage())));
            break;
          }
          row(
              out,
              method.description().name(),
              MethodOption.textOf(profile),
              last,
              classes,
              Score::hit);
        }
      }
      row(out, "chance", "", last, classes, Score::chance);
      out.printf("%d of %d images are recognised%n", last.size(), images.size());
    }
    return 0;
  }

  private static void row(
      PrintWriter out,
      String method,
      String profile,
      List<Score> scores,
      List<String> classes,
      ToDoubleFunction<Score> value) {
    List<String> cells =
        means(scores, classes, value).stream()
            .map(mean -> String.format(Locale.ROOT, "%.1f %%", 100 * mean))
            .toList();
    row(out, method, profile, cells.get(0), cells.subList(1, cells.size()));
  }

  private static void row(
      PrintWriter out, String method, String profile, String all, List<String> classes) {
    out.printf("%-32s %-8s %9s", method, profile, all);
    classes.forEach(cell -> out.printf(" %10s", Printable.of(cell)));
    out.println();
    out.flush();
  }

  /** Averages over all images, and over those of each class. */
  static List<Double> means(
      List<Score> scores, List<String> classes, ToDoubleFunction<Score> value) {
    List<Double> means = new ArrayList<>();
    means.add(scores.stream().mapToDouble(value).average().orElse(Double.NaN));
    for (String label : classes) {
      means.add(
          scores.stream()
              .filter(score -> score.label().equals(label))
              .mapToDouble(value)
              .average()
              .orElse(Double.NaN));
    }
    return means;
  }

  /** Names the classes in the order of the model's outputs. */
  static List<String> classes(List<AnnotatedImage> images) {
    return images.stream().map(AnnotatedImage::label).distinct().sorted().toList();
  }

  /**
   * Explains the class that the model predicts for each image, and compares with the boxes.
   *
   * @param model the model
   * @param folder where the images are
   * @param images the images and their boxes
   * @param standardize as the model was trained
   * @param method the method's key
   * @param profile whose defaults the method has
   * @return the scores of the images that the model recognises
   */
  static List<Score> measure(
      ExplainableModel model,
      Path folder,
      List<AnnotatedImage> images,
      Standardize standardize,
      String method,
      Profile profile) {
    List<String> classes = classes(images);
    DataGenerator generator =
        DataGenerator.builder()
            .addSamples(folder, images.stream().map(AnnotatedImage::file).toList())
            .optStandardize(standardize)
            .build();
    DecoderResult result =
        XAIDecoder.builder()
            .setModel(model)
            .setGenerator(generator)
            .optMethod(method)
            .optProfile(profile)
            .optTarget(Target.argmax())
            .build()
            .decode();
    if (!result.failures().isEmpty()) {
      Failed first = result.failures().get(0);
      throw new XAIException("cannot explain " + first.sample() + ": " + first.reason());
    }
    Map<String, AnnotatedImage> byFile =
        images.stream().collect(Collectors.toMap(AnnotatedImage::file, Function.identity()));
    List<Score> scores = new ArrayList<>();
    for (Explained explanation : result.explained()) {
      AnnotatedImage image = byFile.get(explanation.sample());
      Heatmap map = explanation.maps().get(0);
      if (map.classIndex() == classes.indexOf(image.label())) {
        boolean[] inside = image.inside(map.shape()[0], map.shape()[1]);
        double hit = PointingGame.score(map.values(), inside);
        scores.add(new Score(image.label(), hit, PointingGame.chance(inside)));
      }
    }
    return scores;
  }
}
