package org.aucmedi.xai.engine.tensorflow;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.aucmedi.xai.engine.tensorflow.FlatGraph.Node;
import org.aucmedi.xai.engine.tensorflow.FlatGraph.Ref;
import org.aucmedi.xai.model.OutputActivation;

/** Infers from a signature whether its output is probabilities or logits. */
final class LastOperation {

  /** Operations that pass on their first input unchanged. */
  private static final Set<String> SAME =
      Set.of(
          "Identity",
          "IdentityN",
          "Reshape",
          "Squeeze",
          "ExpandDims",
          "Transpose",
          "Cast",
          "EnsureShape",
          "StopGradient",
          "PlaceholderWithDefault",
          "Snapshot");

  private static final Set<String> WEIGHTED =
      Set.of(
          "MatMul",
          "BatchMatMul",
          "BatchMatMulV2",
          "BatchMatMulV3",
          "Einsum",
          "Conv2D",
          "Conv3D",
          "DepthwiseConv2dNative");

  /** Operations that map logits to logits, but probabilities to something else. */
  private static final Set<String> ON_LOGITS =
      Set.of(
          "BiasAdd",
          "Add",
          "AddV2",
          "Sub",
          "Mul",
          "RealDiv",
          "Mean",
          "Sum",
          "Max",
          "AvgPool",
          "AvgPool3D",
          "MaxPool",
          "MaxPool3D",
          "FusedBatchNorm",
          "FusedBatchNormV2",
          "FusedBatchNormV3");

  private final Map<String, Node> nodes = new HashMap<>();
  private final FlatGraph flat;

  private LastOperation(FlatGraph flat) {
    this.flat = flat;
    for (Node node : flat.nodes()) {
      if (node.inputs().stream().anyMatch(this::fromImage)) {
        nodes.put(node.name(), node);
      }
    }
  }

  /**
   * Finds the last operation that changes values.
   *
   * @param flat the signature
   * @return the activation, none if the output is a weighted sum, else unknown
   */
  static OutputActivation of(FlatGraph flat) {
    return new LastOperation(flat).of(flat.output());
  }

  private boolean fromImage(Ref tensor) {
    return !tensor.external()
        && (tensor.node().equals(flat.input()) || nodes.containsKey(tensor.node()));
  }

  private OutputActivation of(Ref start) {
    Ref tensor = start;
    boolean logits = false;
    while (fromImage(tensor) && nodes.containsKey(tensor.node())) {
      Node node = nodes.get(tensor.node());
      List<Ref> data = node.inputs().stream().filter(this::fromImage).toList();
      OutputActivation found = activation(node.op());
      if (found != OutputActivation.UNKNOWN) {
        return logits ? OutputActivation.UNKNOWN : found;
      }
      if (node.op().equals("IdentityN")) {
        tensor = node.inputs().get(tensor.index());
      } else if (SAME.contains(node.op())) {
        tensor = node.inputs().get(0);
      } else if (data.size() > 1) {
        return OutputActivation.UNKNOWN;
      } else if (WEIGHTED.contains(node.op())) {
        return OutputActivation.NONE;
      } else if (ON_LOGITS.contains(node.op())) {
        logits = true;
        tensor = data.get(0);
      } else {
        return OutputActivation.UNKNOWN;
      }
    }
    return fromImage(tensor) ? OutputActivation.NONE : OutputActivation.UNKNOWN;
  }

  private static OutputActivation activation(String op) {
    return switch (op) {
      case "Softmax" -> OutputActivation.SOFTMAX;
      case "LogSoftmax" -> OutputActivation.LOG_SOFTMAX;
      case "Sigmoid" -> OutputActivation.SIGMOID;
      default -> OutputActivation.UNKNOWN;
    };
  }
}
