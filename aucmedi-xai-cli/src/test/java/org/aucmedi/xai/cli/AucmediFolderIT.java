package org.aucmedi.xai.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.aucmedi.xai.array.Npy;
import org.aucmedi.xai.testkit.TorchScriptArchive;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** AUCMEDI's model folder and predictions, with a model that needs no importer. */
final class AucmediFolderIT {

  /** Outputs (s, 1 - s) with s = the mean of the squares over 255 squared. */
  private static final String SQUARES =
      """
      y = torch.div(x, 255.)
      c = torch.mean(torch.flatten(torch.mul(y, y), 1), [1], True)
      return torch.cat([c, torch.sub(1., c)], 1)
      """;

  private static final String META =
      """
      {"analysis": "minimal", "architecture": "ConvNeXtTiny", "three_dim": false,
       "multi_label": false, "class_names": ["bright", "dark"]}
      """;

  @TempDir private Path folder;
  private Path model;
  private Path images;
  private Path out;

  @BeforeEach
  void makeModelAndImages() throws IOException {
    model = Files.createDirectories(folder.resolve("model"));
    Files.writeString(model.resolve("meta.training.json"), META);
    TorchScriptArchive.write(model.resolve("model.last.pt"), SQUARES);
    images = Files.createDirectories(folder.resolve("images"));
    savePng("b.png", 0xffffff, 0xffffff);
    savePng("a.png", 0x000000, 0x0000ff);
    out = folder.resolve("out");
  }

  @Test
  void explain_folder_equalsTheModelFileWithItsSettings() throws IOException {
    Run ofFolder =
        run(
            "explain",
            "--model",
            model,
            "--images",
            images,
            "--method",
            "saliency",
            "--output",
            out);
    Run ofFile =
        run(
            "explain",
            "--model",
            model.resolve("model.last.pt"),
            "--images",
            images,
            "--method",
            "saliency",
            "--standardize",
            "none",
            "--resize",
            "224x224",
            "--alpha",
            "0.4",
            "--output",
            folder.resolve("same"));

    assertThat(ofFolder.code()).as(ofFolder.err()).isZero();
    assertThat(ofFolder.out())
        .isEqualTo("2 of 2 images explained, 2 maps written to " + out + "\n");
    assertThat(ofFile.code()).as(ofFile.err()).isZero();
    for (String name : List.of("a.png", "b.png")) {
      assertThat(out.resolve(name)).hasSameBinaryContentAs(folder.resolve("same").resolve(name));
    }
  }

  @Test
  void explain_options_overrideTheFolder() throws IOException {
    Run run =
        run(
            "explain",
            "--model",
            model,
            "--images",
            images.resolve("a.png"),
            "--method",
            "saliency",
            "--resize",
            "1x2",
            "--standardize",
            "rescale",
            "--raw",
            "--format",
            "npy",
            "--class",
            "bright,dark",
            "--option",
            "channels=sum",
            "--output",
            out);

    assertThat(run.code()).as(run.err()).isZero();
    // ds/dx = 2x / 255^2 / 6 values; the image has x = 1 in one of them.
    assertThat(Npy.read(out.resolve("a.class_0.npy")).data())
        .containsExactly(new float[] {0, 2 / (255f * 255f * 6f)}, within(1e-12f));
    assertThat(Npy.read(out.resolve("a.class_1.npy")).data())
        .containsExactly(new float[] {0, -2 / (255f * 255f * 6f)}, within(1e-12f));
  }

  @Test
  void explain_classNames_wrongOnesAreListed() {
    Run run =
        run(
            "explain",
            "--model",
            model,
            "--images",
            images,
            "--method",
            "saliency",
            "--class",
            "bright,grey");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .startsWith("error: Invalid value for option '--class': unknown target 'bright,grey'; use")
        .contains("or names of [bright, dark]");
  }

