package org.aucmedi.xai.examples;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.decoder.image.ImageArray;
import org.aucmedi.xai.decoder.image.ImageWriter;
import org.aucmedi.xai.decoder.image.Overlay;
import org.aucmedi.xai.decoder.image.SampleType;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.spi.XAIMethodProvider;
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
        "Trains a small network on drawn cells with and without a lesion, explains it with every"
            + " method, and draws the result.",
    mixinStandardHelpOptions = true)
public final class Quickstart implements Callable<Integer> {

  /** Held-out images are numbered far behind the ones that the network learns from. */
  private static final int FIRST_HELD_OUT = 1_000_000;

  private static final float ALPHA = 0.4f;

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
      defaultValue = "100",
      paramLabel = "N",
      description = "held-out images to explain (default: ${DEFAULT-VALUE})")
  private int images;

  /** Constructs the command; picocli fills the options. */
  public Quickstart() {}

  @Override
  public Integer call() throws IOException {
    // Training goes through DJL's default engine, which would be MXNet.
    System.setProperty("ai.djl.default_engine", "PyTorch");
    if (images < 1) {
      throw new IllegalArgumentException("--images must be at least 1, got " + images);
    }
    PrintWriter out = spec.commandLine().getOut();
    List<CellImages.Sample> heldOut =
        IntStream.range(FIRST_HELD_OUT, FIRST_HELD_OUT + images)
            .mapToObj(i -> CellImages.draw(seed, i))
            .toList();
    try (Model trained = train();
        ExplainableModel model = ExplainableModel.of(trained)) {
      float[][] logits = predict(model, heldOut);
      out.printf(
          Locale.ROOT,
          "accuracy on %d held-out images: %.1f %%%n",
          images,
          accuracy(heldOut, logits));
      List<Maps> all = new ArrayList<>();
      XAIMethodRegistry registry = new XAIMethodRegistry();
      for (XAIMethodProvider method : List.of(registry.get("saliency"))) {
        Maps maps = explain(model, method, heldOut, logits);
        all.add(maps);
        report(out, maps, heldOut, logits);
      }
      draw(out, heldOut, logits, all);
    }
    return 0;
  }

  /**
   * The maps of a method.
   *
   * @param name the method's name
   * @param key its key
   * @param values a map for each image
   */
  private record Maps(String name, String key, List<float[]> values) {

    int peak(int image) {
      float[] map = values.get(image);
      int peak = 0;
      for (int i = 1; i < map.length; i++) {
        if (map[i] > map[peak]) {
          peak = i;
        }
      }
      return peak;
    }
  }

  private Model train() {
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
  private static Maps explain(
      ExplainableModel model,
      XAIMethodProvider provider,
      List<CellImages.Sample> samples,
      float[][] logits) {
    XAIMethodBase method = provider.create(model, null);
    List<float[]> maps = new ArrayList<>();
    int batchSize = LesionClassifier.BATCH_SIZE;
    for (int start = 0; start < samples.size(); start += batchSize) {
      int end = Math.min(samples.size(), start + batchSize);
      int[] predicted = IntStream.range(start, end).map(n -> predictedClass(logits[n])).toArray();
      try (NDManager manager = model.newManager()) {
        float[] values =
            method
                .computeHeatmaps(
                    LesionClassifier.images(manager, samples.subList(start, end)),
                    Target.perImage(predicted),
                    XAIMethodBase.DEFAULT_EPS)
                .toFloatArray();
        int size = values.length / predicted.length;
        for (int n = 0; n < predicted.length; n++) {
          maps.add(Arrays.copyOfRange(values, n * size, (n + 1) * size));
        }
      }
    }
    return new Maps(provider.name(), provider.keys().get(0), maps);
  }

  private static float[][] predict(ExplainableModel model, List<CellImages.Sample> samples) {
    float[][] logits = new float[samples.size()][2];
    for (int n = 0; n < logits.length; n++) {
      try (NDManager manager = model.newManager()) {
        logits[n] =
            model
                .predict(LesionClassifier.images(manager, samples.subList(n, n + 1)))
                .toFloatArray();
      }
    }
    return logits;
  }

  private static int predictedClass(float[] logits) {
    return logits[1] > logits[0] ? 1 : 0;
  }

  private static double lesionProbability(float[] logits) {
    return 1 / (1 + Math.exp(logits[0] - logits[1]));
  }

  private static double accuracy(List<CellImages.Sample> samples, float[][] logits) {
    long right =
        IntStream.range(0, samples.size())
            .filter(n -> (predictedClass(logits[n]) == 1) == samples.get(n).hasLesion())
            .count();
    return 100.0 * right / samples.size();
  }

  /** Counts only cells that have a lesion and are recognised: the others have nothing to find. */
  private static void report(
      PrintWriter out, Maps maps, List<CellImages.Sample> samples, float[][] logits) {
    int[] found =
        IntStream.range(0, samples.size())
            .filter(n -> samples.get(n).hasLesion() && predictedClass(logits[n]) == 1)
            .toArray();
    long hits = IntStream.of(found).filter(n -> samples.get(n).mask()[maps.peak(n)]).count();
    double chance =
        IntStream.of(found).mapToDouble(n -> share(samples.get(n).mask())).average().orElse(0);
    out.printf(
        Locale.ROOT,
        "%s: the peak lies inside the lesion in %d of %d images (%.1f %%; chance %.1f %%)%n",
        maps.name(),
        hits,
        found.length,
        100.0 * hits / Math.max(1, found.length),
        100 * chance);
  }

  private static double share(boolean[] mask) {
    int inside = 0;
    for (boolean value : mask) {
      inside += value ? 1 : 0;
    }
    return (double) inside / mask.length;
  }

  private void draw(
      PrintWriter out, List<CellImages.Sample> samples, float[][] logits, List<Maps> all)
      throws IOException {
    Files.createDirectories(output);
    List<String> columns = new ArrayList<>(List.of("image", "true lesion"));
    for (Maps maps : all) {
      columns.add(maps.name());
      columns.add("overlay");
    }
    List<ContactSheet.Row> rows = new ArrayList<>();
    for (int n = 0; n < samples.size(); n++) {
      CellImages.Sample sample = samples.get(n);
      ImageArray image =
          ImageArray.of(
              new int[] {CellImages.SIZE, CellImages.SIZE}, 3, sample.pixels(), SampleType.UINT8);
      List<BufferedImage> tiles =
          new ArrayList<>(List.of(Pictures.plain(image), Pictures.outlined(image, sample.mask())));
      String verdicts = "";
      for (Maps maps : all) {
        float[] map = maps.values().get(n);
        BufferedImage overlay = Overlay.blend(image, map, ALPHA);
        ImageWriter.write(overlay, output.resolve("cell_%03d.%s.png".formatted(n, maps.key())));
        tiles.add(Pictures.jet(map, CellImages.SIZE));
        tiles.add(overlay);
        if (sample.hasLesion()) {
          verdicts +=
              (sample.mask()[maps.peak(n)] ? "peak inside: " : "peak outside: ") + maps.key();
        }
      }
      // Three cells with a lesion for each healthy one.
      if (rows.size() < 8 && (rows.size() % 4 == 3) != sample.hasLesion()) {
        rows.add(new ContactSheet.Row(caption(n, sample, logits[n], verdicts), tiles));
      }
    }
    Path sheet = output.resolve("contact-sheet.png");
    ImageWriter.write(
        ContactSheet.draw("AUCMEDI-XAI quickstart: where did the classifier look?", columns, rows),
        sheet);
    out.println("contact sheet: " + sheet.toAbsolutePath());
  }

  private static List<String> caption(
      int n, CellImages.Sample sample, float[] logits, String verdicts) {
    return List.of(
        "cell " + n + ": " + (sample.hasLesion() ? "lesion" : "healthy"),
        "predicted: " + (predictedClass(logits) == 1 ? "lesion" : "healthy"),
        String.format(Locale.ROOT, "P(lesion) = %.3f", lesionProbability(logits)),
        verdicts);
  }
}
