package org.aucmedi.xai.methods;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import org.aucmedi.xai.Attribution;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.methods.cam.LayerIntegratedGradients;
import org.aucmedi.xai.methods.gradient.IntegratedGradients;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.testkit.Golden;
import org.aucmedi.xai.testkit.Maps;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Layer integrated gradients against {@code tools/conductance_reference.py}. */
final class LayerIntegratedGradientsIT {

  private static final Path FILE = Path.of("src", "test", "resources", "conductance.npz");

  /** A shortcut goes round the third layer, which the sum tells. */
  @ParameterizedTest
  @CsvSource({
    "vanilla2d, features.4, OK",
    "vanilla2d, features.10, OK",
    "resmini, b1.dw, NOT_CONVERGED",
    "resmini, head, OK",
  })
  void map_ofALayer_isThatComputedByHand(String network, String layer, MapStatus status) {
    Golden.Array x = Golden.array(network + "_aucmedi.npz", "x").first(1).channelsFirst();
    Golden.Array maps = Golden.array(FILE, network + "/" + layer);
    float[] deltas = Golden.array(FILE, network + "/" + layer + "/delta").data();
    long[] shape = Arrays.stream(x.shape()).asLongStream().toArray();
    try (ExplainableModel model =
            ExplainableModel.load(Golden.file("models/" + network + "_scripted.pt"), "PyTorch");
        NDManager manager = model.newManager()) {
      NDArray batch = manager.create(FloatBuffer.wrap(x.data()), new Shape(shape));
      for (int batchSize : new int[] {8, 32}) {
        LayerIntegratedGradients method =
            LayerIntegratedGradients.builder()
                .opt(IntegratedGradients.STEPS, 20)
                .opt(IntegratedGradients.BATCH_SIZE, batchSize)
                .optLayer(layer)
                .build(model);
        for (int k = 0; k < 2; k++) {
          Attribution found = method.attributions(batch, Target.ofClass(k)).get(0).get(0);
          float[] expected = maps.get(k).data();
          Maps.assertClose(
              layer + ", class " + k, found.values(), expected, 1e-4f * Maps.maxAbs(expected));
          assertThat(found.diagnostics().get(IntegratedGradients.DELTA))
              .isCloseTo(deltas[k], within(1e-5));
          assertThat(found.status()).isEqualTo(status);
          assertThat(found.layer()).isEqualTo(layer);
        }
      }
    }
  }
}
