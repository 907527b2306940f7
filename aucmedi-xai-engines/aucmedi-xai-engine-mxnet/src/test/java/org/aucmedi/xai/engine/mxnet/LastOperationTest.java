package org.aucmedi.xai.engine.mxnet;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.aucmedi.xai.model.OutputActivation;
import org.aucmedi.xai.testkit.SymbolBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Symbols as their files tell them, without MXNet. */
final class LastOperationTest {

  @ParameterizedTest
  @CsvSource({
    "softmax, '', '', SOFTMAX",
    "SoftmaxActivation, mode, instance, SOFTMAX",
    "SoftmaxOutput, '', '', SOFTMAX",
    "log_softmax, '', '', LOG_SOFTMAX",
    "sigmoid, '', '', SIGMOID",
    "Activation, act_type, sigmoid, SIGMOID",
    "LogisticRegressionOutput, '', '', SIGMOID",
    "FullyConnected, num_hidden, 2, NONE",
    "LinearRegressionOutput, '', '', NONE",
    "Activation, act_type, tanh, UNKNOWN",
    "hard_sigmoid, '', '', UNKNOWN",
    "softmin, '', '', UNKNOWN",
    "broadcast_div, '', '', UNKNOWN",
  })
  void of_lastOperator_isWhatItComputes(
      String op, String attribute, String value, OutputActivation expected) {
    SymbolBuilder symbol = network();
    symbol.op(op, "last", attribute.isEmpty() ? Map.of() : Map.of(attribute, value), "fc");

    assertThat(of(symbol)).isEqualTo(expected);
  }

  @Test
  void of_shapesAndTypesBehindIt_areLookedThrough() {
    SymbolBuilder symbol =
        network()
            .op("softmax", "probabilities", Map.of(), "fc")
            .op("Reshape", "row", Map.of("shape", "(-1, 2, 1, 1)"), "probabilities")
            .op("Flatten", "flat", Map.of(), "row")
            .op("Cast", "single", Map.of("dtype", "float32"), "flat")
            .op("Dropout", "drop", Map.of("p", "0.5"), "single")
            .op("MakeLoss", "loss", Map.of(), "drop");

    assertThat(of(symbol)).isEqualTo(OutputActivation.SOFTMAX);
  }

  @Test
  void of_meanOfProbabilities_isUnknown() {
    SymbolBuilder symbol =
        network()
            .op("softmax", "probabilities", Map.of(), "fc")
            .op("elemwise_add", "sum", Map.of(), "probabilities", "probabilities")
            .op("_mul_scalar", "half", Map.of("scalar", "0.5"), "sum");

    assertThat(of(symbol)).isEqualTo(OutputActivation.UNKNOWN);
  }

  @Test
  void of_sumOfBranches_givesLogits() {
    SymbolBuilder symbol =
        network()
            .op("Reshape", "row", Map.of("shape", "(-1, 2)"), "fc")
            .op("elemwise_add", "sum", Map.of(), "row", "fc");

    assertThat(of(symbol)).isEqualTo(OutputActivation.NONE);
  }

  @Test
  void of_inputItself_isUnknown() {
    assertThat(of(new SymbolBuilder().variable("data"))).isEqualTo(OutputActivation.UNKNOWN);
  }

  private static SymbolBuilder network() {
    return new SymbolBuilder()
        .variable("data")
        .op("FullyConnected", "fc", Map.of("num_hidden", "2", "no_bias", "True"), "data");
  }

  private static OutputActivation of(SymbolBuilder symbol) {
    return LastOperation.of(SymbolGraph.parse(symbol.json()).map(TrainingOperators::replace));
  }
}
