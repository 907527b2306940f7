package org.aucmedi.xai.engine.onnxruntime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.OutputActivation;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.aucmedi.xai.testkit.OnnxBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that the caller loaded with DJL, which does not tell from where. */
final class OnnxModelOfDjlIT {

  @TempDir private Path folder;

  @Test
  void of_modelFoundByItsName_hasLayers() throws IOException, MalformedModelException {
    OnnxBuilder.halves(-1, 2, 2).write(folder.resolve("net.onnx"));
    try (Model own = Model.newInstance("net", "OnnxRuntime")) {
      own.load(folder);
      assertHasLayers(own);
    }
  }

  @Test
  void of_modelOfOneFile_hasLayers() throws IOException, MalformedModelException {
    Path file = OnnxBuilder.halves(-1, 2, 2).write(folder.resolve("file.onnx"));
    try (Model own = Model.newInstance("something else", "OnnxRuntime")) {
      own.load(file);
      assertHasLayers(own);
    }
  }

  @Test
  void of_model_staysTheCallersAndHasTheLayoutAskedFor()
      throws IOException, MalformedModelException {
    OnnxBuilder.halves(-1, 2, 2).write(folder.resolve("net.onnx"));
    try (Model own = Model.newInstance("net", "OnnxRuntime")) {
      own.load(folder);
      ExplainableModel model =
          ExplainableModel.of(
              own, LoadOptions.builder().optLayout(ChannelLayout.CHANNELS_LAST).build());
      assertThat(model.channelLayout()).isEqualTo(ChannelLayout.CHANNELS_LAST);
      model.close();
      assertHasLayers(own);
    }
  }

  @Test
  void of_modelOfAStream_onlyPredicts() throws IOException, MalformedModelException {
    try (Model own = Model.newInstance("net", "OnnxRuntime")) {
      own.load(new ByteArrayInputStream(OnnxBuilder.halves(-1, 2, 2).bytes()));
      try (ExplainableModel model = ExplainableModel.of(own);
          NDManager manager = model.newManager()) {
        assertThat(model.capabilities()).containsExactly(Capability.PREDICTION);
        assertThat(model.inputShape()).isNull();
        assertThat(model.outputActivation()).isEqualTo(OutputActivation.UNKNOWN);
        assertThat(model.predict(manager.ones(new Shape(1, 1, 2, 2))).toFloatArray())
            .containsExactly(1, 0);
      }
    }
  }

  @Test
  void of_severalOutputsOfAStream_explainsTheOneThatIsNamed()
      throws IOException, MalformedModelException {
    byte[] bytes = OnnxBuilder.halves(-1, 2, 2).output("parts").bytes();
    try (Model own = Model.newInstance("net", "OnnxRuntime")) {
      own.load(new ByteArrayInputStream(bytes));
      try (ExplainableModel unnamed = ExplainableModel.of(own);
          ExplainableModel named =
              ExplainableModel.of(own, LoadOptions.builder().optOutput("y").build());
          NDManager manager = named.newManager()) {
        NDArray batch = manager.ones(new Shape(1, 1, 2, 2));
        assertThatExceptionOfType(UnsupportedModelException.class)
            .isThrownBy(() -> unnamed.predict(batch))
            .withMessageContaining("has 2 outputs: 0 'y' (1, 2), 1 'parts' (1, 2, 2, 2); select");
        assertThat(named.predict(batch).toFloatArray()).containsExactly(1, 0);
      }
    }
  }

  @Test
  void of_modelOfAnotherFileInTheFolder_refusesItsLayers()
      throws IOException, MalformedModelException {
    OnnxBuilder.halves(-1, 2, 2).write(folder.resolve("net.onnx"));
    new OnnxBuilder()
        .input("x", OnnxBuilder.FLOAT, -1, 1, 2, 2)
        .node("Flatten", "flat", "x", "y")
        .output("y")
        .write(folder.resolve("wanted.onnx"));
    try (Model own = Model.newInstance("net", "OnnxRuntime")) {
      own.load(folder, "wanted", Map.of());
      try (ExplainableModel model = ExplainableModel.of(own);
          NDManager manager = model.newManager()) {
        NDArray batch = manager.ones(new Shape(1, 1, 2, 2));
        assertThat(model.predict(batch).toFloatArray()).containsExactly(1, 1, 1, 1);
        assertThatExceptionOfType(XAIException.class)
            .isThrownBy(() -> model.layerActivations(batch, "conv"))
            .withMessageContaining("predicts differently from " + folder.resolve("net.onnx"))
            .withMessageContaining("ExplainableModel.load");
        assertThatExceptionOfType(XAIException.class).isThrownBy(() -> model.layers(batch));
      }
    }
  }

  @Test
  void layerActivations_fileChangedOrGone_saySo() throws IOException {
    Path file = OnnxBuilder.halves(-1, 2, 2).write(folder.resolve("net.onnx"));
    try (ExplainableModel model = ExplainableModel.load(file, "onnxruntime");
        NDManager manager = model.newManager()) {
      NDArray batch = manager.ones(new Shape(1, 1, 2, 2));
      OnnxBuilder.halves(1, 2, 2).write(file);
      assertThatExceptionOfType(XAIException.class)
          .isThrownBy(() -> model.layerActivations(batch, "conv"))
          .withMessage(file + " has changed since it was loaded; load the model again");
      Files.delete(file);
      assertThatExceptionOfType(XAIException.class)
          .isThrownBy(() -> model.layerActivations(batch, "conv"))
          .withMessageContaining("cannot read " + file + " again");
      assertThat(model.predict(batch).toFloatArray()).containsExactly(1, 0);
    }
  }

  @Test
  void of_modelThatWasNotLoaded_isRefused() {
    try (Model own = Model.newInstance("net", "OnnxRuntime")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> ExplainableModel.of(own))
          .withMessage("model 'net' has no block; call load first");
    }
  }

  private static void assertHasLayers(Model own) {
    try (ExplainableModel model = ExplainableModel.of(own);
        NDManager manager = model.newManager()) {
      NDArray batch = manager.ones(new Shape(1, 1, 2, 2));
      assertThat(model.layers(batch)).hasSize(4);
      for (String layer : List.of("conv", "signed")) {
        assertThat(model.layerActivations(batch, layer).toFloatArray())
            .containsExactly(1, 1, 1, 1, -1, -1, -1, -1);
      }
    }
  }
}
