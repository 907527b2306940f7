package org.aucmedi.xai.methods;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.aucmedi.xai.Attribution;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.methods.gradient.FullGrad;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.testkit.Golden;
import org.aucmedi.xai.testkit.Maps;
import org.aucmedi.xai.testkit.TorchScriptArchive;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** FullGrad against {@code tools/fullgrad_reference.py}, and on networks of other kinds. */
final class FullGradIT {

  private static final Path FOLDER = Path.of("src", "test", "resources", "fullgrad");

  @TempDir private Path folder;

  private static NDArray create(NDManager manager, Golden.Array array) {
    long[] shape = Arrays.stream(array.shape()).asLongStream().toArray();
    return manager.create(FloatBuffer.wrap(array.data()), new Shape(shape));
  }

  @ParameterizedTest
  @CsvSource({
    "vanilla2d_scripted.pt, vanilla2d",
    "vanilla2d_traced.pt, vanilla2d",
    "vanilla2d.onnx, vanilla2d",
    "resmini_scripted.pt, resmini",
    "resmini_traced.pt, resmini",
    "resmini.onnx, resmini",
    "volume.pt, volume",
  })
  void map_ofANetwork_isThatComputedByHand(String file, String name) {
    boolean own = name.equals("volume");
    Path npz = FOLDER.resolve(name + ".npz");
    Golden.Array x =
        own
            ? Golden.array(npz, "x")
            : Golden.array(name + "_aucmedi.npz", "x").first(1).channelsFirst();
    try (ExplainableModel model =
            ExplainableModel.load(
                own ? FOLDER.resolve(file) : Golden.file("models/" + file), "PyTorch");
        NDManager manager = model.newManager()) {
      List<Attribution> found =
          FullGrad.builder()
              .build(model)
              .attributions(create(manager, x), Target.ofClasses(0, 1))
              .get(0);
      for (int k = 0; k < 2; k++) {
        float[] map = Golden.array(npz, "map").get(k).data();
        double score = Golden.array(npz, "score").data()[k];
        Attribution one = found.get(k);
        Maps.assertClose(file + ", class " + k, one.values(), map, 1e-4f * Maps.maxAbs(map));
        assertThat(one.status()).isEqualTo(MapStatus.OK);
        assertThat(one.diagnostics().get(FullGrad.DELTA))
            .isCloseTo(0, within(1e-4 * Math.abs(score)));
        assertThat(one.diagnostics().get(FullGrad.BIASES))
            .isCloseTo(Golden.array(npz, "biases").data()[k], within(1e-4));
        assertThat(one.diagnostics().get(FullGrad.NOT_DRAWN))
            .isCloseTo(Golden.array(npz, "not_drawn").data()[k], within(1e-4));
      }
    }
  }

  /** A constant that is joined to the network's values is no bias: the sum tells. */
  @Test
  void constantThatIsNotAdded_isMissedAndTold() {
    String forward =
        """
        h = torch.relu(torch.conv2d(x, torch.tensor([[[[3.]]]]), torch.tensor([0.5])))
        h = torch.cat([h, torch.ones([1, 1, 1, 2])], 1)
        return torch.linear(torch.mean(h, [2, 3]), torch.tensor([[1., 0.25], [2., 1.]]))
        """;
    Path file = TorchScriptArchive.write(folder.resolve("joined.pt"), forward);
    try (ExplainableModel model = ExplainableModel.load(file);
        NDManager manager = model.newManager()) {
      NDArray image = manager.create(new float[] {1, 2}, new Shape(1, 1, 1, 2));
      Attribution found =
          FullGrad.builder().build(model).attributions(image, Target.ofClass(0)).get(0).get(0);
      assertThat(found.status()).isEqualTo(MapStatus.NOT_CONSERVED);
      assertThat(found.diagnostics().get(FullGrad.DELTA)).isCloseTo(-0.25, within(1e-6));
      assertThat(
              FullGrad.builder()
                  .opt(FullGrad.TOLERANCE, 0.1)
                  .build(model)
                  .attributions(image, Target.ofClass(0))
                  .get(0)
                  .get(0)
                  .status())
          .isEqualTo(MapStatus.OK);
    }
  }

  /** Compiled Keras networks with batch normalisation, ReLU6 and depthwise convolutions. */
  @ParameterizedTest
  @CsvSource({"mobilenet", "mobilenet_v2", "densenet", "resnet_v2", "nasnet", "volume"})
  void kerasNetwork_isTakenApartWithoutRest(String name) {
    Path npz = Golden.file("keras/" + name + ".npz");
    try (ExplainableModel model =
            ExplainableModel.load(Golden.file("keras/" + name + ".keras"), "PyTorch");
        NDManager manager = model.newManager()) {
      Attribution found =
          FullGrad.builder()
              .build(model)
              .attributions(create(manager, Golden.array(npz, "x").first(1)), Target.ofClass(0))
              .get(0)
              .get(0);
      assertThat(found.status()).isEqualTo(MapStatus.OK);
      assertThat(Math.abs(found.diagnostics().get(FullGrad.BIASES))).isGreaterThan(1e-3);
      assertThat(found.diagnostics().get(FullGrad.DELTA)).isCloseTo(0, within(1e-4));
    }
  }
}
