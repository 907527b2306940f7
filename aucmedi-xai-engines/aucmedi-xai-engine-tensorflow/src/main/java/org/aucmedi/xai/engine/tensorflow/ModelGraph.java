package org.aucmedi.xai.engine.tensorflow;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.aucmedi.xai.engine.tensorflow.FlatGraph.Ref;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.TensorInfo;

/**
 * A flat copy of a signature within the graph of the loaded model, sharing the model's session and
 * hence its variables.
 *
 * <p>Every tensor that a gradient can pass through is read through a {@code
 * PlaceholderWithDefault}, an identity that keeps TensorFlow's optimiser from merging operations:
 * on x86 it takes some normalisations for others, and predictions were off by 0.3 %.
 *
 * <p>The graph grows when it is made and once per {@link BackwardRule}, never per call.
 */
final class ModelGraph {

  static final Set<DataType> FLOATING =
      EnumSet.of(DataType.DT_HALF, DataType.DT_BFLOAT16, DataType.DT_FLOAT, DataType.DT_DOUBLE);

  /**
   * An operation whose result differs between runs: it depends on the input, or draws random
   * numbers, which the backward pass must not draw again.
   *
   * @param node the operation, with its attributes in the native graph
   * @param inputs what it reads
   * @param results its own outputs
   * @param values its outputs as later operations read them
   */
  record Step(
      FlatGraph.Node node, List<Endpoint> inputs, List<Endpoint> results, List<Endpoint> values) {}

  /** Operations that only use the size of a tensor, not its values. */
  private static final Set<String> SIZES =
      Set.of("Shape", "ShapeN", "Size", "Rank", "ZerosLike", "OnesLike");

  /** A prefix that no operation of a model may have. */
  private static final String ADDED = "__";

  private final NativeGraph graph;
  private final FlatGraph flat;
  private final String prefix;
  private final Endpoint placeholder;
  private final Endpoint input;
  private final Endpoint output;
  private final List<Step> steps = new ArrayList<>();
  private final Map<Ref, Endpoint> values = new HashMap<>();
  private final Set<Endpoint> differentiable = new HashSet<>();
  private final Set<String> dependent = new HashSet<>();
  private final Set<String> dependentByValue = new HashSet<>();
  private final Set<Ref> pixels;
  private final Map<BackwardRule, Backward> backwards = new EnumMap<>(BackwardRule.class);
  private final OperationGradients operationGradients;
  private int added;

  /**
   * Copies a signature into the native graph.
   *
   * @param graph the native graph
   * @param flat the signature
   * @param declared its input; batches are fed as float32 whatever the type
   */
  ModelGraph(NativeGraph graph, FlatGraph flat, TensorInfo declared) {
    this.graph = graph;
    this.operationGradients = new OperationGradients(graph);
    this.flat = flat;
    this.prefix = freePrefix(graph);
    Map<String, AttrValue> attributes =
        Map.of(
            "dtype", Attributes.of(DataType.DT_FLOAT),
            "shape", Attributes.of(declared.getTensorShape()));
    this.placeholder = graph.add("Placeholder", prefix + flat.input(), List.of(), attributes);
    dependent.add(placeholder.operation());
    this.input = markDifferentiable(barrier(placeholder));
    boolean whole = Signature.WHOLE.contains(declared.getDtype());
    this.pixels = whole ? WholeNumbers.readAsFloats(flat) : Set.of();
    Ref first = new Ref(flat.input(), 0, false);
    values.put(first, pixels.contains(first) ? input : converted(declared.getDtype()));
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
    Map<String, AttrValue> attributes =
        node.inputs().stream().anyMatch(pixels::contains)
            ? WholeNumbers.ofFloats(node)
            : node.attributes();
    List<Endpoint> results = graph.addAll(node.op(), name, inputs, attributes);
    boolean depends =
        ModelState.isRandom(node.op())
            || inputs.stream().anyMatch(input -> dependent.contains(input.operation()));
    boolean byValue = !SIZES.contains(node.op()) && inputs.stream().anyMatch(this::hasValues);
    if (byValue) {
      dependentByValue.add(name);
    }
    List<Endpoint> read = new ArrayList<>();
    for (Endpoint result : results) {
      boolean stops = depends && FLOATING.contains(graph.type(result));
      Endpoint value = stops ? barrier(result) : result;
      if (stops && byValue) {
        markDifferentiable(value);
      }
      read.add(value);
      values.put(new Ref(node.name(), result.index(), false), value);
    }
    if (depends) {
      dependent.add(name);
      FlatGraph.Node copied = new FlatGraph.Node(node.name(), node.op(), node.inputs(), attributes);
      steps.add(new Step(copied, inputs, results, read));
    }
  }

