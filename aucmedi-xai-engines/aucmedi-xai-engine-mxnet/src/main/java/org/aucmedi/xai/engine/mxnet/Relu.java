package org.aucmedi.xai.engine.mxnet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import org.aucmedi.xai.engine.mxnet.SymbolGraph.Entry;
import org.aucmedi.xai.engine.mxnet.SymbolGraph.Node;
import org.aucmedi.xai.model.ReluRule;
import org.jspecify.annotations.Nullable;

/**
 * A ReLU or ReLU6 of a graph.
 *
 * @param input what it reads
 * @param output what it computes
 * @param limit its largest value: infinite, or six
 */
record Relu(Entry input, Entry output, float limit) {

  /**
   * Recognises a ReLU.
   *
   * @param id the number of the node
   * @param node the node
   * @return the ReLU, or null if the node is something else
   */
  static @Nullable Relu of(int id, Node node) {
    float limit =
        switch (node.op()) {
          case "relu" -> Float.POSITIVE_INFINITY;
          case "Activation" ->
              "relu".equals(node.attributes().get("act_type")) ? Float.POSITIVE_INFINITY : 0;
          case "clip", "_npi_clip" -> isReLU6(node) ? 6 : 0;
          default -> 0;
        };
    return limit == 0 ? null : new Relu(node.inputs().get(0), new Entry(id, 0), limit);
  }

  private static boolean isReLU6(Node node) {
    return is(node.attributes().get("a_min"), 0) && is(node.attributes().get("a_max"), 6);
  }

  private static boolean is(@Nullable String text, double value) {
    try {
      return text != null && Double.parseDouble(text) == value;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  NDArray forward(NDArray x) {
    return limit == 6 ? x.clip(0, 6) : x.maximum(0);
  }

  NDArray backward(NDArray dy, NDArray x, ReluRule rule) {
    NDArray positive = dy.maximum(0);
    if (rule == ReluRule.DECONVNET) {
      return positive;
    }
    NDArray open = x.gt(0);
    if (limit == 6) {
      open = open.logicalAnd(x.lt(6));
    }
    return positive.mul(open.toType(DataType.FLOAT32, false));
  }
}
