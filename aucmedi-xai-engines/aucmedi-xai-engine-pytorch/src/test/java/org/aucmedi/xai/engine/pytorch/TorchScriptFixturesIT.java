package org.aucmedi.xai.engine.pytorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.GuidedGradients;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LayerGradients;
import org.aucmedi.xai.model.LayerKind;
import org.aucmedi.xai.model.LayerNotFoundException;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.OutputActivation;
import org.aucmedi.xai.model.OutputGradient;
import org.aucmedi.xai.model.ReluRule;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.aucmedi.xai.testkit.CloseUnderLoad;
import org.aucmedi.xai.testkit.Golden;
import org.aucmedi.xai.testkit.Maps;
import org.aucmedi.xai.testkit.OutputGradients;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The networks of {@code tools/torchscript_fixtures.py}, with eager PyTorch's own numbers. */
final class TorchScriptFixturesIT {

  private static final Path FOLDER = Path.of("src", "test", "resources", "torchscript");

  /**
   * The last column says how far apart values may be, as a part of the largest: a few roundings of
   * the type, 2^-11 for half and 2^-9 for bfloat16.
   */
  @Test
  void load_device_isWhereTheModelRuns() throws Exception {
    Path file = FOLDER.resolve("fixed_traced.pt");
    LoadOptions cpu = LoadOptions.builder().optDevice(Device.cpu()).build();
    try (ExplainableModel model = ExplainableModel.load(file, cpu);
        NDManager manager = model.newManager()) {
      assertThat(manager.getDevice()).isEqualTo(Device.cpu());
    }
    LoadOptions absent = LoadOptions.builder().optDevice(Device.gpu(64)).build();
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> ExplainableModel.load(file, absent))
        .withMessageMatching("there is no gpu\\(64\\): PyTorch sees \\d+ GPUs; .*");
    try (Model model = Model.newInstance("own", Device.cpu(), "PyTorch")) {
      model.load(file);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> ExplainableModel.of(model, absent))
          .withMessageContaining("runs on cpu() and cannot be moved to gpu(64)");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "functional_scripted, functional, , NONE, 2e-6",
    "functional_traced, functional, , NONE, 2e-6",
    "clipped_scripted, clipped, , SOFTMAX, 2e-6",
    "clipped_traced, clipped, , SOFTMAX, 2e-6",
    "joined_scripted, joined, , NONE, 2e-6",
    "joined_traced, joined, , NONE, 2e-6",
    "nested_scripted, nested, 0, NONE, 2e-6",
    "nested_traced, nested, 0, NONE, 2e-6",
    "script_scripted, script, , NONE, 2e-6",
    "kinds_scripted, kinds, , NONE, 2e-6",
    "kinds_traced, kinds, , NONE, 2e-6",
    "named_scripted, logits, logits, NONE, 2e-6",
    "named_scripted, probs, probs, SOFTMAX, 2e-6",
    "named_scripted, probs, 2, SOFTMAX, 2e-6",
    "dict_traced, logits, logits, NONE, 2e-6",
    "dict_traced, probs, probs, SOFTMAX, 2e-6",
    "tuples_scripted, logits, 1, NONE, 2e-6",
    "tuples_scripted, probs, 2, SOFTMAX, 2e-6",
    "fixed_traced, fixed, , NONE, 2e-6",
    "double_traced, double, , SOFTMAX, 1e-6",
    "half_traced, half, , SOFTMAX, 2e-3",
    "bfloat16_traced, bfloat16, , SOFTMAX, 1.6e-2",
    "autocast_traced, autocast, , NONE, 1.6e-2"
  })
  void everyPass_equalsEagerPyTorch(
      String file,
      String name,
      @Nullable String output,
      OutputActivation activation,
      double tolerance)
      throws IOException {
    LoadOptions.Builder building = LoadOptions.builder();
    if (output != null) {
      building.optOutput(output);
    }
    LoadOptions options = building.build();
    try (ExplainableModel model = ExplainableModel.load(FOLDER.resolve(file + ".pt"), options);
        NDManager manager = model.newManager()) {
      NDArray x = array(manager, name, "x");
      OutputGradient scores = OutputGradients.of(array(manager, name, "seed"));
      Reference expected = new Reference(name, tolerance);
      assertThat(model.outputActivation()).isEqualTo(activation);
      expected.assertClose("y", model.predict(x));
      expected.assertClose("inputGradients", model.inputGradients(x, scores).head());
      for (ReluRule rule : ReluRule.values()) {
        GuidedGradients guided = model.guidedGradients(x, scores, rule);
        String key = rule == ReluRule.GUIDED ? "guided" : "deconvnet";
        expected.assertClose(key + "Gradients", guided.gradients().head());
        assertThat(guided.relus()).isEqualTo((int) reference(name, "rectifiers").data()[0]);
      }
      List<String> order = Files.readAllLines(FOLDER.resolve(name + ".layers"));
      List<Layer> layers = model.layers(x);
      assertThat(layers).extracting(Layer::name).containsExactlyElementsOf(order);
      for (Layer layer : layers) {
        LayerGradients found = model.layerGradients(x, scores, layer.name());
        expected.assertClose("y", found.output());
        expected.assertClose(layer.name() + "/activation", found.activations());
        expected.assertClose(layer.name() + "/gradient", found.gradients().head());
        assertThat(layer.outputShape()).isEqualTo(found.activations().getShape());
        expected.assertClose("y", model.predictFromLayer(x, layer.name(), found.activations()));
      }
      expected.assertClose("inputGradients", model.inputGradients(x, scores).head());
      expected.assertClose("y", model.predict(x));
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
      OutputGradient scores = OutputGradients.of(array(manager, "functional", "seed"));
      Reference reference = new Reference("functional", 2e-6);
      reference.assertClose("y", model.predict(x));
      reference.assertClose("inputGradients", model.inputGradients(x, scores).head());
      reference.assertClose(
          "guidedGradients", model.guidedGradients(x, scores, ReluRule.GUIDED).gradients().head());
      for (ThrowingCallable call :
          List.<ThrowingCallable>of(
              model::layers,
              () -> model.layers(x),
              () -> model.layerActivations(x, "a"),
              () -> model.layerGradients(x, scores, "a"))) {
        assertThatExceptionOfType(XAIException.class)
            .isThrownBy(call)
            .withMessage(
                "TorchScript model 'frozen' is frozen (torch.jit.freeze), so its layers are gone;"
                    + " save it before freezing");
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
      LoadOptions options = LoadOptions.builder().optOutput("0").build();
      try (ExplainableModel loaded = ExplainableModel.load(file, options);
          ExplainableModel wrapped = ExplainableModel.of(own, options);
          NDManager manager = loaded.newManager()) {
        NDArray x = array(manager, "nested", "x");
        OutputGradient scores = OutputGradients.of(array(manager, "nested", "seed"));
        assertThat(wrapped.layers()).isEqualTo(loaded.layers());
        assertThat(wrapped.layerGradients(x, scores, "body").gradients().head().toFloatArray())
            .isEqualTo(loaded.layerGradients(x, scores, "body").gradients().head().toFloatArray());
      }
    }
  }

  /** Weights that pass through the heap, or are copied at every part, show as allocations. */
  @Test
  void layers_largeFile_passesNothingThroughTheHeap(@TempDir Path folder) throws IOException {
    Path large = folder.resolve("large.pt");
    try (ModuleArchive archive = ModuleArchive.open(FOLDER.resolve("nested_traced.pt"));
        OutputStream out = Files.newOutputStream(large)) {
      archive.write(out, Map.of("extra/ballast", new byte[64 << 20]));
    }
    LoadOptions options = LoadOptions.builder().optOutput("0").build();
    ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    // Classes and buffers that are made once.
    try (ExplainableModel model = ExplainableModel.load(FOLDER.resolve("nested_traced.pt"))) {
      assertThat(model.layers()).isNotEmpty();
    }
    long before = thread.getCurrentThreadAllocatedBytes();
    try (ExplainableModel model = ExplainableModel.load(large, options)) {
      assertThat(model.layers()).isNotEmpty();
    }
    assertThat(thread.getCurrentThreadAllocatedBytes() - before).isLessThan(16 << 20);
  }

  /** Files of the temporary folder go; without a folder the copies are made in memory. */
  @Test
  void layerGradients_anyTemporaryFolder_areTheSameAndLeaveNothing(@TempDir Path folder)
      throws Exception {
    Path file = FOLDER.resolve("nested_traced.pt");
    LoadOptions options = LoadOptions.builder().optOutput("0").build();
    String usual = System.getProperty("java.io.tmpdir");
    try (Model own = Model.newInstance("nested", "PyTorch")) {
      own.load(file);
      List<float[]> gradients = new ArrayList<>();
      for (Path temporary : List.of(folder, folder.resolve("missing"))) {
        System.setProperty("java.io.tmpdir", temporary.toString());
        try (ExplainableModel loaded = ExplainableModel.load(file, options);
            ExplainableModel wrapped = ExplainableModel.of(own, options);
            NDManager manager = loaded.newManager()) {
          NDArray x = array(manager, "nested", "x");
          OutputGradient scores = OutputGradients.of(array(manager, "nested", "seed"));
          for (ExplainableModel model : List.of(loaded, wrapped)) {
            gradients.add(
                model.layerGradients(x, scores, "body").gradients().head().toFloatArray());
          }
        }
      }
      assertThat(gradients).hasSize(4).allSatisfy(g -> assertThat(g).isEqualTo(gradients.get(0)));
      assertThat(folder).isEmptyDirectory();
    } finally {
      System.setProperty("java.io.tmpdir", usual);
    }
  }

  @Test
  void layers_moduleOfIntegers_isNone() {
    try (ExplainableModel model = ExplainableModel.load(FOLDER.resolve("fixed_traced.pt"))) {
      OutputGradient first = outputs -> List.of(new float[] {1, 0, 0});
      assertThatExceptionOfType(LayerNotFoundException.class)
          .isThrownBy(() -> model.layerGradients(ones(model), first, "largest"))
          .withMessageContaining("'largest'")
          .withMessageContaining("a, act, head");
    }
  }

  @Test
  void predict_severalOutputsAndNoChoice_namesThemWithTheirShapes() {
    for (String file : List.of("named_scripted", "dict_traced")) {
      assertRefused(
          file,
          model -> model.predict(ones(model)),
          "has 3 outputs: 0 'features' (1, 4), 1 'logits' (1, 3), 2 'probs' (1, 3); select one");
    }
    assertRefused(
        "tuples_scripted",
        model -> model.predict(ones(model)),
        "has 3 outputs: 0 (1, 4), 1 (1, 3), 2 (1, 3); select one");
  }

  @ParameterizedTest
  @CsvSource({
    "dynamic_scripted, quantized.linear_dynamic has no derivative",
    "static_traced, has no derivative",
    "fastpath_traced, set_fastpath_enabled(False)"
  })
  void gradients_operationWithoutDerivative_areRefusedByName(String file, String message) {
    try (ExplainableModel model = ExplainableModel.load(FOLDER.resolve(file + ".pt"))) {
      assertThat(model.predict(ones(model)).size()).isEqualTo(3);
    }
    OutputGradient first = outputs -> List.of(new float[] {1, 0, 0});
    assertRefused(file, model -> model.inputGradients(ones(model), first), message);
    assertRefused(
        file, model -> model.guidedGradients(ones(model), first, ReluRule.GUIDED), message);
    String layer = file.startsWith("fastpath") ? "patches" : "act";
    assertRefused(file, model -> model.layerGradients(ones(model), first, layer), message);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void close_whileOthersExplain_endsInOneSentence(boolean owned) throws Exception {
    Path file = FOLDER.resolve("functional_traced.pt");
    OutputGradient first = outputs -> List.of(new float[outputs.length * 3]);
    for (int round = 0; round < 5; round++) {
      try (Model own = Model.newInstance("functional", "PyTorch")) {
        own.load(file);
        ExplainableModel model =
            owned ? ExplainableModel.load(file) : ExplainableModel.of(own, LoadOptions.NONE);
        try (NDManager manager = model.newManager()) {
          NDArray batch = manager.ones(new Shape(2, 2, 6, 5));
          float[] expected = model.predict(batch).toFloatArray();
          NDArray kept = model.predict(batch);
          CloseUnderLoad.run(
              model,
              () -> model.predict(batch),
              () -> model.inputGradients(batch, first),
              () -> model.layerGradients(batch, first, "b"),
              () -> model.guidedGradients(batch, first, ReluRule.GUIDED),
              model::layers,
              () -> model.layers(batch));
          assertThat(kept.toFloatArray()).containsExactly(expected);
          assertThat(batch.toFloatArray()).hasSize(120).containsOnly(1);
        }
      }
    }
  }

  private static void assertRefused(String file, Consumer<ExplainableModel> call, String message) {
    try (ExplainableModel model = ExplainableModel.load(FOLDER.resolve(file + ".pt"))) {
      assertThatExceptionOfType(UnsupportedModelException.class)
          .isThrownBy(() -> call.accept(model))
          .withMessageContaining(message);
    }
  }

  private static NDArray ones(ExplainableModel model) {
    return model.newManager().ones(new Shape(1, 2, 6, 5));
  }

  /** The numbers of eager PyTorch. */
  private record Reference(String name, double tolerance) {

    void assertClose(String key, NDArray found) {
      assertThat(found.getDataType()).isEqualTo(DataType.FLOAT32);
      float[] expected = reference(name, key).data();
      double scale = Math.max(Maps.maxAbs(expected), 1e-3);
      Maps.assertClose(name + " " + key, found.toFloatArray(), expected, tolerance * scale);
    }
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
