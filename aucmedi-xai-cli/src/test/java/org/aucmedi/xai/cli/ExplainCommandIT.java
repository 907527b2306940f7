package org.aucmedi.xai.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

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
import org.aucmedi.xai.array.Npy;
import org.aucmedi.xai.testkit.Golden;
import org.aucmedi.xai.testkit.Maps;
import org.aucmedi.xai.testkit.OnnxBuilder;
import org.aucmedi.xai.testkit.TorchScriptArchive;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ExplainCommandIT {

  @TempDir private Path folder;
  private Path model;
  private Path images;
  private Path out;

  @BeforeEach
  void makeModelAndImages() throws IOException {
    model = Squares.write(folder);
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
        .isEqualTo(
            new Run(
                0,
                "66 of 66 images explained, 198 maps written to "
                    + out
                    + "; 2 files left out: 1 .json, 1 without extension\n",
                ""));
    assertThat(Run.maps(out)).hasSize(198);
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
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "no such file names there")
  void explain_nameWithALineBreak_forgesNoLine() throws IOException {
    Files.createFile(images.resolve("bad\n3 of 3 images explained.png"));

    Run run = explain("--standardize", "none");

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).startsWith("failed: bad\\n3 of 3 images explained.png: ");
  }

  @Test
  void explain_defaults_writesOverlaysOfThePredictedClass() throws IOException {
    Run run = explain("--standardize", "none");

    assertThat(run)
        .isEqualTo(
            new Run(
                0,
                "2 of 2 images explained, 2 maps written to " + out + "\n",
                "warning: b.png, class 0, saliency: flat: every position has the same value\n"));
    BufferedImage overlay = ImageIO.read(out.resolve("a.png").toFile());
    // The black pixel has heat 0, jet's darkest blue; the blue one heat 1, jet's darkest red.
    assertThat(overlay.getRGB(0, 0) & 0xffffff).isEqualTo(0x00001f);
    assertThat(overlay.getRGB(1, 0) & 0xffffff).isEqualTo(0x1f00bf);
  }

  @Test
  void explain_bodyMasks_reportMapsOutside() throws IOException {
    // The blue pixel, which has all of the heat, lies outside; the other image has no mask.
    Path masks = Files.createDirectory(folder.resolve("masks"));
    BufferedImage mask = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_GRAY);
    mask.setRGB(0, 0, 0xffffff);
    ImageIO.write(mask, "png", masks.resolve("a.png").toFile());

    Run run = explain("--standardize", "none", "--body-masks", masks.toString());

    assertThat(run.code()).isZero();
    assertThat(run.err())
        .contains("warning: a.png, class 0, saliency: outside the body: ")
        .contains("warning: b.png, class 0, saliency: flat: ");
    assertThat(explain("--body-masks", masks.resolve("a.png").toString()).err())
        .contains("a.png is no folder; give one with a mask for each image");

    ImageIO.write(
        new BufferedImage(1, 1, BufferedImage.TYPE_BYTE_GRAY),
        "png",
        masks.resolve("b.png").toFile());
    Run other = explain("--standardize", "none", "--body-masks", masks.toString());
    assertThat(other.code()).isEqualTo(1);
    assertThat(other.err())
        .contains("failed: b.png: ")
        .contains("has the size [1, 1], the image [1, 2]; give a mask of the image's size");
  }

  @Test
  void explain_everyStatusThatIsNotOk_isPrinted() throws IOException {
    // The cube's integral needs more than one step, the gradient at zero is zero, and that of the
    // root
    // is infinite there.
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
            c = torch.sum(torch.flatten(torch.sqrt(x), 1), [1], True)
            return torch.cat([c, c], 1)
            """);
    savePng("black.png", 0, 0);

    assertThat(integratedInOneStep(cubes, "a.png").err())
        .isEqualTo("warning: a.png, class 1, ig: not converged: use more steps or samples\n");
    assertThat(integratedInOneStep(cubes, "black.png").err())
        .isEqualTo(
            "warning: black.png, class 1, ig: zero gradient: the score does not respond to small"
                + " changes\n");
    assertThat(integratedInOneStep(broken, "a.png").err())
        .isEqualTo(
            "warning: a.png, class 1, ig: not finite: the model or the method returned NaN or"
                + " infinity\n");
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
        "--overwrite",
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
  void explain_divergingColormap_drawsEvidenceAgainstInBlue() throws IOException {
    explain(
        "--standardize=none",
        "--option=channels=sum",
        "--class=all",
        "--colormap=coolwarm",
        "--alpha=1");

    // The gradients are 510 for class 0 and -510 for class 1 at the blue pixel, else 0.
    assertThat(rgb(out.resolve("a.class_0.png"))).containsExactly(0xdcdcdd, 0xb30326);
    assertThat(rgb(out.resolve("a.class_1.png"))).containsExactly(0xdcdcdd, 0x3a4cc0);
  }

  @Test
  void explain_sameScale_makesClassesComparable() throws IOException {
    explain(
        "--standardize=none",
        "--option=channels=sum",
        "--class=all",
        "--same-scale",
        "--eps=0",
        "--format=npy");

    assertThat(Npy.read(out.resolve("a.class_0.npy")).data()).containsExactly(0.5f, 1);
    assertThat(Npy.read(out.resolve("a.class_1.npy")).data()).containsExactly(0.5f, 0);
  }

  @Test
  void explain_heatAlpha_leavesColdPixelsAsTheyAre() throws IOException {
    explain("--standardize=none", "--heat-alpha");

    // 0.6 of jet's darkest red, 0.4 of blue.
    assertThat(rgb(out.resolve("a.png"))).containsExactly(0x000000, 0x4c0066);
  }

  @Test
  void explain_window_isLaidOverTheImage() throws IOException {
    savePng("c.png", 0x646464, 0x4b4b4b);

    explain("--standardize=none", "--window=100,100", "--alpha=0");

    assertThat(rgb(out.resolve("c.png"))).containsExactly(0x808080, 0x404040);
  }

  @Test
  void explain_gif_hasThePixelsOfThePng() throws IOException {
    explain("--standardize=none", "--format=gif");

    assertThat(rgb(out.resolve("a.gif"))).containsExactly(0x00001f, 0x1f00bf);
    assertThat(explain("--standardize=none", "--format=gif").err()).doesNotContain("failed");
  }

  @Test
  void explain_volumeAsPicture_isCutThroughThePeak() throws IOException {
    Path volumes = Files.createDirectories(folder.resolve("volumes"));
    Npy.write(
        volumes.resolve("ct.npy"),
        new int[] {2, 1, 5, 1},
        new float[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9});

    Run run =
        run(
            "explain",
            "--model=" + model,
            "--images=" + volumes,
            "--method=saliency",
            "--standardize=none",
            "--volume-view=cuts",
            "--color-bar",
            "--no-overlay",
            "--output=" + out);

    assertThat(run.err()).isEmpty();
    BufferedImage cuts = ImageIO.read(out.resolve("ct.png").toFile());
    // Slices of 1 x 5, 2 x 5 and 2 x 1 voxels of 45 pixels, and the bar.
    assertThat(cuts.getHeight()).isEqualTo(90);
    assertThat(cuts.getWidth()).isGreaterThan(225 + 4 + 225 + 4 + 45 + 20);
    // The peak is the last voxel of heat 9/9; pixel 60 lies 0.844 of a voxel after that of 5/9.
    assertThat(cuts.getRGB(220, 62) & 0xff).isGreaterThan(240);
    assertThat(cuts.getRGB(60, 62) & 0xff).isEqualTo(165);
  }

  private static int[] rgb(Path file) throws IOException {
    BufferedImage picture = ImageIO.read(file.toFile());
    int[] pixels =
        picture.getRGB(0, 0, picture.getWidth(), picture.getHeight(), null, 0, picture.getWidth());
    return Arrays.stream(pixels).map(pixel -> pixel & 0xffffff).toArray();
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
    assertThat(run.out())
        .isEqualTo(
            "2 of 4 images explained, 2 maps written to " + out + "; 1 file left out: 1 .txt\n");
    assertThat(run.err().lines().filter(line -> !line.startsWith("warning: b.png, ")))
        .hasSize(2)
        .anyMatch(line -> line.startsWith("failed: cut.png: cannot read"))
        .anyMatch(line -> line.startsWith("failed: absent.png: ") && line.endsWith("no such file"));
    assertThat(Run.maps(out)).containsExactlyInAnyOrder("a.png", "b.png");
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
  void explain_intoTheFolderOfTheImages_leavesThemAndItsOwnMaps() throws IOException {
    byte[] before = Files.readAllBytes(images.resolve("a.png"));
    out = images;

    for (int run = 0; run < 2; run++) {
      assertThat(explain("--standardize", "none").out())
          .startsWith("2 of 2 images explained, 2 maps written");
    }

    assertThat(images.resolve("a.png")).hasBinaryContent(before);
    assertThat(Run.maps(images))
        .containsExactlyInAnyOrder("a.png", "b.png", "a.png.png", "b.png.png");
  }

  @Test
  void explain_outputBelowTheImages_isNoInput() {
    out = images.resolve("out");

    for (int run = 0; run < 2; run++) {
      assertThat(explain("--standardize", "none").out())
          .startsWith("2 of 2 images explained, 2 maps written");
    }

    assertThat(Run.maps(out)).containsExactlyInAnyOrder("a.png", "b.png");
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
    assertError(explain("--class", "0,0"), "the classes must be distinct, got [0, 0]");
    assertError(explain("--class", "5"), "class index 5 is out of range");
    assertError(explain("--resize", "64"), "'64' is no size");
    assertError(explain("--standardize", "zscore"), "known: z-score");
    assertError(explain("--format", "tiff"), "tiff");
    assertError(explain("--axes", "HWX"), "'HWX' is not an order of axes");
    assertError(explain("--alpha", "2"), "alpha must lie in [0, 1], got 2.0");
    assertError(explain("--window", "wide"), "'wide' is no window; use auto, percentile, none,");
    assertError(explain("--colormap", "pink"), "pink");
    assertError(explain("--volume-view", "sphere"), "sphere");
    assertError(explain("--gif-axis", "3"), "the GIF's axis is 0, 1 or 2, got 3");
    assertError(
        explain("--same-scale", "--raw", "--format=npy"), "raw maps keep the scale of the method");
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
            "--engine",
            "OnnxRuntime",
            "--images",
            images.toString(),
            "--method",
            "saliency",
            "--output",
            out.toString());

    assertError(run, "ONNX model 'halves' does not provide input gradients");
    assertThat(run.err())
        .containsPattern("supported methods: .*occlusionsensitivity")
        .contains("or use the network in another format")
        .hasLineCount(1);
    assertThat(out).doesNotExist();
  }

  @Test
  void explain_modelThatTakesNoneOfTheImages_saysSoOnce() throws IOException {
    model =
        TorchScriptArchive.write(
            folder.resolve("five.pt"), "return torch.mm(torch.flatten(x, 1), torch.ones([5, 2]))");
    for (int n = 0; n < 3; n++) {
      savePng("more" + n + ".png", n, n);
    }

    Run run = explain();

    assertThat(run.code()).isEqualTo(AucmediXai.ERROR);
    assertThat(run.out()).isEmpty();
    List<String> lines = run.err().lines().toList();
    assertThat(lines).hasSize(5);
    assertThat(lines.subList(0, 3))
        .allMatch(line -> line.contains(".png: ") && line.contains(" cannot run on a batch"));
    assertThat(lines.get(3))
        .isEqualTo("failed: and 2 more for the same reason as a.png; --debug names them all");
    assertThat(lines.get(4)).startsWith("error: none of 5 images can be explained");
    assertThat(explain("--debug").err()).contains("failed: more2.png: ");
  }

  @Test
  void explain_faultOfTheModel_isToldOnce() {
    model = Golden.file("models/vanilla2d_scripted.pt");

    Run run =
        run(
            "explain",
            "--model",
            model.toString(),
            "--images",
            images.toString(),
            "--method",
            "saliency,gradcam",
            "--resize",
            "64x64",
            "--layer",
            "bogus",
            "--output",
            out.toString());

    assertThat(run.code()).isEqualTo(AucmediXai.ERROR);
    assertThat(run.err().lines().filter(line -> !line.startsWith("warning: ")))
        .hasSize(1)
        .allMatch(
            line -> line.startsWith("error: the model has no layer 'bogus'; its layers are: "));
    assertThat(run.out()).isEqualTo("2 maps written to " + out + " before the run ended\n");
    assertThat(Run.maps(out.resolve("saliency"))).containsExactlyInAnyOrder("a.png", "b.png");
  }

  @Test
  void explain_oneSigmoidUnit_hasAMapForNoAndOneForYes() throws IOException {
    model =
        TorchScriptArchive.write(
            folder.resolve("unit.pt"),
            """
            c = torch.sum(torch.flatten(torch.mul(x, x), 1), [1], True)
            return torch.sigmoid(torch.sub(c, torch.ones([1])))
            """);
    // The sum of squares is 0.25, so p = sigmoid(-0.75) < 0.5: the class is 0, no; and 1.25.
    Npy.write(folder.resolve("no.npy"), new int[] {1, 2, 1}, new float[] {.5f, 0});
    Npy.write(folder.resolve("yes.npy"), new int[] {1, 2, 1}, new float[] {.5f, 1});
    double slope = slope(.25 - 1);

    explainUnit("argmax");
    assertThat(Npy.read(out.resolve("no.npy")).data()[0]).isEqualTo((float) -slope, within(1e-6f));
    assertThat(Npy.read(out.resolve("yes.npy")).data()[0])
        .isEqualTo((float) slope(1.25 - 1), within(1e-6f));
    explainUnit("1");
    assertThat(Npy.read(out.resolve("no.class_1.npy")).data()[0])
        .isEqualTo((float) slope, within(1e-6f));
  }

  @Test
  void explain_imageOfWhichNoClassIsAboveTheThreshold_hasNoMapAndIsNoFailure() throws IOException {
    // Of a.png the outputs are (1, -1) with pixels of 255 as 1, of the black one (0, 0).
    savePng("black.png", 0, 0);

    Run run = explain("--standardize", "rescale", "--class", "above0.5");

    assertThat(run.code()).isZero();
    assertThat(run.out())
        .isEqualTo("2 of 3 images explained, 1 without a map, 2 maps written to " + out + "\n");
    assertThat(run.err().lines().filter(line -> !line.startsWith("warning: b.png, ")))
        .containsExactly("no map: black.png: no class is above0.5");
    assertThat(Run.maps(out)).containsExactlyInAnyOrder("a.class_0.png", "b.class_0.png");
  }

  @Test
  void explain_activationAsAnOption_isThatOfTheModel() throws IOException {
    String[] logits = {"--standardize", "rescale", "--raw", "--format", "npy", "--class", "0"};
    logits = with(logits, "--option", "score=logit");

    explain(with(logits, "--option", "activation=none"));
    float[] none = Npy.read(out.resolve("a.class_0.npy")).data();
    explain(with(logits, "--option", "Activation=LOG-SOFTMAX", "--activation", "log-softmax"));
    float[] centred = Npy.read(out.resolve("a.class_0.npy")).data();
    explain(with(logits, "--activation", "log-softmax"));

    assertThat(Npy.read(out.resolve("a.class_0.npy")).data()).containsExactly(centred);
    assertThat(none).contains(2f);
    explain(with(logits, "--option", "activation=sigmoid"));
    assertThat(Npy.read(out.resolve("a.class_0.npy")).data()).isNotEqualTo(none);
    assertError(
        explain("--option", "activation=none", "--activation", "softmax"),
        "--activation softmax and --option activation=none contradict each other");
    assertError(explain("--option", "activation=relu"), "'relu' is not an activation");
  }

  @Test
  void explain_device_isWhereTheModelRuns() {
    assertThat(explain("--standardize", "none", "--device", "cpu").code()).isZero();
    assertError(explain("--device", "gpu99"), "there is no gpu(99)");
    assertThat(explain("--device", "gpu99").err()).hasLineCount(1);
    assertError(explain("--device", "gpu:98"), "there is no gpu(98)");
    assertError(explain("--device", "tpu"), "'tpu' is no device; use cpu, gpu, or a GPU");
    assertError(explain("--device", "gpu:"), "'gpu:' is no device");
    model = OnnxBuilder.halves(-1, 1, 2).write(folder.resolve("halves.onnx"));
    assertError(
        explain("--device", "gpu0", "--engine", "OnnxRuntime"), "cannot be moved to gpu(0)");
  }

  private static String[] with(String[] options, String... more) {
    return Stream.concat(Stream.of(options), Stream.of(more)).toArray(String[]::new);
  }

  /** The derivative of a sigmoid, which is also p's by a pixel of 0.5. */
  private static double slope(double z) {
    double p = 1 / (1 + Math.exp(-z));
    return p * (1 - p);
  }

  private void explainUnit(String classes) {
    Run run =
        run(
            "explain",
            "--model",
            model.toString(),
            "--activation",
            "sigmoid",
            "--images",
            folder.resolve("no.npy").toString(),
            folder.resolve("yes.npy").toString(),
            "--method",
            "saliency",
            "--option",
            "channels=signed",
            "--class",
            classes,
            "--standardize",
            "none",
            "--raw",
            "--format",
            "npy",
            "--overwrite",
            "--output",
            out.toString());
    assertThat(run.err()).isEmpty();
  }

  @Test
  void explain_contrast_isTheDifferenceOfItsClasses() throws IOException {
    String[] raw = {
      "--standardize", "none", "--raw", "--format", "npy", "--option", "channels=sum"
    };
    explain(with(raw, "--class", "0,1"));
    float[] first = Npy.read(out.resolve("a.class_0.npy")).data();
    float[] second = Npy.read(out.resolve("a.class_1.npy")).data();

    Run run = explain(with(raw, "--class", "0VS1"));

    assertThat(run.code()).isZero();
    float[] contrast = Npy.read(out.resolve("a.class_0vs1.npy")).data();
    assertThat(contrast).hasSize(2);
    for (int i = 0; i < contrast.length; i++) {
      assertThat(contrast[i]).isEqualTo(first[i] - second[i]);
    }
  }

  @Test
  void explain_axes_areDeclared() throws IOException {
    Npy.write(images.resolve("first.npy"), new int[] {1, 1, 2}, new float[] {3, 4});

    Run run =
        run(
            "explain",
            "--model",
            model.toString(),
            "--images",
            images.resolve("first.npy").toString(),
            "--method",
            "saliency",
            "--axes",
            "chw",
            "--standardize",
            "mean=1;std=2",
            "--raw",
            "--format",
            "npy",
            "--output",
            out.toString());

    assertThat(run.err()).isEmpty();
    Npy.Array map = Npy.read(out.resolve("first.npy"));
    assertThat(map.shape()).containsExactly(1, 2);
    // The gradient of the sum of squares is twice (x - 1) / 2.
    assertThat(map.data()).containsExactly(2, 3);
  }

  @Test
  void explain_noImages_isAnError() throws IOException {
    try (Stream<Path> files = Files.list(images)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    assertError(explain(), "there is no image below");
    Files.writeString(images.resolve("notes.txt"), "no image");
    Files.writeString(images.resolve("scan.svs"), "no image");
    Files.writeString(images.resolve("scan2.svs"), "no image");
    assertError(explain(), "] (3 files left out: 2 .svs, 1 .txt); give files of png, jpg, ");
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
    List<String> keys = List.of(lines.get(header).split("  +", -1));
    assertThat(keys).contains("gc", "sm", "os");
    List<String> rows = lines.subList(header + 1, lines.size());
    assertThat(rows).anyMatch(row -> row.startsWith("PyTorch") && row.contains("DJL blocks"));
    String onnx = rows.stream().filter(row -> row.startsWith("OnnxRuntime")).findFirst().get();
    List<String> cells = List.of(onnx.split("  +", -1));
    assertThat(cells.get(keys.indexOf("os"))).isEqualTo("yes");
    assertThat(cells.get(keys.indexOf("sm"))).isEqualTo("no");
  }

  @Test
  void help_everyCommand_isPrinted() {
    assertThat(run("--help").out()).contains("explain", "methods", "layers");
    assertThat(run("explain", "--help").out())
        .contains("--standardize", "--no-resize", "--device", "Ctrl-C");
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
                    out.toString(),
                    "--overwrite"),
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
