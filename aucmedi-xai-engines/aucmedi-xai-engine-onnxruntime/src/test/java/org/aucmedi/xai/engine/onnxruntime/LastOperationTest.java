package org.aucmedi.xai.engine.onnxruntime;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.aucmedi.xai.model.OutputActivation;
import org.aucmedi.xai.onnx.OnnxReader;
import org.aucmedi.xai.testkit.OnnxBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Graphs as their files tell them, without ONNX Runtime. */
final class LastOperationTest {

  @ParameterizedTest
  @CsvSource({
    "Softmax, SOFTMAX",
    "LogSoftmax, LOG_SOFTMAX",
    "Sigmoid, SIGMOID",
    "HardSigmoid, UNKNOWN",
    "Tanh, UNKNOWN",
    "Div, UNKNOWN",
    "NoSuchOperator, UNKNOWN",
    "Gemm, NONE",
    "Add, NONE",
    "GlobalAveragePool, NONE",
  })
  void of_lastOperator_isWhatItComputes(String operator, OutputActivation expected) {
    assertThat(of(image().node("Gemm", "fc", "x,w", "z").node(operator, "last", "z,w", "y")))
        .isEqualTo(expected);
  }

  @Test
  void of_shapesAndTypesBehindIt_areLookedThrough() {
    assertThat(
            of(
                image()
                    .node("Softmax", "softmax", "x", "a")
                    .node("Reshape", "view", "a,w", "b")
                    .node("Flatten", "flat", "b", "c")
                    .node("Squeeze", "squeeze", "c,w", "d")
                    .node("Cast", "half", "d", "e", Map.of("=to", List.of(10L)))
                    .node("Dropout", "drop", "e", "f")
                    .node("Identity", "same", "f", "y")))
        .isEqualTo(OutputActivation.SOFTMAX);
  }

  @Test
  void of_meanOfProbabilities_isUnknown() {
    OnnxBuilder heads =
        image()
            .node("Softmax", "first", "x", "a")
            .node("Softmax", "second", "a", "b")
            .node("Add", "sum", "a,b", "c")
            .node("Mul", "half", "c,w", "y");
    assertThat(of(heads)).isEqualTo(OutputActivation.UNKNOWN);
  }

  @Test
  void of_otherOutputs_areNotLookedAt() {
    OnnxBuilder builder =
        image().node("Sigmoid", "gate", "x", "y").node("Softmax", "softmax", "y", "other");
    assertThat(of(builder)).isEqualTo(OutputActivation.SIGMOID);
  }

  @Test
  void of_inputItself_isUnknown() {
    OnnxGraph graph = read(image().node("Relu", "relu", "x", "y"));
    assertThat(LastOperation.of(graph, "x")).isEqualTo(OutputActivation.UNKNOWN);
  }

  private static OnnxBuilder image() {
    return new OnnxBuilder().input("x", OnnxBuilder.FLOAT, -1, 4).weight("w", new long[] {1}, 2);
  }

  private static OutputActivation of(OnnxBuilder builder) {
    return LastOperation.of(read(builder.output("y")), "y");
  }

  private static OnnxGraph read(OnnxBuilder builder) {
    return OnnxGraph.of(OnnxReader.read(Path.of("net.onnx"), ByteBuffer.wrap(builder.bytes())));
  }
}
