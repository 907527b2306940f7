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

/** Infers the activation at the end of a graph. */
final class LastOperation {

  /** Operations that change only the shape or type of values. */
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

  /** Operations whose outputs are never probabilities. */
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

  /** Operations that map logits to logits; but a mean of probabilities is not a probability. */
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
   * Inspects the last operation that changes values.
   *
   * @param graph the graph
   * @param output the name of the output
   * @return the activation, or {@link OutputActivation#UNKNOWN} if the operation neither computes
   *     probabilities nor is known to return logits
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
