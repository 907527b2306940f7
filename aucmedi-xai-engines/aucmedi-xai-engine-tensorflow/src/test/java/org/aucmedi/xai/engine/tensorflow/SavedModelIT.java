package org.aucmedi.xai.engine.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.tensorflow.engine.TfSymbolBlock;
import ai.djl.training.ParameterStore;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LayerKind;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.OutputGradient;
import org.aucmedi.xai.model.ReluRule;
import org.aucmedi.xai.testkit.OutputGradients;
import org.bytedeco.javacpp.SizeTPointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.internal.c_api.TF_Operation;
import org.tensorflow.internal.c_api.global.tensorflow;

/** Signatures, layers and DJL's models; the numbers are in {@link SavedModelGradientsIT}. */
final class SavedModelIT {

  private static Model djlModel(String name, Map<String, Object> options) throws Exception {
    Model model = Model.newInstance(name, "TensorFlow");
    model.load(Fixture.model(name), "saved_model.pb", options);
    return model;
  }

  private static void everyPass(ExplainableModel model, NDArray batch, float... outputGradient) {
    OutputGradient one = OutputGradients.constant(outputGradient);
    OutputGradient two = OutputGradients.of(outputGradient, outputGradient);
    model.predict(batch).close();
    model.layers(batch);
    for (String layer : List.of("stem", "relu", "conv2d/BiasAdd")) {
      model.layerActivations(batch, layer).close();
      model.layerGradients(batch, two, layer).gradients().close();
    }
    model.inputGradients(batch, two).close();
    for (ReluRule rule : ReluRule.values()) {
      model.guidedGradients(batch, one, rule).gradients().close();
    }
  }

  @Test
  void layers_haveKerasNamesKindsAndShapes() {
    try (ExplainableModel model = ExplainableModel.load(Fixture.model("residual"));
        NDManager manager = model.newManager()) {
      assertThat(model.layers())
          .containsExactly(
              new Layer("stem", LayerKind.CONV, new Shape(-1, 8, 10, 4)),
              new Layer("stem_bn", LayerKind.NORM, new Shape(-1, 8, 10, 4)),
              new Layer("stem_relu6", LayerKind.ACTIVATION, new Shape(-1, 8, 10, 4)),
              new Layer("depthwise", LayerKind.CONV, new Shape(-1, 8, 10, 4)),
              new Layer("conv2d/BiasAdd", LayerKind.CONV, new Shape(-1, 8, 10, 4)),
              new Layer("conv2d", LayerKind.CONV, new Shape(-1, 8, 10, 4)),
              new Layer("add", LayerKind.ADD, new Shape(-1, 8, 10, 4)),
              new Layer("relu", LayerKind.ACTIVATION, new Shape(-1, 8, 10, 4)),
              new Layer("pool", LayerKind.POOL, new Shape(-1, 4, 5, 4)),
              new Layer("mean", LayerKind.POOL, new Shape(-1, 4)),
              new Layer("hidden/BiasAdd", LayerKind.DENSE, new Shape(-1, 5)),
              new Layer("hidden", LayerKind.DENSE, new Shape(-1, 5)),
              new Layer("classes/BiasAdd", LayerKind.DENSE, new Shape(-1, 3)),
              new Layer("classes", LayerKind.DENSE, new Shape(-1, 3)));
      List<Layer> traced = model.layers(Fixture.array(manager, "residual", "x"));
      assertThat(traced).hasSameSizeAs(model.layers());
      assertThat(traced.get(8)).isEqualTo(new Layer("pool", LayerKind.POOL, new Shape(2, 4, 5, 4)));
      assertThat(model.inputShape()).isEqualTo(new Shape(-1, 8, 10, 3));
      assertThat(model.channelLayout()).isEqualTo(ChannelLayout.CHANNELS_LAST);
    }
  }

  @Test
  void layers_ofKeras2_keepTheirNumbers() {
    try (ExplainableModel model = ExplainableModel.load(Fixture.model("keras2"))) {
      assertThat(model.layers().stream().map(Layer::name))
          .containsExactly(
              "conv2d/BiasAdd",
              "conv2d",
              "max_pooling2d",
              "conv2d_1/BiasAdd",
              "conv2d_1",
              "bn",
              "global_average_pooling2d",
              "dense");
    }
  }