  private Endpoint barrier(Endpoint tensor) {
    DataType type = graph.type(tensor);
    Endpoint read =
        graph.add(
            "PlaceholderWithDefault",
            newName("read"),
            List.of(tensor),
            Map.of("dtype", Attributes.of(type), "shape", Attributes.of(graph.shapeOf(tensor))));
    dependent.add(read.operation());
    return read;
  }

  private Endpoint markDifferentiable(Endpoint barrier) {
    dependentByValue.add(barrier.operation());
    differentiable.add(barrier);
    return barrier;
  }

  /** Converts a tensor of another floating type to float32, differentiably. */
  private Endpoint asFloat(Endpoint tensor) {
    return graph.type(tensor) == DataType.DT_FLOAT
        ? tensor
        : cast("float_output", tensor, tensor, DataType.DT_FLOAT);
  }

  /** The input in the type that the model expects, rounded to the nearest integers if necessary. */
  private Endpoint converted(DataType type) {
    if (type == DataType.DT_FLOAT) {
      return input;
    }
    Endpoint source = input;
    if (Signature.WHOLE.contains(type)) {
      source =
          graph.add("Round", newName("round"), List.of(input), Attributes.type(DataType.DT_FLOAT));
      dependent.add(source.operation());
    }
    return cast(WholeNumbers.INPUT, input, source, type);
  }

  private Endpoint cast(String purpose, Endpoint read, Endpoint tensor, DataType type) {
    Map<String, AttrValue> attributes =
        Map.of("SrcT", Attributes.of(graph.type(tensor)), "DstT", Attributes.of(type));
    FlatGraph.Node node = new FlatGraph.Node(purpose, "Cast", List.of(), attributes);
    String name = newName(purpose);
    List<Endpoint> result = graph.addAll("Cast", name, List.of(tensor), attributes);
    Endpoint value =
        FLOATING.contains(type) ? markDifferentiable(barrier(result.get(0))) : result.get(0);
    dependent.add(name);
    dependentByValue.add(name);
    steps.add(new Step(node, List.of(read), result, List.of(value)));
    return value;
  }

  /** Returns a name in this copy's part of the graph that is not taken. */
  String newName(String purpose) {
    return prefix + ADDED + purpose + added++;
  }

  /** Returns the tensor that operations read in place of a given one. */
  Endpoint value(Ref tensor) {
    return tensor.external() ? new Endpoint(tensor.node(), tensor.index()) : values.get(tensor);
  }

  /** Returns the values of a constant vector of int32, or empty for other tensors. */
  List<Integer> constant(Ref tensor) {
    String operation = value(tensor).operation();
    return graph.type(operation).equals("Const")
        ? Attributes.ints(graph.attributes(operation).get("value").getTensor())
        : List.of();
  }

  NativeGraph graph() {
    return graph;
  }

  FlatGraph flat() {
    return flat;
  }

  OperationGradients operationGradients() {
    return operationGradients;
  }

  /** Returns the placeholder for a batch. */
  Endpoint placeholder() {
    return placeholder;
  }

  /** Returns the tensor that operations read as the input, which has the input's gradient. */
  Endpoint input() {
    return input;
  }

  Endpoint output() {
    return output;
  }

  /** Returns the operations whose results differ between runs, in execution order. */
  List<Step> steps() {
    return steps;
  }

  boolean isDifferentiable(Endpoint tensor) {
    return differentiable.contains(tensor);
  }

  /** Returns whether a tensor depends on the values of the input, not only on its size. */
  boolean hasValues(Endpoint tensor) {
    return dependentByValue.contains(tensor.operation());
  }

  /** Returns whether the result of an operation differs between runs. */
  boolean dependsOnInput(String operation) {
    return dependent.contains(operation);
  }

  /** Returns the backward graph, built on first use. */
  Backward backward(BackwardRule rule) {
    return backwards.computeIfAbsent(rule, key -> new Backward(this, key));
  }
}
