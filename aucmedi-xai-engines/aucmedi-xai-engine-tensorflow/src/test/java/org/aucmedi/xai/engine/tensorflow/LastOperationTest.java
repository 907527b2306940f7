package org.aucmedi.xai.engine.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.aucmedi.xai.engine.tensorflow.FlatGraph.Node;
import org.aucmedi.xai.engine.tensorflow.FlatGraph.Ref;
import org.aucmedi.xai.model.OutputActivation;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LastOperationTest {

  /** A chain; an operation marked with + adds what it reads to the image. */
  private static FlatGraph chain(String ops) {
    List<Node> nodes = new ArrayList<>();
    Ref last = new Ref("input", 0, false);
    Ref image = last;
    Ref weights = new Ref("weights", 0, true);
    for (String op : ops.split(" ", -1)) {
      String name = "n" + nodes.size();
      Ref second = op.startsWith("+") ? image : weights;
      nodes.add(new Node(name, op.replace("+", ""), List.of(last, second), Map.of()));
      last = new Ref(name, 0, false);
    }
    return new FlatGraph("input", nodes, last);
  }

  @ParameterizedTest
  @CsvSource({
    "MatMul BiasAdd Softmax, SOFTMAX",
    "MatMul Softmax Identity Reshape Squeeze Cast IdentityN, SOFTMAX",
    "MatMul LogSoftmax Identity, LOG_SOFTMAX",
    "Conv2D BiasAdd Mean Sigmoid Reshape, SIGMOID",
    "Relu MatMul BiasAdd, NONE",
    "Softmax MatMul, NONE",
    "Relu Conv2D BiasAdd Mean, NONE",
    "Mul AddV2, NONE",
    // The mean of probabilities is neither; a ReLU's output is no logit.
    "Conv2D Softmax Mean, UNKNOWN",
    "MatMul Softmax AddV2, UNKNOWN",
    "MatMul Relu, UNKNOWN",
    "MatMul Tanh, UNKNOWN",
    // A softmax written out, an attention, a sum of two heads.
    "MatMul Exp +RealDiv, UNKNOWN",
    "Softmax +BatchMatMulV2, UNKNOWN",
    "MatMul +AddV2, UNKNOWN",
  })
  void of_readsTheLastOperation(String ops, OutputActivation expected) {
    assertThat(LastOperation.of(chain(ops))).isEqualTo(expected);
  }
}
