package org.aucmedi.xai.decoder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.aucmedi.xai.decoder.image.Npy;
import org.aucmedi.xai.testkit.Golden;
import org.aucmedi.xai.testkit.Maps;
import org.aucmedi.xai.testkit.OnnxBuilder;
import org.aucmedi.xai.testkit.TorchScriptArchive;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ExplainCommandIT {

  /** Outputs (s, -s) with s = sum of squares: the gradient of class 0 is 2x. */
  private static final String SQUARES =
      """
      c = torch.sum(torch.flatten(torch.mul(x, x), 1), [1], True)
      return torch.cat([c, torch.neg(c)], 1)
      """;

  @TempDir private Path folder;
  private Path model;
  private Path images;
  private Path out;

  @BeforeEach
  void makeModelAndImages() throws IOException {
    model = TorchScriptArchive.write(folder.resolve("squares.pt"), SQUARES);
    images = Files.createDirectories(folder.resolve("images"));
    out = folder.resolve("out");
    savePng("b.png", 0xff0000, 0x00ff00);
    savePng("a.png", 0x000000, 0x0000ff);
  }

  @ParameterizedTest
  @ValueSource(strings = {"vanilla2d_scripted.pt", "vanilla2d_traced.pt"})
  void explain_bloodCells_writesAucmedisMaps(String name) throws IOException {
    Path cells = Golden.file("bccd");
    Path file = Golden.file("models/" + name);

    Run run =
        run(
            "explain",
            "--model",
            file.toString(),
            "--engine",
            "PyTorch",
            "--images",
            cells.toString(),
            "--method",
            "saliency",
            "--standardize",
            "tf",
            "--class",
            "all",
            "--format",
            "npy",
            "--output",
            out.toString());

    assertThat(run)
        .isEqualTo(new Run(0, "66 of 66 images explained, 198 maps written to " + out + "\n", ""));
    assertThat(out.toFile().list()).hasSize(198);
    Golden.Array expected = Golden.array("vanilla2d_aucmedi.npz", "sm");
    Matcher rows =
        Pattern.compile(
                "\"file\": \"([^\"]+)\\.png\"(?:(?!\"file\").)*\"golden_row\": (\\d+)",
                Pattern.DOTALL)
            .matcher(Files.readString(cells.resolve("boxes.json")));
    int compared = 0;
    while (rows.find()) {
      for (int c = 0; c < 3; c++) {
        String map = rows.group(1).replace('/', '.') + ".class_" + c + ".npy";
        Npy.Array actual = Npy.read(out.resolve(map));
        assertThat(actual.shape()).containsExactly(64, 64);
        Maps.assertClose(
            map, actual.data(), expected.get(Integer.parseInt(rows.group(2))).get(c).data(), 1e-4);
        compared++;
      }
    }
    assertThat(compared).isEqualTo(18);
  }

  @Test
  void explain_rawNumbers_equalTheGradient() throws IOException {
    Run run = explain("--standardize", "none", "--raw", "--format", "npy", "--class", "0,1");

    assertThat(run.code()).isZero();
    assertThat(Npy.read(out.resolve("a.class_0.npy")).data()).containsExactly(0, 510);
    assertThat(Npy.read(out.resolve("b.class_1.npy")).data()).containsExactly(0, 0);
  }

  @Test
  void explain_defaults_writesOverlaysOfThePredictedClass() throws IOException {
    Run run = explain("--standardize", "none");

    assertThat(run)
        .isEqualTo(
            new Run(
                0,
                "2 of 2 images explained, 2 maps written to " + out + "\n",
                "warning: b.png, class 0, saliency: flat: every place counts the same\n"));
    BufferedImage overlay = ImageIO.read(out.resolve("a.png").toFile());
    // The black pixel has heat 0, jet's darkest blue; the blue one heat 1, jet's darkest red.
    assertThat(overlay.getRGB(0, 0) & 0xffffff).isEqualTo(0x00001f);
    assertThat(overlay.getRGB(1, 0) & 0xffffff).isEqualTo(0x1f00bf);
  }

  @Test
  void explain_everyStatusThatIsNotOk_isPrinted() throws IOException {
    // The cube's integral needs more than one step, the gradient at zero is zero, and a negative
    // number has no root.
    Path cubes =
        TorchScriptArchive.write(
            folder.resolve("cubes.pt"),
            """
            c = torch.sum(torch.flatten(torch.mul(torch.mul(x, x), x), 1), [1], True)
            return torch.cat([c, torch.neg(c)], 1)
            """);
    Path broken =
        TorchScriptArchive.write(
            folder.resolve("broken.pt"),
            """
            c = torch.sum(torch.flatten(torch.mul(x, x), 1), [1], True)
            return torch.sqrt(torch.neg(torch.cat([c, c], 1)))
            """);
    savePng("black.png", 0, 0);

    assertThat(integratedInOneStep(cubes, "a.png").err())
        .isEqualTo("warning: a.png, class 1, ig: not converged: take more steps or samples\n");
    assertThat(integratedInOneStep(cubes, "black.png").err())
        .isEqualTo(
            "warning: black.png, class 1, ig: zero gradient: the score does not react to small"
                + " changes\n");
    assertThat(integratedInOneStep(broken, "a.png").err())
        .isEqualTo(
            "warning: a.png, class 1, ig: not finite: the prediction or the map is NaN or infinite\n");
  }

  private Run integratedInOneStep(Path network, String image) {
    return run(
        "explain",
        "--model",
        network.toString(),
        "--images",
        images.resolve(image).toString(),
        "--method",
        "ig",
        "--option",
        "steps=1",
        "--standardize",
        "none",
        "--class",
        "1",
        "--output",
        out.toString());
  }

  @Test
  void explain_noOverlay_writesGrey() throws IOException {
    explain("--standardize", "none", "--no-overlay");

    BufferedImage grey = ImageIO.read(out.resolve("a.png").toFile());
    assertThat(grey.getRaster().getNumBands()).isEqualTo(1);
    assertThat(grey.getRaster().getPixels(0, 0, 2, 1, new int[2])).containsExactly(0, 255);
  }

  @Test
  void explain_noResize_keepsTheMethodsSize() throws IOException {
    String[] options = {"--standardize", "none", "--resize", "3x5", "--format", "npy"};
    explain(options);
    assertThat(Npy.read(out.resolve("a.npy")).shape()).containsExactly(1, 2);

    explain("--standardize", "none", "--resize", "3x5", "--format", "npy", "--no-resize");
    assertThat(Npy.read(out.resolve("a.npy")).shape()).containsExactly(3, 5);
  }

  @Test
  void explain_volume_keepsThreeAxes() throws IOException {
    Npy.write(
        images.resolve("ct.npy"),
        new int[] {2, 1, 5, 1},
        new float[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9});

    Run run =
        run(
            "explain",
            "--model",
            model.toString(),
            "--images",
            images.resolve("ct.npy").toString(),
            "--method",
            "SM",
            "--standardize",
            "none",
            "--format",
            "npy",
            "--raw",
            "--output",
            out.toString());

    assertThat(run.err()).isEmpty();
    Npy.Array map = Npy.read(out.resolve("ct.npy"));
    assertThat(map.shape()).containsExactly(2, 1, 5);
    assertThat(map.data()).containsExactly(0, 2, 4, 6, 8, 10, 12, 14, 16, 18);
  }

  @Test
  void explain_corruptImages_reportsEachAndWritesTheRest() throws IOException {
    byte[] whole = Files.readAllBytes(images.resolve("b.png"));
    Files.write(images.resolve("cut.png"), Arrays.copyOf(whole, whole.length / 2));
    Files.writeString(images.resolve("notes.txt"), "not an image, and not asked for");

    Run run =
        run(
            "explain",
            "--model",
            model.toString(),
            "--images",
            images.toString(),
            folder.resolve("absent.png").toString(),
            "--method",
            "saliency",
            "--output",
            out.toString());

    assertThat(run.code()).isEqualTo(AucmediXai.SOME_FAILED);
    assertThat(run.out()).startsWith("2 of 4 images explained, 2 maps");
    assertThat(run.err().lines().filter(line -> !line.startsWith("warning: b.png, ")))
        .hasSize(2)
        .anyMatch(line -> line.startsWith("failed: cut.png: cannot read"))
        .anyMatch(line -> line.startsWith("failed: absent.png: ") && line.endsWith("no such file"));
    assertThat(out.toFile().list()).containsExactlyInAnyOrder("a.png", "b.png");
  }

  @Test
  void explain_unknownMethodBesideACorruptImage_endsBeforeAnythingIsWritten() throws IOException {
    Files.write(images.resolve("cut.png"), new byte[] {1});

    Run run =
        run(
            "explain",
            "--model",
            model.toString(),
            "--images",
            images.toString(),
            "--method",
            "saliency,bogus",
            "--output",
            out.toString());

    assertError(run, "error: unknown method 'bogus'; available: ");
    assertThat(run.err()).contains("saliency (saliencymap, sm)").hasLineCount(1);
    assertThat(run.out()).isEmpty();
    assertThat(out).doesNotExist();
  }

  @Test
  void explain_twoKeys_haveFoldersOfTheirOwn() {
    Run run =
        run(
            "explain",
            "--model",
            model.toString(),
            "--images",
            images.toString(),
            "--method",
            "saliency,SM",
            "--output",
            out.toString());

    assertThat(run.out()).contains("2 of 2 images explained, 4 maps");
    assertThat(out.resolve("saliency/a.png")).exists();
    assertThat(out.resolve("sm/a.png")).exists();
  }

  @Test
  void explain_badOptions_nameValueAndRemedy() {
    assertError(explain("--class", "best"), "'best'");
    assertError(explain("--class", "0,0"), "twice");
    assertError(explain("--class", "5"), "class index 5 is out of range");
    assertError(explain("--resize", "64"), "'64' is no size");
    assertError(explain("--standardize", "zscore"), "known: z-score");
    assertError(explain("--format", "tiff"), "tiff");
    assertError(explain("--alpha", "2"), "alpha must lie in [0, 1], got 2.0");
    assertError(explain("--batch-size", "0"), "batch size");
    assertError(explain("--raw"), "npy");
    assertError(explain("--engine", "Theano"), "'Theano'");
    assertError(explain("--tpyo"), "--tpyo");
  }

  @Test
  void explain_badModels_areOneLine() throws IOException {
    Path text = Files.writeString(folder.resolve("text.pt"), "no model");
    for (Path bad : List.of(text, folder.resolve("absent.pt"))) {
      Run run =
          run(
              "explain",
              "--model",
              bad.toString(),
              "--images",
              images.toString(),
              "--method",
              "sm",
              "--output",
              out.toString());
      assertError(run, bad.toString());
      assertThat(run.err().lines()).hasSize(1);
    }
    assertThat(run("--debug", "layers", "--model", text.toString()).err())
        .contains("at org.aucmedi.xai");
  }

  @Test
  void explain_modelWithoutGradients_namesWhatWorksInstead() {
    Path onnx = OnnxBuilder.halves(-1, 1, 2).write(folder.resolve("halves.onnx"));

    Run run =
        run(
            "explain",
            "--model",
            onnx.toString(),
            "--images",
            images.toString(),
            "--method",
            "saliency",
            "--output",
            out.toString());

    assertError(run, "ONNX model 'halves' gives no input gradients");
    assertThat(run.err())
        .containsPattern("choose a method that it can carry: .*occlusionsensitivity")
        .contains("or take the network in another format")
        .hasLineCount(1);
    assertThat(out).doesNotExist();
  }

  @Test
  void explain_noImages_isAnError() throws IOException {
    try (Stream<Path> files = Files.list(images)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    assertError(explain(), "there is no image below");
  }

  @Test
  void methods_listsKeysAliasesAndNeeds() {
    Run run = run("methods");

    assertThat(run.code()).isZero();
    assertThat(run.out().lines())
        .anyMatch(
            line -> line.matches("saliency +saliencymap, sm +Saliency map +input gradients +.*"));
  }

  @Test
  void methods_tellWhichKindOfModelCarriesThem() {
    List<String> lines = run("methods").out().lines().toList();

    int header =
        lines.indexOf(lines.stream().filter(l -> l.startsWith("ENGINE")).findFirst().get());
    List<String> keys = List.of(lines.get(header).split(" +", -1));
    assertThat(keys).contains("gc", "sm", "os");
    List<String> rows = lines.subList(header + 1, lines.size());
    assertThat(rows).anyMatch(row -> row.startsWith("PyTorch") && row.contains("DJL blocks"));
    String onnx = rows.stream().filter(row -> row.startsWith("OnnxRuntime")).findFirst().get();
    List<String> cells = List.of(onnx.split(" +", -1));
    assertThat(cells.get(keys.indexOf("os"))).isEqualTo("yes");
    assertThat(cells.get(keys.indexOf("sm"))).isEqualTo("no");
  }

  @Test
  void help_everyCommand_isPrinted() {
    assertThat(run("--help").out()).contains("explain", "methods", "layers");
    assertThat(run("explain", "--help").out()).contains("--standardize", "--no-resize");
  }

  private static void assertError(Run run, String message) {
    assertThat(run.code()).isEqualTo(AucmediXai.ERROR);
    assertThat(run.err()).startsWith("error: ").contains(message).doesNotContain("\tat ");
  }

  private Run explain(String... options) {
    return run(
        Stream.concat(
                Stream.of(
                    "explain",
                    "--model",
                    model.toString(),
                    "--images",
                    images.toString(),
                    "--method",
                    "saliency",
                    "--output",
                    out.toString()),
                Stream.of(options))
            .toArray(String[]::new));
  }

  private static Run run(String... args) {
    return Run.of(args);
  }

  private void savePng(String name, int left, int right) throws IOException {
    BufferedImage picture = new BufferedImage(2, 1, BufferedImage.TYPE_INT_RGB);
    picture.setRGB(0, 0, left);
    picture.setRGB(1, 0, right);
    ImageIO.write(picture, "png", images.resolve(name).toFile());
  }
}