  @Test
  void layerActivations_byNodeName_areThoseBeforeTheActivation() {
    try (ExplainableModel model = ExplainableModel.load(Fixture.model("residual"));
        NDManager manager = model.newManager()) {
      NDArray batch = Fixture.array(manager, "residual", "x");
      float[] before = model.layerActivations(batch, "conv2d/BiasAdd").toFloatArray();
      float[] after = model.layerActivations(batch, "conv2d").toFloatArray();
      assertThat(before).isNotEqualTo(after);
      for (int i = 0; i < after.length; i++) {
        assertThat(after[i]).isEqualTo(Math.max(before[i], 0));
      }
      NDArray inner = model.layerActivations(batch, "functional_1/stem_1/convolution");
      assertThat(inner.toFloatArray())
          .isEqualTo(model.layerActivations(batch, "stem").toFloatArray());
    }
  }

  @Test
  void load_theFileInTheFolder_loadsTheFolder() {
    Path file = Fixture.model("residual").resolve("saved_model.pb");
    try (ExplainableModel model = ExplainableModel.load(file)) {
      assertThat(model.layers()).hasSize(14);
    }
  }

  @Test
  void load_twoSignaturesAndNoDefault_listsThemAndTakesAName() {
    Path folder = Fixture.model("two");
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> ExplainableModel.load(folder))
        .withMessageContaining("first, second")
        .withMessageContaining("SignatureDefKey");
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(
            () ->
                ExplainableModel.load(folder, LoadOptions.builder().optSignature("third").build()))
        .withMessageContaining("no signature third but first, second");
    assertThat(
            gradientOfTwo(
                ExplainableModel.load(folder, LoadOptions.builder().optSignature("first").build())))
        .containsExactly(2, 0.5f);
    assertThat(
            gradientOfTwo(
                ExplainableModel.load(
                    folder, LoadOptions.builder().optSignature("second").build())))
        .containsExactly(6, 1.5f);
  }

  private static float[] gradientOfTwo(ExplainableModel opened) {
    try (ExplainableModel model = opened;
        NDManager manager = model.newManager()) {
      NDArray batch = manager.create(new float[] {1, 1}, new Shape(1, 2));
      OutputGradient scores = OutputGradients.constant(1, 0);
      return model.inputGradients(batch, scores).head().toFloatArray();
    }
  }

  @Test
  void of_signaturesOfOneKind_asksForTheProperty() throws Exception {
    try (Model djl = djlModel("two", Map.of("SignatureDefKey", "second"))) {
      assertThatExceptionOfType(XAIException.class)
          .isThrownBy(() -> ExplainableModel.of(djl))
          .withMessageContaining("first, second")
          .withMessageContaining("setProperty");
      djl.setProperty("SignatureDefKey", "second");
      assertThat(gradientOfTwo(ExplainableModel.of(djl))).containsExactly(6, 1.5f);
    }
  }

  @Test
  void of_djlModel_leavesItsWeightsAndItsAnswersAlone() throws Exception {
    try (Model djl = djlModel("residual", Map.of());
        NDManager manager = djl.getNDManager().newSubManager()) {
      NDArray batch = Fixture.array(manager, "residual", "x");
      ParameterStore none = new ParameterStore(manager, false);
      NDList input = new NDList(batch);
      float[] before = djl.getBlock().forward(none, input, false).head().toFloatArray();
      try (ExplainableModel model = ExplainableModel.of(djl)) {
        assertThat(model.predict(batch).toFloatArray()).containsExactly(before);
        everyPass(model, batch, Fixture.values("residual", "seed"));
      }
      assertThat(djl.getBlock().forward(none, input, false).head().toFloatArray())
          .containsExactly(before);
    }
  }

  @Test
  void of_channelsFirst_isBelieved() throws Exception {
    try (Model djl = djlModel("residual", Map.of());
        ExplainableModel model =
            ExplainableModel.of(
                djl, LoadOptions.builder().optLayout(ChannelLayout.CHANNELS_FIRST).build())) {
      assertThat(model.channelLayout()).isEqualTo(ChannelLayout.CHANNELS_FIRST);
    }
  }

  @Test
  void passes_andMoreModelsOfOne_doNotGrowTheGraph() throws Exception {
    try (Model djl = djlModel("residual", Map.of());
        NDManager manager = djl.getNDManager().newSubManager()) {
      NDArray batch = Fixture.array(manager, "residual", "x");
      float[] outputGradient = Fixture.values("residual", "seed");
      everyPass(ExplainableModel.of(djl), batch, outputGradient);
      int size = operations(djl);
      for (int i = 0; i < 3; i++) {
        outputGradient[0] = i;
        everyPass(ExplainableModel.of(djl), batch, outputGradient);
      }
      assertThat(operations(djl)).isEqualTo(size);
    }
  }

  private static int operations(Model djl) {
    var graph = ((TfSymbolBlock) djl.getBlock()).getSavedModelBundle().getGraph();
    int count = 0;
    try (SizeTPointer position = new SizeTPointer(1).put(0)) {
      for (TF_Operation next = tensorflow.TF_GraphNextOperation(graph, position);
          next != null && !next.isNull();
          next = tensorflow.TF_GraphNextOperation(graph, position)) {
        count++;
      }
    }
    return count;
  }

  @Test
  void passes_afterTheDjlModelIsClosed_fail() throws Exception {
    Model djl = djlModel("residual", Map.of());
    ExplainableModel model = ExplainableModel.of(djl);
    try (NDManager manager = NDManager.newBaseManager("TensorFlow")) {
      NDArray batch = Fixture.array(manager, "residual", "x");
      model.predict(batch);
      djl.close();
      assertThatIllegalStateException()
          .isThrownBy(() -> model.predict(batch))
          .withMessageContaining("residual");
      assertThatIllegalStateException().isThrownBy(model::layers);
    }
  }

  @Test
  void inputGradients_operationWithoutGradient_namesItAndWhatStillWorks() {
    try (ExplainableModel model = ExplainableModel.load(Fixture.model("nogradient"));
        NDManager manager = model.newManager()) {
      NDArray batch = manager.ones(new Shape(1, 6, 6, 2));
      OutputGradient scores = OutputGradients.sum();
      assertThat(model.predict(batch).getShape()).isEqualTo(new Shape(1, 2));
      assertThat(model.layerActivations(batch, "morphology").getShape().get(3)).isEqualTo(2);
      assertThatExceptionOfType(XAIException.class)
          .isThrownBy(() -> model.inputGradients(batch, scores))
          .withMessageContaining("Dilation2D")
          .withMessageContaining("later layers");
      float[] gradient =
          model.layerGradients(batch, scores, "conv").gradients().head().toFloatArray();
      assertThat(gradient).hasSize(72).containsOnly(1 / 36f);
      assertThat(model.layerGradients(batch, scores, "morphology").gradients()).hasSize(1);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {3, 4, 5})
  void predict_batchOfAnotherShape_namesIt(long rank) {
    try (ExplainableModel model = ExplainableModel.load(Fixture.model("residual"));
        NDManager manager = model.newManager()) {
      long[] sizes = new long[Math.toIntExact(rank)];
      java.util.Arrays.fill(sizes, 7);
      assertThatExceptionOfType(XAIException.class)
          .isThrownBy(() -> model.predict(manager.ones(new Shape(sizes))))
          .withMessageContaining(new Shape(sizes).toString());
    }
  }

  @Test
  void of_modelThatWasNotLoaded_isRefused() {
    try (Model djl = Model.newInstance("net", "TensorFlow")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> ExplainableModel.of(djl))
          .withMessage("model 'net' has no block; call load first");
    }
  }

  @Test
  void outputGradients_ofAnotherBatchSize_areRefused() {
    try (ExplainableModel model = ExplainableModel.load(Fixture.model("residual"));
        NDManager manager = model.newManager()) {
      NDArray batch = Fixture.array(manager, "residual", "x");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> model.inputGradients(batch, OutputGradients.constant(1, 1, 1)))
          .withMessageContaining("2 images and 3 classes, got 3");
    }
  }
}
