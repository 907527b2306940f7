package org.aucmedi.xai.engine.pytorch;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.GuidedGradients;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LayerGradients;
import org.aucmedi.xai.model.RectifierRule;
import org.aucmedi.xai.testkit.Golden;
import org.aucmedi.xai.testkit.Maps;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The networks of {@code tools/torchscript_fixtures.py}, with eager PyTorch's own numbers. */
final class TorchScriptFixturesIT {

  private static final Path FOLDER = Path.of("src", "test", "resources", "torchscript");
  private static final double TOLERANCE = 2e-6;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "functional_scripted",
        "functional_traced",
        "clipped_scripted",
        "clipped_traced",
        "nested_scripted",
        "nested_traced",
        "script_scripted"
      })
  void everyPass_equalsEagerPyTorch(String file) throws IOException {
    String name = file.replaceFirst("_.*", "");
    try (ExplainableModel model = ExplainableModel.load(FOLDER.resolve(file + ".pt"));
        NDManager manager = model.newManager()) {
      NDArray x = array(manager, name, "x");
      NDList seeds = new NDList(array(manager, name, "seed"));
      assertClose(name, "y", model.predict(x));
      assertClose(name, "inputGradients", model.inputGradients(x, seeds).head());
      for (RectifierRule rule : RectifierRule.values()) {
        GuidedGradients guided = model.guidedGradients(x, seeds, rule);
        String key = rule == RectifierRule.GUIDED ? "guided" : "deconvnet";
        assertClose(name, key + "Gradients", guided.gradients().head());
        assertThat(guided.rectifiers()).isEqualTo((int) reference(name, "rectifiers").data()[0]);
      }
      List<String> order = Files.readAllLines(FOLDER.resolve(name + ".layers"));
      List<Layer> layers = model.layers(x);
      assertThat(layers).extracting(Layer::name).containsExactlyElementsOf(order);
      for (Layer layer : layers) {
        LayerGradients found = model.layerGradients(x, seeds, layer.name());
        assertClose(name, "y", found.output());
        assertClose(name, layer.name() + "/activation", found.activations());
        assertClose(name, layer.name() + "/gradient", found.gradients().head());
        assertThat(layer.outputShape()).isEqualTo(found.activations().getShape());
      }
      assertClose(name, "inputGradients", model.inputGradients(x, seeds).head());
      assertClose(name, "y", model.predict(x));
    }
  }

  private static void assertClose(String name, String key, NDArray found) {
    float[] expected = reference(name, key).data();
    double scale = Math.max(Maps.maxAbs(expected), 1e-3);
    Maps.assertClose(name + " " + key, found.toFloatArray(), expected, TOLERANCE * scale);
  }

  private static NDArray array(NDManager manager, String name, String key) {
    Golden.Array array = reference(name, key);
    long[] shape = Arrays.stream(array.shape()).asLongStream().toArray();
    return manager.create(FloatBuffer.wrap(array.data()), new Shape(shape));
  }

  private static Golden.Array reference(String name, String key) {
    return Golden.array(FOLDER.resolve(name + ".npz"), key);
  }
}
