package org.aucmedi.xai.engine.mxnet;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.aucmedi.xai.engine.mxnet.SymbolGraph.Node;
import org.aucmedi.xai.model.LayerKind;

/**
 * Determines which nodes of a symbol are layers, and of what kind.
 *
 * <p>A transposition is not a layer: its axes are in another order than the model's, so a class
 * activation map, which uses the last layer with spatial axes, would mistake rows for channels.
 */
final class SymbolLayers {

  private static final Set<String> TRANSPOSITIONS =
      Set.of("transpose", "SwapAxis", "_np_transpose", "_np_moveaxis", "_npi_swapaxes");

  private SymbolLayers() {}

  /**
   * Finds the layers: the operators with one output, except transpositions.
   *
   * @param graph the graph
   * @param outputs the names of all outputs of all nodes, in the order of the nodes
   * @return the numbers of the layers' nodes by name, in execution order; for nodes that share a
   *     name, the last one
   */
  static Map<String, Integer> of(SymbolGraph graph, List<String> outputs) {
    Map<String, Integer> layers = new LinkedHashMap<>();
    int start = 0;
    for (int id = 0; id < graph.size(); id++) {
      int end = start + 1;
      while (end < outputs.size()
          && (id + 1 == graph.size() || !belongsTo(outputs.get(end), graph.node(id + 1)))) {
        end++;
      }
      Node node = graph.node(id);
      if (!node.isVariable()
          && graph.isUsed(id)
          && end - start == 1
          && !TRANSPOSITIONS.contains(node.op())) {
        layers.remove(node.name());
        layers.put(node.name(), id);
      }
      start = end;
    }
    return Collections.unmodifiableMap(layers);
  }

  private static boolean belongsTo(String output, Node node) {
    return node.isVariable() ? output.equals(node.name()) : output.startsWith(node.name() + "_");
  }

  /** Returns the kind of an operator. */
  static LayerKind kind(int id, Node node) {
    if (Relu.of(id, node) != null) {
      return LayerKind.ACTIVATION;
    }
    return switch (node.op()) {
      case "Convolution",
          "Convolution_v1",
          "Deconvolution",
          "_contrib_DeformableConvolution",
          "_contrib_ModulatedDeformableConvolution" ->
          LayerKind.CONV;
      case "Pooling", "Pooling_v1", "_contrib_AdaptiveAvgPooling2D" -> LayerKind.POOL;
      case "BatchNorm",
          "BatchNorm_v1",
          "_contrib_SyncBatchNorm",
          "_contrib_BatchNormWithReLU",
          "LayerNorm",
          "InstanceNorm",
          "GroupNorm",
          "L2Normalization",
          "LRN" ->
          LayerKind.NORM;
      case "Activation",
          "LeakyReLU",
          "sigmoid",
          "tanh",
          "softsign",
          "hard_sigmoid",
          "softmax",
          "log_softmax",
          "softmin",
          "SoftmaxActivation",
          "SoftmaxOutput",
          "LogisticRegressionOutput" ->
          LayerKind.ACTIVATION;
      case "FullyConnected" -> LayerKind.DENSE;
      case "elemwise_add", "broadcast_add", "_Plus", "_npi_add", "add_n" -> LayerKind.ADD;
      default -> LayerKind.OTHER;
    };
  }

  /** Returns whether an operator reads weights after its first input. */
  static boolean hasWeights(Node node) {
    return switch (kind(-1, node)) {
      case CONV, DENSE, NORM -> true;
      default -> false;
    };
  }
}
