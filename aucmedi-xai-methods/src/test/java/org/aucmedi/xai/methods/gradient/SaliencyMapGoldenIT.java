package org.aucmedi.xai.methods.gradient;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.Arrays;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.testkit.Golden;
import org.aucmedi.xai.testkit.Maps;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Saliency maps of the golden networks, against AUCMEDI's and against PyTorch's own autograd. */
final class SaliencyMapGoldenIT {

  @ParameterizedTest
  @CsvSource({
    "vanilla2d, scripted",
    "vanilla2d, traced",
    "resmini, scripted",
    "resmini, traced",
    "vanilla3d, scripted",
    "vanilla3d, traced"
  })
  void heatmaps_golden_equalAucmedi(String network, String kind) {
    Golden.Array x = Golden.array(network + "_aucmedi.npz", "x").channelsFirst();
    Golden.Array y = Golden.array(network + "_aucmedi.npz", "y");
    Golden.Array expected = Golden.array(network + "_aucmedi.npz", "sm");
    int[] classes = classes(network);
    try (ExplainableModel model = load(network, kind);
        NDManager manager = model.newManager()) {
      NDArray batch = create(manager, x);
      Maps.assertClose("prediction", model.predict(batch).toFloatArray(), y.data(), 1e-5);

      NDArray maps =
          new SaliencyMap(model)
              .computeHeatmaps(batch, Target.ofClasses(classes), XAIMethodBase.DEFAULT_EPS);

      assertThat(maps.getShape())
          .isEqualTo(new Shape(Arrays.stream(expected.shape()).asLongStream().toArray()));
      if (network.equals("vanilla3d")) {
        // TensorFlow's 3D pooling backward is off near borders, so its maps are close on the whole.
        assertThat(Maps.meanDifference(maps.toFloatArray(), expected.data())).isLessThan(1e-3);
      } else {
        Maps.assertClose("map", maps.toFloatArray(), expected.data(), 1e-4);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "vanilla2d, scripted",
    "vanilla2d, traced",
    "resmini, scripted",
    "resmini, traced",
    "vanilla3d, scripted",
    "vanilla3d, traced"
  })
  void inputGradients_golden_equalAutograd(String network, String kind) {
    Golden.Array expected = Golden.array(network + "_raw.npz", "input_gradient");
    Golden.Array x =
        Golden.array(network + "_aucmedi.npz", "x").channelsFirst().first(expected.shape()[0]);
    int[] targets = classes(network);
    try (ExplainableModel model = load(network, kind);
        NDManager manager = model.newManager()) {
      NDArray batch = create(manager, x);
      int images = x.shape()[0];
      int classes = Math.toIntExact(model.predict(batch).getShape().get(1));
      NDList seeds = new NDList();
      for (float[] seed : Target.ofClasses(targets).seeds(images, classes)) {
        seeds.add(manager.create(FloatBuffer.wrap(seed), new Shape(images, classes)));
      }

      NDList gradients = model.inputGradients(batch, seeds);

      for (int n = 0; n < images; n++) {
        for (int k = 0; k < targets.length; k++) {
          float[] actual = gradients.get(k).get(n).toFloatArray();
          float[] reference = expected.get(n).get(k).data();
          Maps.assertClose(
              network + " image " + n + " class " + targets[k],
              actual,
              reference,
              1e-5 * Maps.maxAbs(expected.data()));
        }
      }
    }
  }

  private static int[] classes(String network) {
    float[] classes = Golden.array(network + "_aucmedi.npz", "classes").data();
    int[] indices = new int[classes.length];
    for (int k = 0; k < indices.length; k++) {
      indices[k] = (int) classes[k];
    }
    return indices;
  }

  private static ExplainableModel load(String network, String kind) {
    return ExplainableModel.load(Golden.file("models/" + network + "_" + kind + ".pt"), "PyTorch");
  }

  private static NDArray create(NDManager manager, Golden.Array array) {
    return manager.create(
        FloatBuffer.wrap(array.data()),
        new Shape(Arrays.stream(array.shape()).asLongStream().toArray()));
  }
}