  @Test
  void predict_writesAucmedisTable() throws IOException {
    Path csv = folder.resolve("preds.csv");

    Run run = run("predict", "--model", model, "--images", images, "--output", csv);

    assertThat(run).isEqualTo(new Run(0, "2 of 2 images predicted, written to " + csv + "\n", ""));
    assertThat(Files.readAllLines(csv).get(0)).isEqualTo("SAMPLE,bright,dark");
    assertThat(Files.readAllLines(csv).get(2)).isEqualTo("b,1.0,0.0");
    float[] a = numbers(Files.readAllLines(csv).get(1), "a");
    // Resized from 0, 255 to 224 columns of one channel of three.
    assertThat(a[0]).isBetween(0.1f, 0.2f);
    assertThat(a[0] + a[1]).isEqualTo(1);

    Run again = run("predict", "--model", model, "--images", images, "--output", csv);
    assertThat(again.code()).isEqualTo(2);
    assertThat(again.err())
        .startsWith(
            "error: "
                + csv
                + " is there already; give another --output, or --overwrite to replace");
    Run replaced =
        run(
            "predict",
            "--model",
            model,
            "--images",
            images.resolve("a.png"),
            "--output",
            csv,
            "--overwrite");
    assertThat(replaced.code()).as(replaced.err()).isZero();
    assertThat(Files.readAllLines(csv)).hasSize(2);
  }

