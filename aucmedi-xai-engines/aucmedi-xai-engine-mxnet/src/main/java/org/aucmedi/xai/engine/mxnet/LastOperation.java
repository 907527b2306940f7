package org.aucmedi.xai.engine.mxnet;

import java.util.BitSet;
import java.util.Set;
import org.aucmedi.xai.engine.mxnet.SymbolGraph.Node;
import org.aucmedi.xai.model.OutputActivation;

/** Infers the activation at the end of a symbol. */
final class LastOperation {

  /** Operations that change only the shape or type of values. */
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

  /** Operations whose outputs are never probabilities. */
  private static final Set<String> LAYERS =
      Set.of(
          "FullyConnected",
          "Convolution",
          "BatchNorm",
          "LayerNorm",
          "dot",
          "batch_dot",
          "_npi_matmul",
          "relu",
          SymbolGraph.VARIABLE);

  /** Operations that map logits to logits; but a mean of probabilities is not a probability. */
  private static final Set<String> ARITHMETIC =
      Set.of(
          "Pooling",
          "_contrib_AdaptiveAvgPooling2D",
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
   * Inspects the last operation that changes values.
   *
   * @param graph a graph without the operators of training
   * @return the activation, or {@link OutputActivation#UNKNOWN} if the operation neither computes
   *     probabilities nor is known to return logits
   */
  static OutputActivation of(SymbolGraph graph) {
    int id = graph.output().node();
    while (PASSED.contains(graph.node(id).op())) {
      id = graph.node(id).inputs().get(0).node();
    }
    Node node = graph.node(id);
    return switch (node.op()) {
      case "softmax", "SoftmaxActivation", "masked_softmax" -> OutputActivation.SOFTMAX;
      case "log_softmax", "masked_log_softmax" -> OutputActivation.LOG_SOFTMAX;
      case "sigmoid" -> OutputActivation.SIGMOID;
      case "Activation" -> ofActivation(String.valueOf(node.attributes().get("act_type")));
      case SymbolGraph.VARIABLE -> OutputActivation.UNKNOWN;
      default -> givesLogits(graph, id) ? OutputActivation.NONE : OutputActivation.UNKNOWN;
    };
  }

  private static boolean givesLogits(SymbolGraph graph, int last) {
    BitSet open = new BitSet();
    open.set(last);
    // Nodes only read from earlier nodes.
    for (int id = last; id >= 0; id--) {
      Node node = graph.node(id);
      if (!open.get(id) || LAYERS.contains(node.op())) {
        continue;
      }
      if (PASSED.contains(node.op())) {
        open.set(node.inputs().get(0).node());
      } else if (ARITHMETIC.contains(node.op())) {
        node.inputs().forEach(input -> open.set(input.node()));
      } else {
        return false;
      }
    }
    return true;
  }

  private static OutputActivation ofActivation(String type) {
    return switch (type) {
      case "sigmoid" -> OutputActivation.SIGMOID;
      case "relu" -> OutputActivation.NONE;
      default -> OutputActivation.UNKNOWN;
    };
  }
}
