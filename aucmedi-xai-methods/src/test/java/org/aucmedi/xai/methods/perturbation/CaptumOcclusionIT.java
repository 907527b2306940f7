package org.aucmedi.xai.methods.perturbation;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.Arrays;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.methods.Baseline;
import org.aucmedi.xai.methods.Explained;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.testkit.Golden;
import org.aucmedi.xai.testkit.Maps;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Captum's occlusion of the golden networks: overlapping windows, one of them not square. */
final class CaptumOcclusionIT {

  @ParameterizedTest
  @ValueSource(strings = {"vanilla2d", "resmini"})
  void rawMaps_windowsOfEight_areCaptums(String network) {
    Golden.Array expected = Golden.array(network + "_raw.npz", "captum_occlusion_w8_s4_b0");
    int images = expected.shape()[0];
    Golden.Array x = Golden.array(network + "_aucmedi.npz", "x").first(images).channelsFirst();
    float[] classes = Golden.array(network + "_raw.npz", "classes").data();
    int[] indices = new int[classes.length];
    Arrays.setAll(indices, k -> (int) classes[k]);
    MethodOptions options =
        MethodOptions.of(Profile.PAPER)
            .with(OcclusionSensitivity.PATCH, new Patch(8))
            .with(OcclusionSensitivity.STRIDE, Stride.of(4))
            .with(OcclusionSensitivity.FILL, new Baseline.Constant(0))
            .with(Score.OPTION, Score.OUTPUT);
    try (ExplainableModel model =
            ExplainableModel.load(Golden.file("models/" + network + "_scripted.pt"), "PyTorch");
        NDManager manager = model.newManager()) {
      float[] found =
          Explained.values(
              new OcclusionSensitivity(model, null, options)
                  .explainRaw(
                      manager.create(
                          FloatBuffer.wrap(x.data()),
                          new Shape(Arrays.stream(x.shape()).asLongStream().toArray())),
                      Target.ofClasses(indices)));
      float tolerance = 1e-5f * Maps.maxAbs(expected.data());
      int size = found.length / images / indices.length;
      for (int n = 0; n < images; n++) {
        for (int k = 0; k < indices.length; k++) {
          int from = (n * indices.length + k) * size;
          Maps.assertClose(
              network + " image " + n + ", class " + indices[k],
              Arrays.copyOfRange(found, from, from + size),
              // Captum repeats the map for every channel.
              expected.get(n).get(k).get(0).data(),
              tolerance);
        }
      }
    }
  }
}