  @Test
  void predict_someFail_writesTheRestAndTells() throws IOException {
    Path csv = folder.resolve("preds.csv");
    Files.writeString(images.resolve("bad.png"), "no picture");

    Run run = run("predict", "--model", model, "--images", images, "--output", csv);

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out()).isEqualTo("2 of 3 images predicted, written to " + csv + "\n");
    assertThat(run.err()).startsWith("failed: bad.png: ");
    assertThat(Files.readAllLines(csv)).hasSize(3);
  }

  @Test
  void predict_allFail_writesNothing() throws IOException {
    Path csv = folder.resolve("preds.csv");
    Path bad = Files.writeString(folder.resolve("bad.png"), "no picture");

    Run run = run("predict", "--model", model, "--images", bad, "--output", csv);

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .endsWith("error: the image cannot be predicted, see above; nothing is written\n");
    assertThat(csv).doesNotExist();
  }

  @Test
  void predict_anyModelFile_namesClassesByNumberOrAsTold() throws IOException {
    Path csv = folder.resolve("preds.csv");
    Object[] command = {
      "predict",
      "--model",
      model.resolve("model.last.pt"),
      "--images",
      images.resolve("b.png"),
      "--standardize",
      "none",
      "--output",
      csv,
      "--overwrite"
    };

    assertThat(run(command).code()).isZero();
    assertThat(csv).hasContent("SAMPLE,0,1\nb,1.0,0.0\n");
    assertThat(run(with(command, "--class-names", "x,y")).code()).isZero();
    assertThat(csv).hasContent("SAMPLE,x,y\nb,1.0,0.0\n");
    Run three = run(with(command, "--class-names", "x,y,z"));
    assertThat(three.code()).isEqualTo(2);
    assertThat(three.err())
        .contains("there are 3 names [x, y, z] for a model of 2 outputs; name each output once");
  }

  @Test
  void explain_predictions_chooseTheClassByName() throws IOException {
    // Against the model: b is bright, a is dark. Columns and rows in another order.
    Path csv =
        Files.writeString(
            folder.resolve("preds.csv"), "SAMPLE,dark,bright\nb,0.9,0.1\na,0.2,0.8\n");

    Run run =
        run(
            "explain",
            "--model",
            model,
            "--images",
            images,
            "--method",
            "saliency",
            "--predictions",
            csv,
            "--raw",
            "--format",
            "npy",
            "--output",
            out);

    assertThat(run.code()).as(run.err()).isZero();
    // The gradient of dark is below 0, that of bright above.
    for (float value : Npy.read(out.resolve("b.npy")).data()) {
      assertThat(value).isNegative();
    }
    float[] a = Npy.read(out.resolve("a.npy")).data();
    assertThat(a[a.length - 1]).isPositive();
  }

  @Test
  void explain_predictionsThatDoNotFit_areRefusedBeforeAnyWork() throws IOException {
    Path csv = Files.writeString(folder.resolve("preds.csv"), "SAMPLE,dark,grey\na,0.9,0.1\n");
    assertThat(explainWith(csv, model).err())
        .isEqualTo(
            "error: "
                + csv
                + " has the classes [dark, grey], the model has [bright, dark]; take the predictions"
                + " of this model\n");
    Files.writeString(csv, "SAMPLE,dark,bright\na,0.9,0.1\n");
    assertThat(explainWith(csv, model).err())
        .startsWith("error: " + csv + " has no row for the image b.png");
    Files.writeString(csv, "SAMPLE,dark,bright\na,0.9,much\n");
    assertThat(explainWith(csv, model).err())
        .startsWith("error: " + csv + ", line 2, has 'much' in column bright");
    Files.writeString(csv, "SAMPLE,x,y,z\na,0,0,1\nb,0,0,1\n");
    assertThat(explainWith(csv, model.resolve("model.last.pt")).err())
        .contains("row 0 of the predictions has 3 values, and the model's output has 2");
    assertThat(Run.maps(out)).isEmpty();
  }

  @Test
  void layers_ofAFolder_areTheModels() {
    Run run = run("layers", "--model", model);

    assertThat(run.code()).as(run.err()).isEqualTo(2);
    assertThat(run.err()).contains("TorchScript model 'model.last' contains no other modules");
  }

  @Test
  void member_ofWhatIsNoFolder_isRefused() {
    Run run = run("layers", "--model", model.resolve("model.last.pt"), "--member", "cv_0");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .startsWith(
            "error: --member names a model of AUCMEDI's model folder, and "
                + model.resolve("model.last.pt")
                + " is none; leave it out");
  }

  @Test
  void member_picksAModelOfAnEnsemble() throws IOException {
    Files.writeString(
        model.resolve("meta.training.json"),
        META.replace("minimal", "advanced")
            .replace("\"ConvNeXtTiny\"", "[\"VGG16\", \"ConvNeXtTiny\"]"));
    Files.move(model.resolve("model.last.pt"), model.resolve("cv_1.model.pt"));
    Path csv = folder.resolve("preds.csv");
    Object[] command = {"predict", "--model", model, "--images", images, "--output", csv};

    Run none = run(command);
    Run second = run(with(command, "--member", "cv_1"));

    assertThat(none.code()).isEqualTo(2);
    assertThat(none.err()).contains("name one of cv_0 (VGG16), cv_1 (ConvNeXtTiny) (--member)");
    assertThat(second.code()).as(second.err()).isZero();
    assertThat(Files.readAllLines(csv).get(2)).isEqualTo("b,1.0,0.0");
  }

  @Test
  void explain_classesThatDoNotFitTheOutputs_areRefused() throws IOException {
    Files.writeString(
        model.resolve("meta.training.json"), META.replace("\"dark\"", "\"grey\", \"dark\""));

    Run run =
        run(
            "explain",
            "--model",
            model,
            "--images",
            images,
            "--method",
            "saliency",
            "--output",
            out);

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .isEqualTo(
            "error: "
                + model.resolve("model.last.pt")
                + " has 2 outputs, and the meta.training.json beside it names 3 classes [bright,"
                + " grey, dark]; take both files from the same training\n");
  }

  private Run explainWith(Path csv, Path file) {
    Run run =
        run(
            "explain",
            "--model",
            file,
            "--images",
            images,
            "--method",
            "saliency",
            "--predictions",
            csv,
            "--output",
            out);
    assertThat(run.code()).isEqualTo(2);
    return run;
  }

  private static float[] numbers(String line, String sample) {
    String[] fields = line.split(",", -1);
    assertThat(fields[0]).isEqualTo(sample);
    float[] numbers = new float[fields.length - 1];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = Float.parseFloat(fields[i + 1]);
    }
    return numbers;
  }

  private static Object[] with(Object[] command, Object... more) {
    return Stream.of(command, more).flatMap(Arrays::stream).toArray();
  }

  private static Run run(Object... args) {
    return Run.of(Stream.of(args).map(String::valueOf).toArray(String[]::new));
  }

  private void savePng(String name, int... pixels) throws IOException {
    BufferedImage image = new BufferedImage(pixels.length, 1, BufferedImage.TYPE_INT_RGB);
    image.setRGB(0, 0, pixels.length, 1, pixels, 0, pixels.length);
    ImageIO.write(image, "png", images.resolve(name).toFile());
  }
}
