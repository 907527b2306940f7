package org.aucmedi.xai.engine.tensorflow;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.aucmedi.xai.engine.tensorflow.ModelGraph.Step;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;
import org.tensorflow.proto.TensorShapeProto;

/**
 * The gradients of TensorFlow's C++ library, one operation at a time.
 *
 * <p>TensorFlow searches the whole graph for each gradient that it adds, which takes seconds in a
 * deep network. So it is asked in a graph of that operation alone, once per kind of operation, and
 * what it adds there is a template for all of that kind.
 */
final class OperationGradients {

  /**
   * What a template depends on.
   *
   * @param op the operation's type
   * @param attributes its attributes
   * @param shapes the shapes of its inputs
   * @param inputs for each input, the first one that is the same tensor
   * @param given the outputs whose gradient is given
   * @param wanted the inputs whose gradient is wanted
   */
  private record Kind(
      String op,
      Map<String, AttrValue> attributes,
      List<TensorShapeProto> shapes,
      List<Integer> inputs,
      List<Integer> given,
      List<Integer> wanted) {}

  private record Template(List<NodeDef> operations, List<@Nullable Endpoint> gradients) {}

  private static final String OPERATION = "y";
  private static final String INPUT = "x";
  private static final String GIVEN = "dy";

  private final NativeGraph graph;
  private final Map<Kind, Template> templates = new HashMap<>();

  OperationGradients(NativeGraph graph) {
    this.graph = graph;
  }

  /** Returns the number of templates made so far. */
  int templates() {
    return templates.size();
  }

  /**
   * Adds the gradients of an operation.
   *
   * @param step the operation
   * @param dys the gradient of each output, null if there is none
   * @param xs the inputs whose gradients are wanted, each once
   * @param ops adds the operations
   * @return their gradients, null if there is none
   * @throws org.tensorflow.exceptions.TensorFlowException if the library has no gradient
   */
  List<@Nullable Endpoint> add(
      Step step, List<@Nullable Endpoint> dys, List<Endpoint> xs, OpBuilder ops) {
    Kind kind = kind(step, dys, xs);
    Template template = templates.get(kind);
    if (template == null) {
      template = create(kind, step);
      templates.put(kind, template);
    }
    Map<Endpoint, Endpoint> actual = new HashMap<>();
    for (int i = 0; i < step.inputs().size(); i++) {
      actual.put(new Endpoint(INPUT + i, 0), step.inputs().get(i));
    }
    for (int i : kind.given()) {
      actual.put(new Endpoint(GIVEN + i, 0), dys.get(i));
    }
    for (int i = 0; i < step.results().size(); i++) {
      actual.put(new Endpoint(OPERATION, i), step.results().get(i));
    }
    for (NodeDef node : template.operations()) {
      List<Endpoint> read = tensors(node).stream().map(actual::get).toList();
      for (Endpoint added : ops.addAll(node.getOp(), read, node.getAttrMap())) {
        actual.put(new Endpoint(node.getName(), added.index()), added);
      }
    }
    List<@Nullable Endpoint> found = new ArrayList<>();
    for (Endpoint gradient : template.gradients()) {
      found.add(gradient == null ? null : actual.get(gradient));
    }
    return Collections.unmodifiableList(found);
  }

  private Kind kind(Step step, List<@Nullable Endpoint> dys, List<Endpoint> xs) {
    Map<String, AttrValue> attributes = new HashMap<>();
    for (OpDef.AttrDef attribute : NativeGraph.specs().get(step.node().op()).getAttrList()) {
      AttrValue value = step.node().attributes().get(attribute.getName());
      if (value != null) {
        attributes.put(attribute.getName(), value);
      }
    }
    List<Integer> given = new ArrayList<>();
    for (int i = 0; i < dys.size(); i++) {
      if (dys.get(i) != null) {
        given.add(i);
      }
    }
    return new Kind(
        step.node().op(),
        attributes,
        step.inputs().stream().map(graph::shapeOf).toList(),
        step.inputs().stream().map(step.inputs()::indexOf).toList(),
        given,
        xs.stream().map(step.inputs()::indexOf).toList());
  }

  private Template create(Kind kind, Step step) {
    try (NativeGraph alone = NativeGraph.scratch()) {
      List<Endpoint> inputs = new ArrayList<>();
      for (int i = 0; i < step.inputs().size(); i++) {
        int first = kind.inputs().get(i);
        inputs.add(
            first < i ? inputs.get(first) : placeholder(alone, INPUT + i, step.inputs().get(i)));
      }
      List<Endpoint> results = alone.addAll(kind.op(), OPERATION, inputs, kind.attributes());
      List<Endpoint> dys = new ArrayList<>();
      for (int i : kind.given()) {
        dys.add(placeholder(alone, GIVEN + i, step.results().get(i)));
      }
      List<@Nullable Endpoint> gradients =
          alone.addGradients(
              "gradient",
              kind.given().stream().map(results::get).toList(),
              dys,
              kind.wanted().stream().map(inputs::get).toList());
      return new Template(needed(alone.nodes(), gradients), gradients);
    }
  }

  private Endpoint placeholder(NativeGraph alone, String name, Endpoint tensor) {
    return alone.add(
        "Placeholder",
        name,
        List.of(),
        Map.of(
            "dtype",
            Attributes.of(graph.type(tensor)),
            "shape",
            Attributes.of(graph.shapeOf(tensor))));
  }

  /** The operations of the gradients; TensorFlow also adds those of constant weights. */
  private static List<NodeDef> needed(List<NodeDef> all, List<@Nullable Endpoint> gradients) {
    Set<String> needed = new HashSet<>();
    for (Endpoint gradient : gradients) {
      if (gradient != null) {
        needed.add(gradient.operation());
      }
    }
    List<NodeDef> found = new ArrayList<>();
    for (int i = all.size() - 1; i >= 0; i--) {
      NodeDef node = all.get(i);
      boolean added = !node.getName().equals(OPERATION) && !node.getOp().equals("Placeholder");
      if (added && needed.contains(node.getName())) {
        tensors(node).forEach(tensor -> needed.add(tensor.operation()));
        found.add(node);
      }
    }
    Collections.reverse(found);
    return List.copyOf(found);
  }

  private static List<Endpoint> tensors(NodeDef node) {
    List<Endpoint> found = new ArrayList<>();
    for (String input : node.getInputList()) {
      int colon = input.indexOf(':');
      if (!input.startsWith("^")) {
        found.add(
            colon < 0
                ? new Endpoint(input, 0)
                : new Endpoint(
                    input.substring(0, colon), Integer.parseInt(input.substring(colon + 1))));
      }
    }
    return found;
  }
}
