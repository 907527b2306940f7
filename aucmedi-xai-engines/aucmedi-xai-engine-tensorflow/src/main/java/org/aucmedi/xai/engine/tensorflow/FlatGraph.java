package org.aucmedi.xai.engine.tensorflow;

import java.util.List;
import java.util.Map;
import org.tensorflow.proto.AttrValue;

/**
 * A signature without functions and control edges: what its output needs, in execution order.
 *
 * @param input the name of the node for the input, which is not in the list of nodes
 * @param nodes the operations
 * @param output the signature's output
 */
record FlatGraph(String input, List<Node> nodes, Ref output) {

  /**
   * One operation.
   *
   * @param name its name, unique in the graph
   * @param op its type
   * @param inputs what it reads
   * @param attributes its attributes, all of them values
   */
  record Node(String name, String op, List<Ref> inputs, Map<String, AttrValue> attributes) {

    /** The node's name scopes: Keras creates one per layer. */
    String scope() {
      return name.substring(0, Math.max(0, name.lastIndexOf('/')));
    }
  }

  /**
   * A tensor.
   *
   * @param node the name of the operation that makes it
   * @param index which of its outputs
   * @param external whether the operation is one of the loaded graph, as variables are
   */
  record Ref(String node, int index, boolean external) {}
}
