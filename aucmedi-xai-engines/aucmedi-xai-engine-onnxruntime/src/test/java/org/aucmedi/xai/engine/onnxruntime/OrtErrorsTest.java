package org.aucmedi.xai.engine.onnxruntime;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.EngineException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Messages as ONNX Runtime 1.21 words them. */
final class OrtErrorsTest {

  private static final String MODEL_CC =
      "Error code - ORT_FAIL - message: Load model from /tmp/net.onnx failed:"
          + "/onnxruntime_src/onnxruntime/core/graph/model.cc:180"
          + " onnxruntime::Model::Model(onnx::ModelProto&&, const onnxruntime::PathString&, const"
          + " onnxruntime::IOnnxRuntimeOpSchemaRegistryList*, const"
          + " onnxruntime::logging::Logger&, const onnxruntime::ModelOptions&) ";

  @Test
  void cannotLoad_newerVersions_sayWhichToExport() {
    assertThat(
            cannotLoad(
                MODEL_CC + "Unsupported model IR version: 13, max supported IR version: 10\n"))
        .isEqualTo(
            "cannot load net.onnx as ONNX: ONNX IR version 13 is newer than this ONNX Runtime reads"
                + " (10); set model.ir_version = 10 and save again");
    assertThat(
            cannotLoad(
                "Load model from net.onnx failed:/onnxruntime_src/core/graph/model_load_utils.h:46"
                    + " void f(const std::unordered_map<std::__cxx11::basic_string<char>, int>&,"
                    + " int) ONNX Runtime only *guarantees* support for models stamped with"
                    + " official released onnx opset versions. Opset 24 is under development and"
                    + " support for this is limited. Current official support for domain ai.onnx is"
                    + " till opset 22.\n"))
        .isEqualTo(
            "cannot load net.onnx as ONNX: ONNX opset 24 is newer than this ONNX Runtime reads"
                + " (22); export the model with opset 22");
  }

  @Test
  void oneLine_placesAndSignatures_areCutOut() {
    assertThat(oneLine(MODEL_CC + "ModelProto does not have a graph."))
        .isEqualTo("ModelProto does not have a graph");
    assertThat(
            oneLine(
                "Error code - ORT_RUNTIME_EXCEPTION - message: Non-zero status code returned while"
                    + " running Reshape node. Name:'view' Status Message:"
                    + " /onnxruntime_src/onnxruntime/core/providers/cpu/tensor/reshape_helper.h:45"
                    + " onnxruntime::ReshapeHelper::ReshapeHelper(const std::function<void(int)>&,"
                    + " bool) input_shape_size == size was false. Input shape:{1,1,2,2}, requested"
                    + " shape:{1,3}\n"))
        .isEqualTo(
            "Reshape node 'view': input_shape_size == size was false. Input shape:{1,1,2,2},"
                + " requested shape:{1,3}");
    assertThat(
            oneLine(
                "Exception during initialization: /a/initializer.cc:48 onnxruntime::Initializer("
                    + "const onnx::TensorProto&) [ONNXRuntimeError] : 1 : FAIL :"
                    + " tensorprotoutils.cc:1077 External initializer: w is short (3 of 8 bytes)."))
        .isEqualTo(
            "Exception during initialization: External initializer: w is short (3 of 8 bytes)");
    assertThat(
            oneLine(
                "Got invalid dimensions for input: x for the following indices\n index: 2 Got: 3"
                    + " Expected: 2\n Please fix either the inputs/outputs or the model."))
        .isEqualTo(
            "Got invalid dimensions for input: x for the following indices index: 2 Got: 3"
                + " Expected: 2");
  }

  @Test
  void oneLine_withoutAReason_isStillASentence() {
    assertThat(OrtErrors.oneLine(new EngineException((String) null)))
        .isEqualTo("it cannot be read");
    assertThat(OrtErrors.oneLine(new NoSuchFileException("/tmp/net.onnx")))
        .isEqualTo("it cannot be read");
  }

  private static String cannotLoad(String message) {
    return OrtErrors.cannotLoad(Path.of("net.onnx"), new EngineException(message)).getMessage();
  }

  private static String oneLine(String message) {
    return OrtErrors.oneLine(new EngineException(message));
  }
}
