package org.aucmedi.xai.examples.lessons;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.tools.ToolProvider;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.LinearInterpolation;
import org.aucmedi.xai.array.LinearInterpolation.BorderMode;
import org.aucmedi.xai.array.Npy;
import org.aucmedi.xai.decoder.InputBatch;
import org.aucmedi.xai.imaging.ImageLoader;
import org.aucmedi.xai.imaging.Standardize;
import org.aucmedi.xai.metrics.PointingGame;
import org.aucmedi.xai.metrics.RelevanceRankAccuracy;
import org.aucmedi.xai.model.ExplainableModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the lessons on PyTorch, and compares what they find with Python and with the drawings. */
final class LessonsIT {

  private static final int TILE = 128;

  @TempDir private Path folder;

  @Test
  void portAucmediPipeline_mapAndPrediction_areAucmedis() throws Exception {
    LessonRun run = LessonRun.of(PortAucmediPipeline::main, folder);

    assertThat(run.printed()).contains("healthy.png: healthy,");
    double probability = run.number("lesion.png: lesion, probability ([\\d.]+), .* \\[8, 8\\]");
    assertThat(probability)
        .isCloseTo(LessonRun.expected("aucmedi.predictions").data()[1], within(1e-4));
    LessonRun.assertOverlay(
        picture("lesion.png"), 0, 1, LessonRun.image("lesion.png"), "aucmedi.gradcam");
    assertThat(folder.resolve("healthy.png")).exists();
  }

  @Test
  void zooModelWithTranslator_map_isPythons() throws Exception {
    LessonRun run = LessonRun.of(ZooModelWithTranslator::main, folder);

    double predicted = run.number("predicted: lesion, ([\\d.]+)");
    assertThat(run.number("explained: class 1, ([\\d.]+)")).isEqualTo(predicted);
    LessonRun.assertOverlay(
        picture("zoo-model.png"), 0, 1, LessonRun.image("lesion.png"), "cells.gradcam");
  }

  @Test
  void explainAnyModelFile_filesOfPyTorch_haveOneMap() throws Exception {
    LessonRun run = LessonRun.of(ExplainAnyModelFile::main, folder);

    for (String name : List.of("cells.pt", "cells.keras", "cells.onnx")) {
      String line = name.replace(".", "\\.") + " on PyTorch: class 1, .* map ([\\d.e-]+)";
      assertThat(run.number(line)).as(name).isLessThan(1e-4);
      LessonRun.assertOverlay(
          picture(name + ".png"), 0, 1, LessonRun.image("lesion.png"), "cells.gradcam");
    }
  }

  @Test
  void chooseALayer_lastConvolution_isPythonsMap() throws Exception {
    LessonRun run = LessonRun.of(ChooseALayer::main, folder);

    assertThat(run.printed())
        .contains("7: conv3, CONV (1, 16, 16, 16)", "PAPER chooses conv3", "AUCMEDI chooses relu3");
    BufferedImage sheet = picture("layers.png");
    assertThat(sheet.getWidth()).isEqualTo(8 * TILE);
    LessonRun.assertOverlay(sheet, 6 * TILE, 2, LessonRun.image("lesion.png"), "cells.gradcam");
  }

  @Test
  void yourOwnMethod_fromAJar_worksInTheLauncher() throws Exception {
    LessonRun.of(YourOwnMethod::main, folder);
    Path jar = jarOf("YourOwnMethod", "org.aucmedi.xai.XAIMethodCatalog", "Catalog");

    Process launcher =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                jar + File.pathSeparator + System.getProperty("java.class.path"),
                "-Dai.djl.offline=true",
                "org.aucmedi.xai.cli.Launcher",
                "explain",
                "--model",
                LessonRun.FILES.resolve("cells.pt").toString(),
                "--images",
                LessonRun.FILES.resolve("images/lesion.png").toString(),
                "--method",
                "contrast",
                "--standardize",
                "tf",
                "--format",
                "npy",
                "--output",
                folder.resolve("maps").toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();

    assertThat(launcher.waitFor()).as(Files.readString(folder.resolve("log"))).isZero();
    float[] map = Npy.read(folder.resolve("maps/lesion.npy")).data();
    assertThat(PointingGame.score(map, LessonRun.mask("lesion.lesion"))).isEqualTo(1);
    assertIsContrast(map);
  }

  /** Compares two values with what the output does if these pixels become a bit like the mean. */
  private static void assertIsContrast(float[] map) {
    int peak = 0;
    int other = -1;
    for (int i = 0; i < map.length; i++) {
      peak = map[i] > map[peak] ? i : peak;
      other = map[i] > 0.4 && map[i] < 0.6 ? i : other;
    }
    assertThat(other).isNotNegative();
    try (ExplainableModel model = ExplainableModel.load(LessonRun.FILES.resolve("cells.pt"))) {
      double atPeak = change(model, peak);
      assertThat(change(model, other) / atPeak).isCloseTo(map[other], within(0.02));
      assertThat(atPeak).isPositive();
    }
  }

