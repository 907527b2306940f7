package org.aucmedi.xai.engine.tensorflow;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.aucmedi.xai.XAIException;
import org.aucmedi.xai.engine.tensorflow.FlatGraph.Ref;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.TensorShapeProto;

/**
 * A flat copy of a signature in the graph of the loaded model, where it shares the model's session
 * and so its variables.
 *
 * <p>Every tensor that a gradient can pass is read through two operations that hand it on. A {@code
 * StopGradient}, so that TensorFlow can be asked for the gradient of one operation alone, and
 * {@link Backward} decides about each. And a {@code PlaceholderWithDefault}, which keeps
 * TensorFlow's optimiser from merging operations: on x86 it takes some normalisations for others,
 * and predictions were off by 0.3 %.
 *
 * <p>The graph grows when it is made and once per {@link BackwardRule}, never per call.
 */
final class ModelGraph {

  static final Set<DataType> FLOATING =
      EnumSet.of(DataType.DT_HALF, DataType.DT_BFLOAT16, DataType.DT_FLOAT, DataType.DT_DOUBLE);

  /**
   * An operation that depends on the input.
   *
   * @param node the operation
   * @param operation its name in the native graph
   * @param inputs what it reads
   * @param results its own outputs
   * @param values its outputs as later operations read them
   */
  record Step(
      FlatGraph.Node node,
      String operation,
      List<Endpoint> inputs,
      List<Endpoint> results,
      List<Endpoint> values) {}

  /** No operation of a model may have a name that starts like this. */
  private static final String ADDED = "__";

  private final NativeGraph graph;
  private final FlatGraph flat;
  private final String prefix;
  private final Endpoint placeholder;
  private final Endpoint output;
  private final List<Step> steps = new ArrayList<>();
  private final Map<Ref, Endpoint> values = new HashMap<>();
  private final Set<Endpoint> differentiable = new HashSet<>();
  private final Set<String> dependent = new HashSet<>();
  private final Map<BackwardRule, Backward> backwards = new EnumMap<>(BackwardRule.class);
  private int added;

  /**
   * Copies a signature into the native graph.
   *
   * @param graph the native graph
   * @param flat the signature
   * @param shape the shape of its input
   */
  ModelGraph(NativeGraph graph, FlatGraph flat, TensorShapeProto shape) {
    this.graph = graph;
    this.flat = flat;
    this.prefix = freePrefix(graph);
    Map<String, AttrValue> attributes =
        Map.of("dtype", Attributes.of(DataType.DT_FLOAT), "shape", Attributes.of(shape));
    this.placeholder = graph.add("Placeholder", prefix + flat.input(), List.of(), attributes);
    dependent.add(placeholder.operation());
    values.put(new Ref(flat.input(), 0, false), barrier(placeholder));
    flat.nodes().forEach(this::copy);
    this.output = asFloat(value(flat.output()));
  }

  private static String freePrefix(NativeGraph graph) {
    int number = 0;
    while (graph.has("xai" + number + "/input")) {
      number++;
    }
    return "xai" + number + "/";
  }

  private void copy(FlatGraph.Node node) {
    List<Endpoint> inputs = node.inputs().stream().map(this::value).toList();
    String name = prefix + node.name();
    List<Endpoint> results = graph.addAll(node.op(), name, inputs, node.attributes());
    boolean depends = inputs.stream().anyMatch(input -> dependent.contains(input.operation()));
    List<Endpoint> read = new ArrayList<>();
    for (Endpoint result : results) {
      boolean passes = depends && FLOATING.contains(graph.type(result));
      read.add(passes ? barrier(result) : result);
      values.put(new Ref(node.name(), result.index(), false), read.get(read.size() - 1));
    }
    if (depends) {
      dependent.add(name);
      steps.add(new Step(node, name, inputs, results, read));
    }
  }

  private Endpoint barrier(Endpoint tensor) {
    DataType type = graph.type(tensor);
    Endpoint whole =
        graph.add(
            "PlaceholderWithDefault",
            newName("whole"),
            List.of(tensor),
            Map.of("dtype", Attributes.of(type), "shape", Attributes.of(graph.shapeOf(tensor))));
    Endpoint read =
        graph.add("StopGradient", newName("read"), List.of(whole), Attributes.type(type));
    dependent.add(whole.operation());
    dependent.add(read.operation());
    differentiable.add(read);
    return read;
  }

  /** Makes a tensor of another floating type float32; gradients pass. */
  private Endpoint asFloat(Endpoint tensor) {
    DataType type = graph.type(tensor);
    if (!FLOATING.contains(type)) {
      throw new XAIException("the output is no floating-point array but " + type);
    }
    if (type == DataType.DT_FLOAT) {
      return tensor;
    }
    Map<String, AttrValue> attributes =
        Map.of("SrcT", Attributes.of(type), "DstT", Attributes.of(DataType.DT_FLOAT));
    FlatGraph.Node node = new FlatGraph.Node("float_output", "Cast", List.of(), attributes);
    String name = newName(node.name());
    List<Endpoint> result = graph.addAll("Cast", name, List.of(tensor), attributes);
    Endpoint read = barrier(result.get(0));
    dependent.add(name);
    steps.add(new Step(node, name, List.of(tensor), result, List.of(read)));
    return read;
  }

  /** Returns a name in this copy's part of the graph that is not taken. */
  String newName(String purpose) {
    return prefix + ADDED + purpose + added++;
  }

  /** Tells whether an operation is neither the loaded model's nor a copy of one of those. */
  boolean isAdded(String operation) {
    return operation.startsWith(prefix + ADDED);
  }

  /** Returns what operations read for a tensor. */
  Endpoint value(Ref tensor) {
    return tensor.external() ? new Endpoint(tensor.node(), tensor.index()) : values.get(tensor);
  }

  NativeGraph graph() {
    return graph;
  }

  FlatGraph flat() {
    return flat;
  }

  /** Returns where a batch is fed. */
  Endpoint placeholder() {
    return placeholder;
  }

  /** Returns what operations read as the input, which has the input's gradient. */
  Endpoint input() {
    return value(new Ref(flat.input(), 0, false));
  }

  Endpoint output() {
    return output;
  }

  /** Returns the operations that depend on the input, in execution order. */
  List<Step> steps() {
    return steps;
  }

  boolean isDifferentiable(Endpoint tensor) {
    return differentiable.contains(tensor);
  }

  boolean dependsOnInput(String operation) {
    return dependent.contains(operation);
  }

  /** Returns the backward graph, built when it is first asked for. */
  Backward backward(BackwardRule rule) {
    return backwards.computeIfAbsent(rule, key -> new Backward(this, key));
  }
}
