package org.aucmedi.xai.engine.pytorch;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.Arrays;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.OutputGradient;
import org.aucmedi.xai.testkit.Golden;
import org.aucmedi.xai.testkit.Maps;
import org.aucmedi.xai.testkit.OtherJvm;
import org.junit.jupiter.api.Test;

/** With all instructions of this processor, in a JVM of its own: right gradients, or a refusal. */
final class ConvolutionsIT {

  private static final String VARIABLE = "ONEDNN_MAX_CPU_ISA";

  @Test
  void gradients_withEveryInstruction_areRightOrRefused() throws IOException, InterruptedException {
    OtherJvm.run(ConvolutionsIT.class, environment -> environment.remove(VARIABLE));
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
