package org.aucmedi.xai.examples;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.google.common.collect.Lists;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.MethodDescription;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.cli.Printable;
import org.aucmedi.xai.cli.Subcommand;
import org.aucmedi.xai.imaging.OutputFolder;
import org.aucmedi.xai.methods.gradient.IntegratedGradients;
import org.aucmedi.xai.methods.perturbation.MeaningfulPerturbation;
import org.aucmedi.xai.methods.perturbation.OcclusionSensitivity;
import org.aucmedi.xai.methods.perturbation.Patch;
import org.aucmedi.xai.methods.perturbation.Rise;
import org.aucmedi.xai.methods.perturbation.Stride;
import org.aucmedi.xai.methods.segmentation.SegmentationChoice;
import org.aucmedi.xai.model.ExplainableModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Trains a classifier on drawn cells, explains it, and checks whether the maps find the lesions.
 *
 * <p>The steps to copy are in {@link #explain}: make the trained DJL model explainable, take a
 * method from the registry, and compute the heatmaps of a batch.
 */
@Command(
    name = "quickstart",
    description =
        "Trains a small network on drawn cells with and without a lesion, explains it with"
            + " several methods, and draws the result.",
    mixinStandardHelpOptions = true)
public final class Quickstart implements Subcommand {

  /** Held-out images are numbered far behind the ones that the network learns from. */
  static final int FIRST_HELD_OUT = 1_000_000;

  @Spec private CommandSpec spec;

  @Option(
      names = "--output",
      defaultValue = "quickstart",
      paramLabel = "DIR",
      description = "where the pictures go (default: ${DEFAULT-VALUE})")
  private Path output;

  @Option(
      names = "--seed",
      defaultValue = "7",
      paramLabel = "N",
      description = "draws other cells and weights (default: ${DEFAULT-VALUE})")
  private long seed;

  @Option(
      names = "--images",
      defaultValue = "50",
      paramLabel = "N",
      description = "held-out images to explain (default: ${DEFAULT-VALUE})")
  private int images;

  @Option(
      names = "--method",
      split = ",",
      defaultValue = "gradcam,saliency,integratedgradients,occlusionsensitivity",
      paramLabel = "KEY",
      description = "the methods that explain, see 'methods' (default: ${DEFAULT-VALUE})")
  private List<String> methods;

  @Option(
      names = "--profile",
      defaultValue = "PAPER",
      paramLabel = "aucmedi|paper",
      description = "whose defaults they have (default: ${DEFAULT-VALUE})")
  private Profile profile;

  /** Constructs the command; picocli fills the options. */
  public Quickstart() {}

  @Override
  public Integer call() throws IOException {
    if (images < 1) {
      throw new IllegalArgumentException("--images must be at least 1, got " + images);
    }
    // A wrong key ends the run before anything is trained.
    XAIMethodRegistry registry = new XAIMethodRegistry();
    List<XAIMethodProvider<?>> chosen =
        methods.stream().<XAIMethodProvider<?>>map(registry::get).toList();
    // So does a folder that cannot be written to.
    OutputFolder folder = OutputFolder.open(output, List.of());
    PrintWriter out = spec.commandLine().getOut();
    List<CellImages.Sample> heldOut =
        IntStream.range(FIRST_HELD_OUT, FIRST_HELD_OUT + images)
            .mapToObj(i -> CellImages.draw(seed, i))
            .toList();
    try (Model trained = train(seed);
        ExplainableModel model = ExplainableModel.of(trained)) {
      float[][] logits = predict(model, heldOut);
      out.printf(
          Locale.ROOT,
          "accuracy on %d held-out images: %.1f %%%n",
          images,
          accuracy(heldOut, logits));
      List<Maps> all = new ArrayList<>();
      LesionReport report = new LesionReport(heldOut, logits, folder);
      for (XAIMethodProvider<?> method : chosen) {
        Maps maps = explain(model, method, options(method, profile), heldOut);
        all.add(maps);
        out.println(report.peaks(maps));
      }
      report.writeOverlays(all);
      out.println("contact sheet: " + Printable.of(report.writeSheet(all).toAbsolutePath()));
    }
    return 0;
  }

  /**
   * The profile's defaults, but for fewer steps and masks, and patches, superpixels and cells of a
   * lesion's size.
   */
  static MethodOptions options(XAIMethodProvider<?> method, Profile profile) {
    MethodOptions options = MethodOptions.of(profile);
    List<MethodOption<?>> known = method.description().options();
    if (known.contains(OcclusionSensitivity.PATCH)) {
      options =
          options
              .with(OcclusionSensitivity.PATCH, new Patch(8))
              .with(OcclusionSensitivity.STRIDE, Stride.of(4));
    }
    if (method.equals(MeaningfulPerturbation.PROVIDER)) {
      options = options.with(MeaningfulPerturbation.CELLS, new Patch(8));
    } else if (known.contains(IntegratedGradients.STEPS)) {
      options = options.with(IntegratedGradients.STEPS, 20);
    }
    if (known.contains(SegmentationChoice.KERNEL_SIZE)) {
      options = options.with(SegmentationChoice.KERNEL_SIZE, 2.0);
    }
    if (method.equals(Rise.PROVIDER)) {
      options = options.with(Rise.SAMPLES, 1000);
    }
    return options;
  }

  /**
   * The maps of a method.
   *
   * @param name the method's name
   * @param key its key, in lower case
   * @param heatmaps one for each image, in the image's size
   */
  record Maps(String name, String key, List<Heatmap> heatmaps) {

    float[] values(int image) {
      return heatmaps.get(image).values();
    }
  }

  /** Trains a network and shows how far it is. */
  static Model train(long seed) {
    // Training goes through DJL's default engine, which would be MXNet.
    System.setProperty("ai.djl.default_engine", "PyTorch");
    ProgressBarBuilder bar =
        new ProgressBarBuilder()
            .setTaskName("training")
            .setInitialMax(LesionClassifier.steps())
            .setStyle(ProgressBarStyle.ASCII);
    try (ProgressBar progress = bar.build()) {
      return LesionClassifier.train(seed, progress::stepTo);
    }
  }

  /** The three steps of an explanation: a model, a method, and the heatmaps of a batch. */
  static Maps explain(
      ExplainableModel model,
      XAIMethodProvider<?> provider,
      MethodOptions options,
      List<CellImages.Sample> samples) {
    XAIMethodBase method = provider.create(model, null, options);
    List<Heatmap> maps = new ArrayList<>();
    for (List<CellImages.Sample> part : Lists.partition(samples, LesionClassifier.BATCH_SIZE)) {
      try (NDManager manager = model.newManager()) {
        NDArray batch = LesionClassifier.images(manager, part);
        for (List<Heatmap> image : method.explain(batch, Target.argmax())) {
          // A class activation map has the size of the layer it was computed at.
          maps.add(image.get(0).resizedTo(CellImages.SIZE, CellImages.SIZE));
        }
      }
    }
    MethodDescription description = provider.description();
    return new Maps(description.name(), description.keys().get(0).toLowerCase(Locale.ROOT), maps);
  }

  static float[][] predict(ExplainableModel model, List<CellImages.Sample> samples) {
    float[][] logits = new float[samples.size()][];
    for (int n = 0; n < logits.length; n++) {
      try (NDManager manager = model.newManager()) {
        logits[n] = model.outputs(LesionClassifier.images(manager, samples.subList(n, n + 1)))[0];
      }
    }
    return logits;
  }

  static int predictedClass(float[] logits) {
    return logits[1] > logits[0] ? 1 : 0;
  }

  private static double accuracy(List<CellImages.Sample> samples, float[][] logits) {
    long right =
        IntStream.range(0, samples.size())
            .filter(n -> (predictedClass(logits[n]) == 1) == samples.get(n).hasLesion())
            .count();
    return 100.0 * right / samples.size();
  }
}