  /** How fast the output falls as a pixel goes to the mean colour. */
  private static double change(ExplainableModel model, int pixel) {
    ImageArray image = Standardize.TF.apply(LessonRun.image("lesion.png"));
    double[] outputs = new double[2];
    for (int side = 0; side < 2; side++) {
      float[] moved = image.data();
      for (int c = 0; c < 3; c++) {
        double mean = 0;
        for (int i = c; i < moved.length; i += 3) {
          mean += image.values()[i] / (moved.length / 3.0);
        }
        double step = side == 0 ? -0.05 : 0.05;
        int at = pixel * 3 + c;
        moved[at] += (float) (step * (mean - image.values()[at]));
      }
      try (NDManager manager = model.newManager()) {
        ImageArray variant = ImageArray.of(image.spatialShape(), 3, moved, image.sampleType());
        NDArray batch = InputBatch.of(manager, model.channelLayout(), List.of(variant));
        outputs[side] = model.outputs(batch)[0][1];
      }
    }
    return outputs[0] - outputs[1];
  }

  /** Compiles a lesson and packs it with a services file, as the page does. */
  private Path jarOf(String lesson, String service, String provider) throws Exception {
    Path classes = Files.createDirectories(folder.resolve("mine"));
    Path source = Path.of("src/main/java/org/aucmedi/xai/examples/lessons", lesson + ".java");
    int code =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                "-proc:none",
                "-cp",
                System.getProperty("java.class.path"),
                "-d",
                classes.toString(),
                source.toString());
    assertThat(code).isZero();
    Path services = Files.createDirectories(classes.resolve("META-INF/services"));
    Files.writeString(
        services.resolve(service),
        "org.aucmedi.xai.examples.lessons." + lesson + "$" + provider + "\n");
    Path jar = folder.resolve("mine.jar");
    java.util.spi.ToolProvider packer = java.util.spi.ToolProvider.findFirst("jar").orElseThrow();
    String[] arguments = {"--create", "--file", jar.toString(), "-C", classes.toString(), "."};
    assertThat(packer.run(System.out, System.err, arguments)).isZero();
    return jar;
  }

  @Test
  void rawMap_sumAndErrors_areWhatTheyClaim() throws Exception {
    LessonRun run = LessonRun.of(RawMap::main, folder);

    double change = run.number("output ([\\d.]+)") - run.number("of grey ([\\d.]+)");
    assertThat(run.number("sum of the map ([\\d.-]+)")).isCloseTo(change, within(0.01));
    // The error of a mean falls with the root of the number of samples.
    double few = run.number("40 masks: .* standard error ([\\d.]+)");
    double many = run.number("1000 masks: .* standard error ([\\d.]+)");
    assertThat(few / many).isBetween(3.0, 8.0);
    assertThat(run.number("40 masks: .*reliability ([\\d.]+)"))
        .isLessThan(run.number("1000 masks: .*reliability ([\\d.]+)"));
    // Red, evidence for, outweighs blue on the lesion.
    assertThat(redness(picture("raw-map.png"), 0, 1, LessonRun.mask("lesion.lesion")))
        .isGreaterThan(40);
  }

  @Test
  void multiLabel_findings_areThoseDrawn() throws Exception {
    LessonRun run = LessonRun.of(MultiLabel::main, folder);

    float[] expected = LessonRun.expected("findings.probabilities").data();
    List<String> classes = List.of("lesion", "vacuole", "debris");
    for (int i = 0; i < classes.size(); i++) {
      assertThat(run.number("(?m)^" + classes.get(i) + " ([\\d.]+)"))
          .isCloseTo(expected[i], within(1e-4));
    }
    assertThat(run.printed())
        .contains("above 0.5: lesion", "above 0.5: vacuole")
        .doesNotContain("above 0.5: debris");
    BufferedImage sheet = picture("multi-label.png");
    assertThat(sheet.getWidth()).isEqualTo(3 * TILE);
    boolean[] lesion = LessonRun.mask("lesion-and-vacuole.lesion");
    boolean[] vacuole = LessonRun.mask("lesion-and-vacuole.vacuole");
    assertThat(redness(sheet, 2 * TILE, 2, lesion)).isPositive();
    assertThat(redness(sheet, 2 * TILE, 2, vacuole)).isNegative();
    assertThat(redness(sheet, 0, 2, lesion)).isGreaterThan(redness(sheet, 0, 2, vacuole));
    assertThat(redness(sheet, TILE, 2, vacuole)).isGreaterThan(redness(sheet, TILE, 2, lesion));
  }

  @Test
  void binary_noIsTheOppositeOfYes() throws Exception {
    LessonRun run = LessonRun.of(Binary::main, folder);

    double yes = run.number("yes ([\\d.]+)");
    assertThat(yes).isCloseTo(LessonRun.expected("lesion.probability").data()[0], within(1e-4));
    assertThat(run.number("no ([\\d.]+)")).isCloseTo(1 - yes, within(1.1e-4));
    assertThat(run.number("class 0: values from ([\\d.-]+)"))
        .isEqualTo(-run.number("class 1: .* to ([\\d.-]+)"))
        .isNegative();
    boolean[] lesion = LessonRun.mask("lesion.lesion");
    BufferedImage sheet = picture("binary.png");
    assertThat(redness(sheet, TILE, 2, lesion)).isGreaterThan(30);
    assertThat(redness(sheet, 0, 2, lesion)).isLessThan(-30);
  }

  @Test
  void volume_map_isPythonsOnTheVolume() throws Exception {
    LessonRun run = LessonRun.of(Volume::main, folder);

    assertThat(run.printed()).contains("same geometry: true");
    assertThat(picture("volume.png").getWidth()).isGreaterThan(100);

    ImageArray map = ImageLoader.load(folder.resolve("volume.nii.gz"), false);
    Npy.Array expected = LessonRun.expected("volume.gradcam");
    assertThat(expected.shape()).containsExactly(12, 10, 10);
    assertThat(map.geometry().spacing()).containsExactly(1, 1, 4);
    assertThat(map.spatialShape()).containsExactly(12, 40, 40);
    // Voxel 2i of the volume is voxel i of what the model saw, whose map Python's is enlarged to.
    float[] seen =
        LinearInterpolation.resize(
            expected.data(), expected.shape(), new int[] {12, 20, 20}, 1, BorderMode.ofRank(3));
    for (int i = 0; i < seen.length; i++) {
      float found = map.at(i / 400, i / 20 % 20 * 2, i % 20 * 2, 0);
      assertThat(found).as("voxel %d", i).isCloseTo(seen[i], within(1e-4f));
    }
  }

  @Test
  void compareMethods_localisation_isThatOfPythonsMap() throws Exception {
    LessonRun run = LessonRun.of(CompareMethods::main, folder);

    ImageArray image = LessonRun.image("lesion.png");
    double known =
        RelevanceRankAccuracy.score(
            LessonRun.expectedMap("cells.gradcam", image), LessonRun.mask("lesion.lesion"));
    assertThat(run.number("gradcam +([\\d.]+)")).isCloseTo(known, within(0.02));
    // Without its pixels the lesion is gone, soon after the first of 64 steps.
    assertThat(run.number("saliency +[\\d.]+ +([\\d.]+)")).isBetween(0.01, 0.3);
    assertThat(run.number("occlusionsensitivity +[\\d.]+ +([\\d.]+)")).isBetween(0.01, 0.3);
    assertThat(picture("methods.png").getWidth()).isEqualTo(5 * TILE);
  }

  @Test
  void embedInAService_answersOfAllUsers_areTheSame() throws Exception {
    assertThat(LessonRun.of(EmbedInAService::main, folder).printed())
        .contains("24 of 24 answers are the same");
    BufferedImage picture = picture("service.png");
    assertThat(redness(picture, 0, 1, LessonRun.mask("lesion.lesion"))).isPositive();
  }

  @Test
  void visionTransformer_beforeTheLastAttention_findsTheLesion() throws Exception {
    LessonRun run = LessonRun.of(VisionTransformer::main, folder);

    float expected = LessonRun.expected("vit.probabilities").data()[1];
    assertThat(run.number("norm1: output ([\\d.]+), map of \\[8, 8\\], ok"))
        .isCloseTo(expected, within(1e-4));
    assertThat(run.printed())
        .containsPattern("norm2: output .*, (zero gradient|flat)")
        .contains("blocks.1.norm1 (1, 65, 20)");
    boolean[] lesion = LessonRun.mask("lesion-and-vacuole.lesion");
    boolean[] vacuole = LessonRun.mask("lesion-and-vacuole.vacuole");
    BufferedImage sheet = picture("vision-transformer.png");
    assertThat(redness(sheet, 0, 2, lesion)).isGreaterThan(redness(sheet, 0, 2, vacuole) + 40);
  }

  @Test
  void lessons_folderOfAUser_isNotOverwritten() throws Exception {
    Path own = Files.writeString(folder.resolve("service.png"), "mine");

    assertThatThrownBy(() -> LessonRun.of(EmbedInAService::main, folder))
        .hasMessageContaining("this program did not write what is there");

    assertThat(own).hasContent("mine");
  }

  private BufferedImage picture(String name) throws IOException {
    return ImageIO.read(folder.resolve(name).toFile());
  }

  /** The mean of red minus blue in a region of a tile. */
  private static double redness(BufferedImage picture, int left, int scale, boolean[] region) {
    return Stream.iterate(0, i -> i < region.length, i -> i + 1)
        .filter(i -> region[i])
        .mapToInt(i -> picture.getRGB(left + i % 64 * scale, i / 64 * scale))
        .map(rgb -> (rgb >> 16 & 255) - (rgb & 255))
        .average()
        .orElseThrow();
  }
}
