package org.aucmedi.xai.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.aucmedi.xai.testkit.TorchScriptArchive;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConfigIT {

  @TempDir private Path folder;
  private Path first;
  private Path second;

  @BeforeEach
  void makeModelAndImages() throws IOException {
    TorchScriptArchive.write(
        folder.resolve("cubes.pt"),
        """
        c = torch.sum(torch.flatten(torch.mul(torch.mul(x, x), x), 1), [1], True)
        return torch.cat([c, torch.neg(c)], 1)
        """);
    first = picture("a b.png", 0x102030, 0xffffff);
    second = picture("c=d.png", 0x302010, 0x1122ff);
  }

  @Test
  void explain_savedConfig_givesTheSameRun() throws IOException {
    Path config = folder.resolve("conf/run.conf");
    List<String> arguments =
        List.of(
            "explain",
            "--model=" + folder.resolve("cubes.pt"),
            "--images",
            first.toString(),
            second.toString(),
            "--method=ig",
            "--option",
            "steps=3",
            "--option=tolerance=100",
            "--class=all",
            "--standardize=rescale",
            "--colormap=viridis",
            "--color-bar",
            "--heat-alpha=false",
            "--no-overlay");
    List<String> saved = new ArrayList<>(arguments);
    saved.addAll(List.of("--output=" + folder.resolve("one"), "--save-config=" + config));

    Run before = Run.of(saved.toArray(String[]::new));
    assertThat(before.err()).isEmpty();
    assertThat(before.code()).isZero();
    assertThat(Files.readAllLines(config))
        .contains(
            "# Options of 'aucmedi-xai explain', for --config.",
            "# Model",
            "model = " + folder.resolve("cubes.pt"),
            "# engine = NAME",
            "images = " + first,
            "images = " + second,
            "option = steps=3",
            "option = tolerance=100",
            "color-bar = true",
            "heat-alpha = false",
            "# eps = 1e-8")
        .noneMatch(line -> line.contains("save-config ="));

    Run after = Run.of("explain", "--config=" + config, "--output=" + folder.resolve("two"));

    assertThat(after.code()).isZero();
    String[] maps = folder.resolve("one").toFile().list((one, name) -> name.endsWith(".png"));
    assertThat(maps).hasSize(4);
    for (String map : maps) {
      assertThat(folder.resolve("two").resolve(map))
          .hasSameBinaryContentAs(folder.resolve("one").resolve(map));
    }
  }

  @Test
  void explain_pathsBelowTheConfig_areRelativeToIt() throws IOException {
    Path config = folder.resolve("run.conf");
    Run.of(
        "explain",
        "--model=" + folder.resolve("cubes.pt"),
        "--images=" + first,
        "--method=saliency",
        "--standardize=rescale",
        "--output=" + folder.resolve("out"),
        "--save-config=" + config);

    assertThat(Files.readAllLines(config))
        .contains("model = cubes.pt", "images = a b.png", "output = out");
    Path moved = Files.move(folder.resolve("out"), folder.resolve("before")).resolve("a b.png");
    assertThat(Run.of("explain", "--config=" + config).code()).isZero();
    assertThat(folder.resolve("out/a b.png")).hasSameBinaryContentAs(moved);
  }

  @Test
  void explain_configThatCannotBeWritten_isToldWhenTheMapsAreThere() {
    Run run =
        Run.of(
            "explain",
            "--model=" + folder.resolve("cubes.pt"),
            "--images=" + first,
            "--method=saliency",
            "--standardize=rescale",
            "--output=" + folder.resolve("out"),
            "--save-config=" + first.resolve("run.conf"));

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .startsWith("error: cannot write the configuration " + first.resolve("run.conf") + ": ");
    assertThat(folder.resolve("out/a b.png")).exists();
  }

  @Test
  void explain_drawingOptionsOfNumbers_areNamed() {
    Run run =
        Run.of(
            "explain",
            "--model=" + folder.resolve("cubes.pt"),
            "--images=" + first,
            "--method=saliency",
            "--standardize=rescale",
            "--format=npy",
            "--colormap=jet",
            "--no-overlay",
            "--alpha=1",
            "--output=" + folder.resolve("out"));

    assertThat(run.code()).isZero();
    assertThat(run.err())
        .isEqualTo(
            """
            warning: --colormap has no effect: --format npy writes numbers, not pictures
            warning: --alpha has no effect: --format npy writes numbers, not pictures
            """);
  }

  private Path picture(String name, int left, int right) throws IOException {
    BufferedImage picture = new BufferedImage(2, 1, BufferedImage.TYPE_INT_RGB);
    picture.setRGB(0, 0, left);
    picture.setRGB(1, 0, right);
    Path file = folder.resolve(name);
    ImageIO.write(picture, "png", file.toFile());
    return file;
  }
}
