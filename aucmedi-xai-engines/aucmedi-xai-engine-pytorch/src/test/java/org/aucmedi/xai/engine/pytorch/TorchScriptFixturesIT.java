package org.aucmedi.xai.engine.pytorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.djl.Model;
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
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.aucmedi.xai.XAIException;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.GuidedGradients;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LayerGradients;
import org.aucmedi.xai.model.LayerKind;
import org.aucmedi.xai.model.RectifierRule;
import org.aucmedi.xai.testkit.Golden;
import org.aucmedi.xai.testkit.Maps;
import org.junit.jupiter.api.Test;
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
        "script_scripted",
        "kinds_scripted",
        "kinds_traced"
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

  @ParameterizedTest
  @ValueSource(strings = {"kinds_scripted", "kinds_traced"})
  void layers_classesThatNamesDoNotTell_areWhatTheyCompute(String file) {
    try (ExplainableModel model = ExplainableModel.load(FOLDER.resolve(file + ".pt"))) {
      assertThat(model.layers())
          .containsExactly(
              new Layer("named", LayerKind.CONV, null),
              new Layer("norm", LayerKind.NORM, null),
              new Layer("same", LayerKind.CONV, null),
              new Layer("squash", LayerKind.ACTIVATION, null),
              new Layer("standard", LayerKind.CONV, null),
              new Layer("layer_norm", LayerKind.NORM, null),
              new Layer("pool", LayerKind.POOL, null),
              new Layer("two", LayerKind.OTHER, null),
              new Layer("dense", LayerKind.DENSE, null));
    }
  }

  @Test
  void frozenModule_predictsAndDifferentiatesButSaysWhereItsLayersAre() {
    try (ExplainableModel model = ExplainableModel.load(FOLDER.resolve("frozen.pt"));
        NDManager manager = model.newManager()) {
      NDArray x = array(manager, "functional", "x");
      NDList seeds = new NDList(array(manager, "functional", "seed"));
      assertClose("functional", "y", model.predict(x));
      assertClose("functional", "inputGradients", model.inputGradients(x, seeds).head());
      assertClose(
          "functional",
          "guidedGradients",
          model.guidedGradients(x, seeds, RectifierRule.GUIDED).gradients().head());
      for (ThrowingCallable call :
          List.<ThrowingCallable>of(
              model::layers,
              () -> model.layers(x),
              () -> model.layerActivations(x, "a"),
              () -> model.layerGradients(x, seeds, "a"))) {
        assertThatExceptionOfType(XAIException.class)
            .isThrownBy(call)
            .withMessage(
                "the file is frozen (torch.jit.freeze), so its layers are gone; save it before"
                    + " freezing");
      }
    }
  }

  @Test
  void load_moduleOptimizedForInference_saysWhatToSave() {
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> ExplainableModel.load(FOLDER.resolve("optimized.pt")))
        .withMessageContaining("torch.jit.optimize_for_inference")
        .withMessageEndingWith("; save the module before that call");
  }

  /** A user's own model is serialised by libtorch, a file of ours is not: both give the same. */
  @Test
  void layerGradients_modelThatTheUserLoaded_areThoseOfTheFile() throws Exception {
    Path file = FOLDER.resolve("nested_traced.pt");
    try (Model own = Model.newInstance("nested", "PyTorch")) {
      own.load(file);
      try (ExplainableModel loaded = ExplainableModel.load(file);
          ExplainableModel wrapped = ExplainableModel.of(own);
          NDManager manager = loaded.newManager()) {
        NDArray x = array(manager, "nested", "x");
        NDList seeds = new NDList(array(manager, "nested", "seed"));
        assertThat(wrapped.layers()).isEqualTo(loaded.layers());
        assertThat(wrapped.layerGradients(x, seeds, "body").gradients().head().toFloatArray())
            .isEqualTo(loaded.layerGradients(x, seeds, "body").gradients().head().toFloatArray());
      }
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
