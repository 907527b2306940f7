package org.aucmedi.xai.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.decoder.DataGenerator;
import org.aucmedi.xai.decoder.InputBatch;
import org.aucmedi.xai.imaging.Standardize;
import org.aucmedi.xai.methods.gradient.IntegratedGradients;
import org.aucmedi.xai.metrics.ModelRandomisation;
import org.aucmedi.xai.metrics.RankCorrelation;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.RandomisedCopies;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.aucmedi.xai.testkit.Golden;
import org.aucmedi.xai.testkit.GoldenBlocks;
import org.junit.jupiter.api.Test;

/**
 * A map that explains a network must change when the network forgets what it has learnt: the
 * cascading randomisation of J. Adebayo et al., <a href="https://arxiv.org/abs/1810.03292">Sanity
 * Checks for Saliency Maps</a>, 2018.
 */
final class RandomisationIT {

  private static final List<String> METHODS =
      List.of(
          "gradcam",
          "gradcam++",
          "saliency",
          "integratedgradients",
          "guidedbackprop",
          "guidedgradcam");

  private static final int DRAWS = 3;

  @Test
  void maps_bloodCellNetworkForgets_changeAsThePageSays() throws IOException {
    Path folder = Golden.file("bccd");
    List<AnnotatedImage> all = AnnotatedImage.read(folder.resolve("boxes.json"));
    List<String> names =
        IntStream.range(0, all.size())
            .filter(i -> i % 6 == 0)
            .mapToObj(i -> all.get(i).file())
            .toList();
    DataGenerator images =
        DataGenerator.builder().addSamples(folder, names).optStandardize(Standardize.TF).build();
    List<float[]> pixels =
        IntStream.range(0, names.size())
            .mapToObj(i -> images.load(i).input().toChannelsFirst())
            .toList();
    Map<String, double[]> measured;
    try (Model model = GoldenBlocks.model("vanilla2d", "PyTorch")) {
      measured = cascade(model, pixels, METHODS);
    }

    Map<String, double[]> recorded = recorded(measured);
    assertThat(recorded.keySet()).isEqualTo(measured.keySet());
    measured.forEach(
        (method, means) ->
            assertThat(recorded.get(method))
                .as(method)
                .usingComparatorWithPrecision(0.08)
                .containsExactly(means));

    assertThat(measured.get("Grad-CAM")[2]).isLessThan(0.5);
    assertThat(measured.get("Saliency map")[2]).isLessThan(0.5);
    assertThat(measured.get("Guided backpropagation")[2]).isGreaterThan(0.7);
    for (String method :
        List.of("Grad-CAM", "Grad-CAM++", "Saliency map", "Integrated gradients")) {
      assertThat(measured.get(method)[6]).as(method).isLessThan(0.25);
    }
  }

  @Test
  void maps_torchScriptFileForgets_changeAsThePageSays() throws IOException {
    Path folder = Golden.file("bccd");
    Path file = Golden.file("models/vanilla2d_traced.pt");
    byte[] before = Files.readAllBytes(file);
    List<String> names =
        AnnotatedImage.read(folder.resolve("boxes.json")).stream()
            .map(AnnotatedImage::file)
            .limit(6)
            .toList();
    DataGenerator images =
        DataGenerator.builder().addSamples(folder, names).optStandardize(Standardize.TF).build();
    try (ExplainableModel learnt = ExplainableModel.load(file);
        RandomisedCopies copies = RandomisedCopies.of(file, LoadOptions.NONE);
        ExplainableModel cascading = copies.load(List.of("fc", "preds"), 1);
        ExplainableModel independent = copies.load(List.of("features.9"), 1);
        NDManager manager = learnt.newManager()) {
      NDArray batch =
          InputBatch.of(
              manager,
              learnt.channelLayout(),
              IntStream.range(0, names.size()).mapToObj(i -> images.load(i).input()).toList());
      Target predicted = Target.perImage(predictedClasses(learnt, batch));
      assertThat(copies.layers()).hasSize(6).endsWith("features.9", "fc", "preds");
      // What comes before a random layer stays to the bit.
      assertThat(activations(cascading, batch, "features.9"))
          .isEqualTo(activations(learnt, batch, "features.9"));
      assertThat(activations(independent, batch, "features.6"))
          .isEqualTo(activations(learnt, batch, "features.6"));
      assertThat(activations(independent, batch, "features.9"))
          .isNotEqualTo(activations(learnt, batch, "features.9"));

      // The first layer's activations change with that layer alone, or when all are random.
      Function<ExplainableModel, List<float[]>> first =
          model -> List.of(activations(model, batch, "features.0"));
      double[] alone = ModelRandomisation.independent(copies, 1, first);
      assertThat(alone).hasSize(7).startsWith(1, 1, 1, 1, 1, 1);
      assertThat(alone[6]).isLessThan(0.9);
      assertThat(ModelRandomisation.cascade(copies, 1, first)).isEqualTo(alone);
      Function<ExplainableModel, List<float[]>> outputs =
          model -> List.of(model.predict(batch).toFloatArray());
      assertThat(ModelRandomisation.independent(copies, 1, outputs)[6]).isLessThan(0.99);

      assertThat(alike(learnt, cascading, "gradcam", batch, predicted)).isLessThan(0.6);
      assertThat(alike(learnt, cascading, "saliency", batch, predicted)).isLessThan(0.6);
      assertThat(alike(learnt, cascading, "guidedbackprop", batch, predicted)).isGreaterThan(0.7);
    }
    assertThat(file).hasBinaryContent(before);
  }

