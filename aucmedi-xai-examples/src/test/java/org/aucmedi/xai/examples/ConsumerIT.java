package org.aucmedi.xai.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.methods.cam.GradCam;
import org.aucmedi.xai.model.ExplainableModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A project outside the build takes what would be published, and explains an image. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "consumer.sh is a POSIX script")
final class ConsumerIT {

  @TempDir private Path folder;

  @Test
  void consumer_ofThePublishedArtefacts_getsTheMapThatTheBuildMakes() throws Exception {
    assumeTrue(
        Stream.of(System.getenv("PATH").split(File.pathSeparator))
            .anyMatch(path -> Files.isExecutable(Path.of(path, "mvn"))),
        "skipped: there is no mvn on the PATH");
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder(
                DocTable.ROOT.resolve("tools/consumer.sh").toString(), "--built", "--offline")
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().put("MAVEN_REPOSITORY", System.getProperty("maven.repository"));
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));

    int code = builder.start().waitFor();

    String output = Files.readString(out) + Files.readString(err);
    assumeTrue(
        code == 0 || !output.contains("in offline mode"),
        () -> "skipped: this machine's repository lacks what a consumer needs; " + output);
    assertThat(code).as(output).isZero();
    assertThat(output).contains(expected());
  }

  /** What the program in tools/consumer does, with the classes of the build. */
  private static String expected() {
    float[] pixels = new float[3 * 40 * 56];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) Math.sin(i * 0.37);
    }
    Path file =
        DocTable.ROOT.resolve(
            "aucmedi-xai-testkit/src/main/resources/org/aucmedi/xai/testkit/golden/models/resmini_scripted.pt");
    try (ExplainableModel model = ExplainableModel.load(file);
        NDManager manager = NDManager.newBaseManager("PyTorch")) {
      NDArray image = manager.create(pixels, new Shape(1, 3, 40, 56));
      Heatmap map = GradCam.builder().build(model).explain(image, Target.argmax()).get(0).get(0);
      float[] values = map.values();
      int peak = 0;
      double sum = 0;
      for (int i = 0; i < values.length; i++) {
        peak = values[i] > values[peak] ? i : peak;
        sum += values[i];
      }
      return String.format(
          Locale.ROOT,
          "class %d, peak %d of %d, mean %.4f",
          map.classIndex(),
          peak,
          values.length,
          sum / values.length);
    }
  }
}
