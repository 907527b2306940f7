package org.aucmedi.xai.engine.onnxruntime;

import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Lists;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the file says about a network besides its weights.
 *
 * @param inputs what a caller feeds, weights left out
 * @param outputs what it gives
 * @param nodes the operations, in execution order
 * @param types the element types of tensors that the file declares, by name
 */
record OnnxGraph(
    List<Value> inputs, List<Value> outputs, List<Node> nodes, Map<String, ElementType> types) {

  OnnxGraph {
    inputs = ImmutableList.copyOf(inputs);
    outputs = ImmutableList.copyOf(outputs);
    nodes = ImmutableList.copyOf(nodes);
    types = ImmutableMap.copyOf(types);
  }

  /**
   * Leaves out what a tensor does not depend on.
   *
   * @param tensor the tensor
   * @return the graph that computes it
   */
  OnnxGraph upTo(String tensor) {
    Set<String> needed = new HashSet<>();
    needed.add(tensor);
    List<Node> kept = new ArrayList<>();
    for (Node node : Lists.reverse(nodes)) {
      if (node.outputs().stream().anyMatch(needed::contains)) {
        kept.add(node);
        needed.addAll(node.inputs());
        needed.addAll(node.captured());
      }
    }
    return new OnnxGraph(inputs, outputs, Lists.reverse(kept), types);
  }

  /**
   * An input or output.
   *
   * @param name its name
   * @param type its element type
   * @param shape its shape, -1 where anything goes, or null if the file declares none
   */
  record Value(String name, ElementType type, @Nullable Shape shape) {}

  /**
   * An operation.
   *
   * @param name its name, maybe empty
   * @param operator its type, for instance "Conv"
   * @param inputs the tensors it reads; an input left out is empty
   * @param outputs the tensors it makes
   * @param captured the tensors that the graphs inside it may read, empty without such graphs
   * @param controlFlow whether it holds graphs
   * @param attributeType the element type that its attributes ask for, if any
   * @param permutation the attribute {@code perm}, empty if it has none
   */
  record Node(
      String name,
      String operator,
      List<String> inputs,
      List<String> outputs,
      List<String> captured,
      boolean controlFlow,
      @Nullable ElementType attributeType,
      List<Long> permutation) {

    Node {
      inputs = ImmutableList.copyOf(inputs);
      outputs = ImmutableList.copyOf(outputs);
      captured = ImmutableList.copyOf(captured);
      permutation = ImmutableList.copyOf(permutation);
    }
  }
}
