package org.aucmedi.xai.engine.onnxruntime;

import com.google.common.collect.Iterables;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.aucmedi.xai.engine.onnxruntime.OnnxGraph.Node;
import org.aucmedi.xai.model.OutputActivation;

/** Reads off a graph what its last operation makes of the logits. */
final class LastOperation {

  /** They give the same numbers in another shape or type. */
  private static final Set<String> PASSED =
      Set.of(
          "Identity",
          "Reshape",
          "Flatten",
          "Squeeze",
          "Unsqueeze",
          "Cast",
          "CastLike",
          "Dropout",
          "QuantizeLinear",
          "DequantizeLinear");

  /** Their outputs are no probabilities, whatever comes in. */
  private static final Set<String> LAYERS =
      Set.of(
          "Gemm",
          "MatMul",
          "FusedGemm",
          "FusedMatMul",
          "Einsum",
          "Conv",
          "FusedConv",
          "BatchNormalization",
          "LayerNormalization",
          "Relu",
          "Constant");

  /** What they make of logits are logits, but a mean of probabilities is none. */
  private static final Set<String> ARITHMETIC =
      Set.of(
          "Add",
          "Sub",
          "Mul",
          "Sum",
          "AveragePool",
          "GlobalAveragePool",
          "MaxPool",
          "GlobalMaxPool",
          "ReduceMean",
          "ReduceMax");

  private LastOperation() {}

  /**
   * Looks at the last operation that changes numbers.
   *
   * @param graph the graph
   * @param output the name of the output
   * @return what it is, or {@link OutputActivation#UNKNOWN} where it is neither an activation of
   *     probabilities nor known to give logits
   */
  static OutputActivation of(OnnxGraph graph, String output) {
    Map<String, Node> makers = new HashMap<>();
    graph.nodes().forEach(node -> node.outputs().forEach(tensor -> makers.put(tensor, node)));
    Node node = makers.get(output);
    while (node != null && PASSED.contains(node.operator()) && !node.inputs().isEmpty()) {
      node = makers.get(node.inputs().get(0));
    }
    if (node == null) {
      return OutputActivation.UNKNOWN;
    }
    return switch (node.operator()) {
      case "Softmax" -> OutputActivation.SOFTMAX;
      case "LogSoftmax" -> OutputActivation.LOG_SOFTMAX;
      case "Sigmoid" -> OutputActivation.SIGMOID;
      default -> givesLogits(node, makers) ? OutputActivation.NONE : OutputActivation.UNKNOWN;
    };
  }

  private static boolean givesLogits(Node last, Map<String, Node> makers) {
    Set<Node> seen = new HashSet<>();
    Deque<Node> open = new ArrayDeque<>();
    open.add(last);
    while (!open.isEmpty()) {
      Node node = open.remove();
      if (LAYERS.contains(node.operator()) || !seen.add(node)) {
        continue;
      }
      boolean passed = PASSED.contains(node.operator());
      if (!passed && !ARITHMETIC.contains(node.operator())) {
        return false;
      }
      for (String input : Iterables.limit(node.inputs(), passed ? 1 : node.inputs().size())) {
        Node maker = makers.get(input);
        if (maker != null) {
          open.add(maker);
        }
      }
    }
    return true;
  }
}
