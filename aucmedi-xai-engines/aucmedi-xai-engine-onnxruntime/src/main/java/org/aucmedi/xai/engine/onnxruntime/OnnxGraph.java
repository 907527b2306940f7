package org.aucmedi.xai.engine.onnxruntime;

import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Iterables;
import com.google.common.collect.Lists;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.aucmedi.xai.onnx.OnnxContent;
import org.aucmedi.xai.onnx.OnnxContent.Attribute;
import org.aucmedi.xai.onnx.OnnxContent.Variable;
import org.jspecify.annotations.Nullable;

/**
 * The description of a network in its file, without the weights.
 *
 * @param inputs the inputs, without weights
 * @param outputs the outputs
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
   * Takes from a file what describes the network.
   *
   * @param content the file's content
   * @return the graph
   */
  static OnnxGraph of(OnnxContent content) {
    Map<String, ElementType> types = new HashMap<>();
    content.types().forEach((name, type) -> types.put(name, ElementType.of(type)));
    for (Variable variable : Iterables.concat(content.inputs(), content.outputs())) {
      if (variable.type() != 0) {
        types.put(variable.name(), ElementType.of(variable.type()));
      }
    }
    content.weights().forEach((name, weight) -> types.put(name, ElementType.of(weight.type())));
    return new OnnxGraph(
        content.inputs().stream().map(OnnxGraph::value).toList(),
        content.outputs().stream().map(OnnxGraph::value).toList(),
        content.nodes().stream().map(OnnxGraph::node).toList(),
        types);
  }

  private static Value value(Variable variable) {
    long[] sizes = variable.shape();
    return new Value(
        variable.name(),
        ElementType.of(variable.type()),
        // Some exporters write 0 for an unknown size.
        sizes == null
            ? null
            : new Shape(Arrays.stream(sizes).map(size -> size == 0 ? -1 : size).toArray()));
  }

  private static Node node(OnnxContent.Node node) {
    Attribute permutation = node.attributes().get("perm");
    return new Node(
        node.name(),
        node.operator(),
        node.inputs(),
        node.outputs(),
        node.captured(),
        node.isControlFlow(),
        attributeType(node.attributes()),
        permutation == null ? List.of() : permutation.ints());
  }

  private static @Nullable ElementType attributeType(Map<String, Attribute> attributes) {
    for (Map.Entry<String, Attribute> entry : attributes.entrySet()) {
      Attribute attribute = entry.getValue();
      switch (entry.getKey()) {
        case "value" -> {
          return attribute.t() == null ? null : ElementType.of(attribute.t().type());
        }
        case "value_float", "value_floats" -> {
          return ElementType.FLOAT32;
        }
        case "value_int", "value_ints" -> {
          return ElementType.INT64;
        }
        case "to" -> {
          return ElementType.of(attribute.i());
        }
        default -> {}
      }
    }
    return null;
  }

  /**
   * Removes everything that a tensor does not depend on.
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
   * @param shape its shape, -1 for dynamic dimensions, or null if the file declares none
   */
  record Value(String name, ElementType type, @Nullable Shape shape) {}

  /**
   * An operation.
   *
   * @param name its name, possibly empty
   * @param operator its type, for instance "Conv"
   * @param inputs the tensors it reads; an omitted input is empty
   * @param outputs the tensors it writes
   * @param captured the tensors that its subgraphs may read, empty without subgraphs
   * @param controlFlow whether it has subgraphs
   * @param attributeType the element type in its attributes, if any
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
