package org.aucmedi.xai.engine.mxnet;

import java.util.Set;
import org.aucmedi.xai.engine.mxnet.SymbolGraph.Node;
import org.aucmedi.xai.model.OutputActivation;

/** Reads off a symbol what its last operation makes of the logits. */
final class LastOperation {

  /** They give the same numbers in another shape or type. */
  private static final Set<String> PASSED =
      Set.of(
          "_copy",
          "BlockGrad",
          "Cast",
          "amp_cast",
          "Dropout",
          "Reshape",
          "_np_reshape",
          "_npx_reshape",
          "Flatten",
          "squeeze",
          "_np_squeeze",
          "expand_dims",
          "_npi_expand_dims");

  /** What ends a network whose outputs are the logits. */
  private static final Set<String> LINEAR =
      Set.of(
          "FullyConnected",
          "Convolution",
          "Pooling",
          "_contrib_AdaptiveAvgPooling2D",
          "BatchNorm",
          "LayerNorm",
          "dot",
          "batch_dot",
          "_npi_matmul",
          "elemwise_add",
          "broadcast_add",
          "_npi_add",
          "_plus_scalar",
          "_npi_add_scalar",
          "_mul_scalar",
          "_npi_multiply_scalar",
          "mean",
          "_npi_mean");

  private LastOperation() {}

  /**
   * Looks at the last operation that changes numbers.
   *
   * @param graph a graph without the operators of training
   * @return what it is, or {@link OutputActivation#UNKNOWN} where it is neither an activation of
   *     probabilities nor known to give logits
   */
  static OutputActivation of(SymbolGraph graph) {
    Node node = graph.node(graph.output().node());
    while (PASSED.contains(node.op())) {
      node = graph.node(node.inputs().get(0).node());
    }
    return switch (node.op()) {
      case "softmax", "SoftmaxActivation", "masked_softmax" -> OutputActivation.SOFTMAX;
      case "log_softmax", "masked_log_softmax" -> OutputActivation.LOG_SOFTMAX;
      case "sigmoid" -> OutputActivation.SIGMOID;
      case "Activation" -> ofActivation(String.valueOf(node.attributes().get("act_type")));
      default -> LINEAR.contains(node.op()) ? OutputActivation.NONE : OutputActivation.UNKNOWN;
    };
  }

  private static OutputActivation ofActivation(String type) {
    return switch (type) {
      case "sigmoid" -> OutputActivation.SIGMOID;
      case "relu" -> OutputActivation.NONE;
      default -> OutputActivation.UNKNOWN;
    };
  }
}
