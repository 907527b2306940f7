package org.aucmedi.xai.engine.pytorch;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.OutputGradient;
import org.aucmedi.xai.testkit.Golden;
import org.aucmedi.xai.testkit.Maps;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With all instructions of this processor, in a JVM of its own: right gradients, or a refusal. */
final class ConvolutionCheckIT {

  private static final String VARIABLE = "ONEDNN_MAX_CPU_ISA";

  @TempDir private Path folder;

  @Test
  void gradients_withEveryInstruction_areRightOrRefused() throws IOException, InterruptedException {
    Path log = folder.resolve("log");
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dai.djl.offline=true",
                "-Dgolden.dir=" + System.getProperty("golden.dir"),
                "-cp",
                System.getProperty("java.class.path"),
                ConvolutionCheckIT.class.getName())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().remove(VARIABLE);
    Process process = builder.start();
    try {
      assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
      assertThat(process.exitValue()).as(Files.readString(log)).isZero();
    } finally {
      process.destroyForcibly();
    }
  }

  /** What the other JVM runs; a failed assertion is its exit code. */
  public static void main(String[] arguments) {
    Golden.Array expected = Golden.array("resmini_raw.npz", "input_gradient");
    int images = expected.shape()[0];
    Golden.Array x = Golden.array("resmini_aucmedi.npz", "x").first(images).channelsFirst();
    try (ExplainableModel model =
            ExplainableModel.load(Golden.file("models/resmini_scripted.pt"), "PyTorch");
        NDManager manager = model.newManager()) {
      NDArray batch =
          manager.create(
              FloatBuffer.wrap(x.data()),
              new Shape(Arrays.stream(x.shape()).asLongStream().toArray()));
      float[] found =
          model
              .inputGradients(batch, OutputGradient.ofClasses(new int[] {0}))
              .get(0)
              .toFloatArray();
      int size = found.length / images;
      for (int n = 0; n < images; n++) {
        Maps.assertClose(
            "image " + n,
            Arrays.copyOfRange(found, n * size, (n + 1) * size),
            expected.get(n).get(0).data(),
            1e-5f * Maps.maxAbs(expected.data()));
      }
    } catch (XAIException refused) {
      assertThat(refused).hasMessageContaining(VARIABLE + "=AVX ");
    }
  }
}
