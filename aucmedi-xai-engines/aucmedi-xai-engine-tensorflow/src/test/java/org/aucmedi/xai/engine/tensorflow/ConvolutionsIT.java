package org.aucmedi.xai.engine.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.testkit.Maps;
import org.aucmedi.xai.testkit.OtherJvm;
import org.aucmedi.xai.testkit.OutputGradients;
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
    for (String name : new String[] {"operations2d", "operations3d", "residual"}) {
      try (ExplainableModel model = ExplainableModel.load(Fixture.model(name));
          NDManager manager = model.newManager()) {
        NDArray batch = Fixture.array(manager, name, "x");
        NDArray seed = Fixture.array(manager, name, "seed");
        float[] expected = Fixture.values(name, "gradient");
        Maps.assertClose(
            name,
            model.inputGradients(batch, OutputGradients.of(seed)).head().toFloatArray(),
            expected,
            1e-5 * Maps.maxAbs(expected));
        System.out.println(name + " is right");
      } catch (XAIException refused) {
        assertThat(refused).hasMessageContaining(VARIABLE + "=AVX ");
        System.out.println(refused.getMessage());
      }
    }
  }
}