  private static float[] activations(ExplainableModel model, NDArray batch, String layer) {
    return model.layerActivations(batch, layer).toFloatArray();
  }

  private static double alike(
      ExplainableModel learnt,
      ExplainableModel random,
      String key,
      NDArray batch,
      Target predicted) {
    XAIMethodProvider<?> method = new XAIMethodRegistry().get(key);
    List<float[]> before = maps(learnt, method, batch, predicted);
    List<float[]> after = maps(random, method, batch, predicted);
    return IntStream.range(0, before.size())
        .mapToDouble(n -> RankCorrelation.ofMagnitudes(before.get(n), after.get(n)))
        .average()
        .orElseThrow();
  }

  @Test
  void copies_otherLayerOrEngine_areRefused() throws IOException {
    try (RandomisedCopies copies =
        RandomisedCopies.of(Golden.file("models/vanilla2d_traced.pt"), LoadOptions.NONE)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> copies.load(List.of("head"), 1))
          .withMessageContaining("'head'")
          .withMessageContaining("preds");
    }
    Path saved = Golden.file("models/vanilla2d_savedmodel");
    assertThatExceptionOfType(UnsupportedModelException.class)
        .isThrownBy(() -> RandomisedCopies.of(saved, LoadOptions.NONE))
        .withMessageContaining("TensorFlow has no way to");
    // Compiled to TorchScript, an ONNX file has weights that can be replaced.
    try (RandomisedCopies copies =
        RandomisedCopies.of(Golden.file("models/vanilla2d.onnx"), LoadOptions.NONE)) {
      assertThat(copies.layers()).isNotEmpty();
    }
  }

  @Test
  void maps_lesionNetworkForgets_change() {
    try (Model model = LesionClassifier.train(7, step -> {})) {
      List<float[]> pixels;
      try (NDManager manager = model.getNDManager().newSubManager()) {
        pixels =
            IntStream.range(0, 8)
                .mapToObj(i -> List.of(CellImages.draw(7, 1_000_001 + 2 * i)))
                .map(cell -> LesionClassifier.images(manager, cell).toFloatArray())
                .toList();
      }
      Map<String, double[]> measured = cascade(model, pixels, List.of("gradcam", "saliency"));

      assertThat(measured).hasSize(2);
      measured.forEach(
          (method, means) -> assertThat(means[means.length - 1]).as(method).isLessThan(0.6));
    }
  }

  /**
   * Measures how alike maps are before and after.
   *
   * @return for each method the mean correlation with 0, 1, ... all layers randomised
   */
  private static Map<String, double[]> cascade(
      Model model, List<float[]> pixels, List<String> keys) {
    Map<String, double[]> means = new LinkedHashMap<>();
    try (ExplainableModel explainable = ExplainableModel.of(model);
        NDManager manager = explainable.newManager()) {
      int side = CellImages.SIZE;
      NDArray batch = manager.create(new Shape(pixels.size(), 3, side, side));
      FloatBuffer values = FloatBuffer.allocate((int) batch.size());
      pixels.forEach(values::put);
      batch.set(values.flip());
      Target predicted = Target.perImage(predictedClasses(explainable, batch));
      for (String key : keys) {
        XAIMethodProvider<?> method = new XAIMethodRegistry().get(key);
        double[] mean =
            ModelRandomisation.cascade(
                model.getBlock(), DRAWS, () -> maps(explainable, method, batch, predicted));
        assertThat(mean[0]).as(key + " without change").isGreaterThan(0.999);
        means.put(method.description().name(), mean);
      }
    }
    return means;
  }

  private static int[] predictedClasses(ExplainableModel model, NDArray batch) {
    return Arrays.stream(model.predict(batch).argMax(1).toLongArray())
        .mapToInt(Math::toIntExact)
        .toArray();
  }

  private static List<float[]> maps(
      ExplainableModel model, XAIMethodProvider<?> method, NDArray batch, Target target) {
    MethodOptions options = MethodOptions.of(Profile.AUCMEDI);
    if (method.description().options().contains(IntegratedGradients.STEPS)) {
      options = options.with(IntegratedGradients.STEPS, 16);
    }
    return method.create(model, null, options).explainRaw(batch, target).stream()
        .map(image -> image.get(0).values())
        .toList();
  }

  private static Map<String, double[]> recorded(Map<String, double[]> measured) throws IOException {
    String head = "| method | no layer | preds | dense | conv2d_3 | conv2d_2 | conv2d_1 | conv2d |";
    StringBuilder table = new StringBuilder(head).append("\n|---").append("|---".repeat(7));
    table.append("|\n");
    measured.forEach(
        (method, means) ->
            table
                .append(
                    Arrays.stream(means)
                        .mapToObj(mean -> String.format(Locale.ROOT, "%.2f", mean))
                        .collect(Collectors.joining(" | ", "| " + method + " | ", " |")))
                .append("\n"));
    return new DocTable("methods.md", "randomisation")
        .writtenOr(table.toString())
        .lines()
        .skip(2)
        .map(line -> line.split(" *\\| *", -1))
        .collect(
            Collectors.toMap(
                cells -> cells[1],
                cells ->
                    Arrays.stream(cells, 2, cells.length - 1)
                        .mapToDouble(Double::parseDouble)
                        .toArray()));
  }
}
