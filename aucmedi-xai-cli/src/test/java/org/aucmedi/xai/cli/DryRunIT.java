package org.aucmedi.xai.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.aucmedi.xai.testkit.OnnxBuilder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DryRunIT {

  @TempDir private Path folder;
  private Path model;
  private Path images;
  private Path out;

  @BeforeEach
  void makeModelAndImages() throws IOException {
    model = Squares.write(folder);
    images = Files.createDirectories(folder.resolve("images"));
    out = folder.resolve("out");
    for (String name : List.of("a.png", "b.png", "c.png", "d.png")) {
      BufferedImage picture = new BufferedImage(40, 20, BufferedImage.TYPE_INT_RGB);
      picture.setRGB(3, 3, 0xff8800);
      ImageIO.write(picture, "png", images.resolve(name).toFile());
    }
    Files.writeString(images.resolve("notes.txt"), "not an image");
  }

  @Test
  void dryRun_twoMethods_tellsFilesPassesAndNames() {
    Run run = dryRun("--method=ig,os", "--class=all", "--option=score=output", "--resize=32x32");

    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isZero();
    long bytes = images.resolve("a.png").toFile().length() * 4;
    assertThat(run.out().lines())
        .contains(
            "dry run    nothing is written",
            "images     4 (4 png), " + bytes + " bytes; 1 file left out: 1 .txt",
            "first      a.png is 20x40 of 3 channels, maps lie on 20x40 of 3 channels, the model"
                + " gets 32x32 of 3 channels",
            "model      " + model + ", PyTorch, 2 outputs, activation none",
            "explains   all; of a.png classes 0, 1",
            "method     ig: Integrated gradients, profile aucmedi",
            "  options  steps=50 quadrature=trapezoid baseline=0.0 channels=max tolerance=0.05"
                + " batch-size=32 score=output",
            "  passes   51 forward and 102 backward an image, 204 forward and 408 backward in all",
            "  writes   8 maps, at most about 20 kB: "
                + out.resolve("ig/a.class_0.png")
                + ", "
                + out.resolve("ig/a.class_1.png")
                + ", "
                + out.resolve("ig/b.class_0.png")
                + " and 5 more",
            "method     os: Occlusion sensitivity, profile aucmedi",
            // 2 x 2 patches of 16 pixels, and the image.
            "  passes   5 forward an image, 20 forward in all")
        .anyMatch(line -> line.matches("  time     about .*: a forward pass takes [\\d.]+ ms, .*"))
        .last()
        .asString()
        .startsWith("in all     about ");
    assertThat(out).doesNotExist();
  }

  @Test
  void dryRun_methodOfALayer_namesTheLayer() throws IOException {
    model = Files.write(folder.resolve("halves.onnx"), OnnxBuilder.halves(-1, -1, -1).bytes());

    assertThat(dryRun("--method=gradcam", "--grayscale").out().lines())
        .contains("method     gradcam: Grad-CAM, profile aucmedi, layer relu");
    assertThat(dryRun("--method=gradcam", "--grayscale", "--layer=conv").out())
        .contains(", layer conv\n");
    Run unknown = dryRun("--method=gradcam", "--grayscale", "--layer=cnov");
    assertThat(unknown.code()).isEqualTo(2);
    assertThat(unknown.err())
        .startsWith("error: the model has no layer 'cnov'; did you mean 'conv'? its layers are: ");
  }

  @Test
  void dryRun_filesThatAreThere_saysWhichAreReplacedAndWhichRefused() throws IOException {
    dryRun("--method=saliency");
    assertThat(Run.of(arguments("--method=saliency")).code()).isZero();
    Files.writeString(out.resolve("b.png"), "mine");

    Run run = dryRun("--method=saliency", "--overwrite");

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out()).contains("  replaces 3 of them, which are there already\n");
    assertThat(run.err())
        .isEqualTo(
            "problem: cannot write "
                + out.resolve("b.png")
                + ": this program did not write what is there; move it away or choose another"
                + " output folder\n");
    assertThat(out.resolve("b.png")).hasContent("mine");
    assertThat(dryRun("--method=saliency").err())
        .startsWith("problem: " + out + " has results of this run already; --resume does what");
  }

  @Test
  void dryRun_fileInPlaceOfTheFolder_isTold() throws IOException {
    Files.writeString(out, "mine");

    Run run = dryRun("--method=saliency");

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err())
        .isEqualTo("problem: cannot create the output folder " + out + ": it is a file\n");
  }

  @Test
  void dryRun_firstImageUnreadable_isToldAndTheNextTaken() throws IOException {
    Files.writeString(images.resolve("a.png"), "no picture");

    Run run = dryRun("--method=saliency");

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).startsWith("problem: a.png: ");
    assertThat(run.out()).contains("first      b.png is 20x40");
  }

  @Test
  void dryRun_settingsThatCannotBe_endAsTheRunWould() {
    for (String wrong : List.of("--raw", "--class=7", "--no-resize", "--option=stepz=1")) {
      Run run = dryRun("--method=saliency", wrong);
      Run real = Run.of(arguments("--method=saliency", wrong));

      assertThat(run.code()).as(wrong).isEqualTo(2);
      assertThat(run.err()).as(wrong).isEqualTo(real.err());
    }
  }

  private Run dryRun(String... options) {
    List<String> all = new ArrayList<>(List.of(arguments(options)));
    all.add("--dry-run");
    return Run.of(all.toArray(String[]::new));
  }

  private String[] arguments(String... options) {
    List<String> all =
        new ArrayList<>(List.of("explain", "--model=" + model, "--images=" + images));
    all.addAll(List.of("--standardize=rescale", "--output=" + out));
    all.addAll(List.of(options));
    return all.toArray(String[]::new);
  }
}
