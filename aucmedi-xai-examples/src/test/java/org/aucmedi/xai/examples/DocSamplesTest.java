package org.aucmedi.xai.examples;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.Criteria;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.aucmedi.xai.Explainer;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.array.Colormap;
import org.aucmedi.xai.array.DisplayWindow;
import org.aucmedi.xai.decoder.DataGenerator;
import org.aucmedi.xai.decoder.DecoderResult;
import org.aucmedi.xai.decoder.OutputFormat;
import org.aucmedi.xai.decoder.XAIDecoder;
import org.aucmedi.xai.decoder.automl.AucmediModel;
import org.aucmedi.xai.imaging.Standardize;
import org.aucmedi.xai.methods.cam.GradCam;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.report.ReportPage;
import org.aucmedi.xai.report.ReportPictures;
import org.junit.jupiter.api.Test;

/** The Java of README and docs, which compiles as it stands there. */
final class DocSamplesTest {

  /** AUCMEDI's model folder. */
  @SuppressWarnings("unused") // compiled, and compared with the page
  private static void folder() {
    // begin
    try (AucmediModel model = AucmediModel.load(Path.of("model"))) {
      DataGenerator images =
          model.generator().addSamples(Path.of("test"), List.of("a.png", "b.png")).build();
      model.predict(images).predictions().write(Path.of("preds.csv"));
      XAIDecoder.builder()
          .setModel(model.explainable())
          .setGenerator(images)
          .optMethod("gradcam")
          .optAlpha(AucmediModel.ALPHA)
          .optOutput(Path.of("xai"), OutputFormat.PNG)
          .build()
          .decode();
    }
    // end
  }

  /** A converted file, without anything of this project. */
  @SuppressWarnings("unused") // compiled, and compared with the page
  private static void serve(float[] pixels) throws Exception {
    // begin
    Criteria<NDList, NDList> criteria =
        Criteria.builder()
            .setTypes(NDList.class, NDList.class)
            .optModelPath(Path.of("model.pt"))
            .optEngine("PyTorch")
            .build();
    try (var model = criteria.loadModel();
        var predictor = model.newPredictor();
        var manager = model.getNDManager().newSubManager()) {
      NDArray image = manager.create(pixels, new Shape(1, 224, 224, 3)); // standardised
      float[] classes = predictor.predict(new NDList(image)).singletonOrThrow().toFloatArray();
    }
    // end
  }

  /** A model from DJL, with its translator. */
  @SuppressWarnings("unused") // compiled, and compared with the page
  private static void explainer(Criteria<Image, Classifications> criteria) throws Exception {
    // begin
    try (var explainer =
        Explainer.of(criteria.loadModel(), GradCam.builder().optProfile(Profile.PAPER))) {
      Image image = ImageFactory.getInstance().fromFile(Path.of("photo.png"));
      Heatmap map = explainer.explain(image); // of the predicted class
      ImageIO.write(map.overlayOn(image, Colormap.JET, 0.4f), "png", new File("overlay.png"));
    }
    // end
  }

  /** A folder of images, as with AUCMEDI's xai_decoder. */
  @SuppressWarnings("unused") // compiled, and compared with the page
  private static void decoder() {
    // begin
    try (ExplainableModel model = ExplainableModel.load(Path.of("model.pt"))) {
      DataGenerator generator =
          DataGenerator.builder()
              .addSamples(Path.of("photos"), List.of("a.png", "b.png"))
              .optStandardize(Standardize.TF)
              .optResize(224, 224)
              .build();
      DecoderResult result =
          XAIDecoder.builder()
              .setModel(model)
              .setGenerator(generator)
              .optMethod("saliency")
              .optOutput(Path.of("out"), OutputFormat.PNG)
              .build()
              .decode();
    }
    // end
  }

  /** A pipeline of AUCMEDI. */
  @SuppressWarnings("unused") // compiled, and compared with the page
  private static void pipeline() {
    // begin
    try (ExplainableModel model = ExplainableModel.load(Path.of("model.keras"))) {
      DataGenerator images =
          DataGenerator.builder()
              .addSamples(Path.of("test"), List.of("a.png", "b.png"))
              .optResize(224, 224)
              .optStandardize(Standardize.TORCH)
              .build();
      XAIDecoder.builder()
          .setModel(model)
          .setGenerator(images)
          .optMethod("gradcam")
          .optOutput(Path.of("xai"), OutputFormat.PNG)
          .build()
          .decode();
    }
    // end
  }

  /** A method of one's own. */
  @SuppressWarnings("unused") // compiled, and compared with the page
  private static void ownMethod() {
    // begin
    XAIMethodRegistry registry = new XAIMethodRegistry();
    registry.register("brightness", (model, layer, options) -> new Brightness(model));
    XAIDecoder.Builder decoder = XAIDecoder.builder().optRegistry(registry).optMethod("brightness");
    // end
  }

  /** A report. */
  @SuppressWarnings("unused") // compiled, and compared with the page
  private static void report(
      ExplainableModel model, DataGenerator generator, List<Path> images, Path out) {
    // begin
    ReportPictures pictures = ReportPictures.open(out, DisplayWindow.AUTO, images);
    XAIDecoder.builder()
        .setModel(model)
        .setGenerator(generator)
        .optMethod("gradcam")
        .optOutput(out, OutputFormat.NPY)
        .optSink(pictures.sink("gradcam"))
        .build()
        .decode();
    ReportPage.Written page = ReportPage.write(out); // needs manifest.json and samples.jsonl
    // end
  }

  @Test
  void pages_javaSamples_areThoseThatCompile() throws IOException {
    Set<String> compiled = new TreeSet<>();
    try (Stream<Path> sources = Files.list(Path.of("src/test/java/org/aucmedi/xai/examples"))) {
      for (Path source : sources.filter(Files::isRegularFile).toList()) {
        compiled.addAll(blocks(source, "// begin", "// end"));
      }
    }
    Set<String> shown = new TreeSet<>();
    for (Path page : pages()) {
      // What the page of the examples shows is compared with the lessons, by their own test.
      if (page.endsWith("docs/examples.md")) {
        continue;
      }
      shown.addAll(blocks(page, "```java", "```"));
    }
    assertThat(shown).hasSizeGreaterThan(6).isEqualTo(compiled);
  }

  @Test
  void readme_javaSample_isTwelveLinesAtMost() throws IOException {
    List<String> shown = blocks(DocTable.ROOT.resolve("README.md"), "```java", "```");
    assertThat(shown).isNotEmpty();
    assertThat(shown.get(0).lines()).hasSizeLessThanOrEqualTo(12);
  }

  /** Every page in Markdown: those of the root, of docs, and of the modules. */
  private static List<Path> pages() throws IOException {
    try (Stream<Path> files = Files.walk(DocTable.ROOT)) {
      return files
          .filter(file -> file.toString().endsWith(".md"))
          .filter(file -> !file.toString().matches(".*/(target|\\.git|node_modules)/.*"))
          .toList();
    }
  }

  /** The lines between two markers, without the indentation of the first of these. */
  private static List<String> blocks(Path file, String begin, String end) throws IOException {
    List<String> blocks = new ArrayList<>();
    List<String> block = null;
    int indent = 0;
    for (String line : Files.readAllLines(file)) {
      if (line.strip().equals(begin)) {
        block = new ArrayList<>();
        indent = line.indexOf(begin);
      } else if (block != null && line.strip().equals(end)) {
        blocks.add(String.join("\n", block));
        block = null;
      } else if (block != null) {
        block.add(line.substring(Math.min(indent, line.length())));
      }
    }
    return blocks;
  }
}
