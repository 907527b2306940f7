package org.aucmedi.xai.importer.onnx;

import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.importer.Constant;
import org.aucmedi.xai.importer.ElementType;
import org.aucmedi.xai.importer.Graph;
import org.aucmedi.xai.importer.LayerBuilder;
import org.aucmedi.xai.importer.Operation;
import org.aucmedi.xai.importer.TensorType;
import org.aucmedi.xai.importer.Value;
import org.aucmedi.xai.importer.onnx.Operators.Operator;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.aucmedi.xai.onnx.ElementTypes;
import org.aucmedi.xai.onnx.OnnxContent;
import org.aucmedi.xai.onnx.OnnxContent.Node;
import org.aucmedi.xai.onnx.OnnxContent.Variable;
import org.aucmedi.xai.onnx.OnnxContent.Weight;
import org.jspecify.annotations.Nullable;

/**
 * Compiles the content of an ONNX file, node by node, each to one layer.
 *
 * <p>Where the images have their channels last, so have the results of all layers: ONNX's operators
 * take channels first, but a permuted view costs nothing, and methods need one layout per model.
 */
final class OnnxCompiler {

  private static final long FIRST_OPSET = 7;
  private static final long LAST_OPSET = 28;

  private final Path file;
  private final OnnxContent model;
  private final long opset;
  private final Graph.Builder graph = Graph.builder();
  private final Map<String, Operand> operands = new HashMap<>();
  private final Set<String> uniqueNames;
  private boolean channelsLast;

  /** The number of images for which the file is made, if any number is to be taken; else 0. */
  private long images;

  private OnnxCompiler(Path file, OnnxContent model) {
    this.file = file;
    this.model = model;
    this.opset = model.opsets().getOrDefault("", 1L);
    if (opset < FIRST_OPSET || opset > LAST_OPSET) {
      throw new UnsupportedModelException(
          "%s has operators of version %s, and versions %s to %s can be compiled; export it with one of these as opset"
              .formatted(file, opset, FIRST_OPSET, LAST_OPSET));
    }
    if (!model.sparse().isEmpty()) {
      throw new UnsupportedModelException(
          file + " has sparse weights, which cannot be compiled; export it with dense ones");
    }
    // A name is unique if no other node and no other node's output has it.
    this.uniqueNames =
        model.nodes().stream()
            .flatMap(
                node -> Stream.concat(Stream.of(node.name()), node.outputs().stream()).distinct())
            .collect(Collectors.groupingBy(name -> name, Collectors.counting()))
            .entrySet()
            .stream()
            .filter(entry -> entry.getValue() == 1)
            .map(Map.Entry::getKey)
            .collect(Collectors.toSet());
  }

  /**
   * Compiles a network that takes a batch of images.
   *
   * <p>If the file fixes the number of images, the result takes any number where every operator
   * treats images one by one; else its input keeps the fixed shape.
   *
   * @param file the file, for messages
   * @param model its content
   * @param options what the caller knows about it
   * @return the network
   * @throws UnsupportedModelException if it has a part that cannot be compiled
   * @throws XAIException if the file is damaged
   */
  static Graph compile(Path file, OnnxContent model, LoadOptions options) {
    long[] shape = imageShape(file, model);
    if (shape.length > 0 && shape[0] > 0) {
      try {
        OnnxCompiler lifted = new OnnxCompiler(file, model);
        lifted.images = shape[0];
        return lifted.compile(options);
      } catch (FixedBatchException | UnsupportedModelException e) {
        if (shape[0] > 1) {
          throw new UnsupportedModelException(
              "%s is made for exactly %s images at a time, which cannot be changed (%s); export it with an open batch size"
                  .formatted(file, shape[0], e.getMessage()),
              e);
        }
      }
    }
    return new OnnxCompiler(file, model).compile(options);
  }

  /**
   * Compiles all inputs and outputs as they are declared, of any number and type.
   *
   * @param file the file, for messages
   * @param model its content
   * @return the network
   */
  static Graph compileAsIs(Path file, OnnxContent model) {
    OnnxCompiler compiler = new OnnxCompiler(file, model);
    for (Variable input : model.inputs()) {
      if (input.name().isEmpty()) {
        continue;
      }
      ElementType type = ElementTypes.of(input.type());
      if (type == null || input.shape() == null) {
        throw new UnsupportedModelException(
            "%s: input '%s' is %s, which cannot be compiled"
                .formatted(file, input.name(), ElementTypes.name(input.type())));
      }
      Value value =
          compiler.graph.input(input.name(), new TensorType(type, new Shape(input.shape())));
      compiler.operands.put(input.name(), Operand.of(value, type, input.shape()));
    }
    compiler.compileNodes(model.outputs());
    model.outputs().forEach(output -> compiler.addOutput(output, false));
    return compiler.graph.build();
  }

  private static Variable image(Path file, OnnxContent model) {
    if (model.inputs().size() != 1) {
      throw new UnsupportedModelException(
          "%s takes %s inputs (%s); an image classifier takes one"
              .formatted(
                  file,
                  model.inputs().size(),
                  model.inputs().stream().map(Variable::name).collect(Collectors.joining(", "))));
    }
    return model.inputs().get(0);
  }

  private static long[] imageShape(Path file, OnnxContent model) {
    Variable input = image(file, model);
    ElementType type = ElementTypes.of(input.type());
    if (type == null || type == ElementType.BOOL) {
      throw new UnsupportedModelException(
          "%s: input '%s' takes values of type %s; export it with a float32 input"
              .formatted(file, input.name(), ElementTypes.name(input.type())));
    }
    long[] declared = input.shape();
    if (declared == null || declared.length == 0) {
      throw new UnsupportedModelException(
          "%s declares no shape of its input '%s'; export it with one, whose sizes may be open"
              .formatted(file, input.name()));
    }
    // Some exporters write 0 for an unknown size.
    long[] shape = Arrays.stream(declared).map(size -> size == 0 ? -1 : size).toArray();
    double size = Arrays.stream(shape).mapToDouble(Math::abs).reduce(1, (a, b) -> a * b);
    if (size > Integer.MAX_VALUE) {
      throw new UnsupportedModelException(
          "%s: input '%s' has the shape %s, too large for an image; export it with the size of an image"
              .formatted(file, input.name(), Arrays.toString(shape)));
    }
    return shape;
  }

  private Graph compile(LoadOptions options) {
    Variable input = image(file, model);
    long[] shape = imageShape(file, model);
    if (images > 0) {
      shape[0] = -1;
    }
    ChannelLayout layout =
        options.layout() == null ? ImageLayout.of(model, input.name(), shape) : options.layout();
    channelsLast = layout == ChannelLayout.CHANNELS_LAST;
    graph.layout(layout);
    Value value = graph.input(input.name(), TensorType.float32(shape));
    // Images of whole numbers stay floating-point numbers, through which gradients pass.
    ElementType type = ElementType.FLOAT32;
    if (ElementTypes.of(input.type()) == ElementType.FLOAT64) {
      type = ElementType.FLOAT64;
      value = cast(input.name() + "_float64", value, type);
    }
    operands.put(input.name(), Operand.of(value, type, shape).withBatch(images > 0));

    List<Variable> outputs =
        model.outputs().stream()
            .filter(output -> output.type() == 0 || isFloat(output.type()))
            .toList();
    if (outputs.isEmpty()) {
      throw new UnsupportedModelException(
          "%s has no output of a floating-point type; export it with its probabilities or logits"
              .formatted(file));
    }
    compileNodes(outputs);
    outputs.forEach(output -> addOutput(output, true));
    return graph.build();
  }

  private static boolean isFloat(long code) {
    ElementType type = ElementTypes.of(code);
    return type != null && type.isFloat();
  }

  private Value cast(String name, Value value, ElementType type) {
    LayerBuilder layer = graph.layer(name, "onnx.Cast");
    return layer.apply(
        Operation.of(
            "torch.to({0}, " + type.code() + ")",
            types -> new TensorType(type, types.get(0).shape())),
        value);
  }

  private void addOutput(Variable output, boolean classifier) {
    Operand operand = operand(output.name());
    if (operand == null) {
      throw new XAIException(
          "%s: no node computes the output '%s'; export it again".formatted(file, output.name()));
    }
    if (operand.value() == null) {
      if (classifier) {
        throw new UnsupportedModelException(
            "%s: the output '%s' does not depend on the image; export the model with its predictions"
                .formatted(file, output.name()));
      }
      LayerBuilder layer = graph.layer(output.name(), "onnx.Constant");
      Constant constant = Objects.requireNonNull(operand.constant());
      Value alias =
          layer.apply(Operation.sameType("torch.alias({0})"), layer.buffer("value", constant));
      graph.output(output.name(), alias);
      return;
    }
    if (classifier && images > 0 && !operand.batch()) {
      throw new FixedBatchException("output " + output.name());
    }
    Value value = operand.value();
    if (operand.channelsLast()) {
      LayerBuilder layer = graph.layer(output.name() + "_channels_first", "onnx.Transpose");
      value =
          layer.apply(
              Operation.of(
                  Step.permuted("{0}", Step.toFirst(operand.rank())),
                  types -> new TensorType(operand.type(), new Shape(operand.shape()))),
              value);
    }
    if (classifier && operand.type() == ElementType.FLOAT64) {
      value = cast(output.name() + "_float32", value, ElementType.FLOAT32);
    }
    graph.output(output.name(), value);
  }

  /** Compiles the nodes that outputs depend on, each after those that it depends on. */
  private void compileNodes(List<Variable> outputs) {
    List<Node> left = needed(outputs);
    while (!left.isEmpty()) {
      List<Node> waiting = new ArrayList<>();
      for (Node node : left) {
        if (node.inputs().stream().allMatch(name -> name.isEmpty() || operand(name) != null)) {
          compile(node);
        } else {
          waiting.add(node);
        }
      }
      if (waiting.size() == left.size()) {
        throw stuck(waiting);
      }
      left = waiting;
    }
  }

  private List<Node> needed(List<Variable> outputs) {
    Map<String, Node> producers = new HashMap<>();
    for (Node node : model.nodes()) {
      for (String output : node.outputs()) {
        if (!output.isEmpty() && producers.put(output, node) != null) {
          throw new XAIException(
              "%s: two nodes compute '%s'; export it again".formatted(file, output));
        }
      }
    }
    Set<Node> found = new HashSet<>();
    List<String> open = new ArrayList<>(outputs.stream().map(Variable::name).toList());
    while (!open.isEmpty()) {
      Node node = producers.get(open.remove(open.size() - 1));
      if (node != null && found.add(node)) {
        open.addAll(node.inputs());
      }
    }
    return model.nodes().stream().filter(found::contains).toList();
  }

  private XAIException stuck(List<Node> waiting) {
    Set<String> coming =
        waiting.stream().flatMap(node -> node.outputs().stream()).collect(Collectors.toSet());
    for (Node node : waiting) {
      for (String input : node.inputs()) {
        if (!input.isEmpty() && operand(input) == null && !coming.contains(input)) {
          return new XAIException(
              "%s: node '%s' of type %s reads '%s', which neither a node nor a weight gives; export it again"
                  .formatted(file, node.label(), node.operator(), input));
        }
      }
    }
    Node node = waiting.get(0);
    return new XAIException(
        "%s: node '%s' of type %s depends on its own result; export it again"
            .formatted(file, node.label(), node.operator()));
  }

  /** Finds a tensor that is there already, a weight included, or returns null. */
  private @Nullable Operand operand(String name) {
    Operand operand = operands.get(name);
    if (operand == null) {
      Weight weight = model.weights().get(name);
      if (weight != null) {
        operand = Operand.of(weight.read());
        operands.put(name, operand);
      }
    }
    return operand;
  }

  private void compile(Node node) {
    Operator operator = Operators.find(node.operator());
    if (!node.domain().isEmpty()) {
      throw refused(node, "belongs to '" + node.domain() + "', not to ONNX's own operators");
    }
    if (operator == null && !node.operator().equals("Constant")) {
      throw refused(node, Operators.refusal(node.operator()));
    }
    List<@Nullable Operand> inputs = new ArrayList<>();
    for (String name : node.inputs()) {
      inputs.add(name.isEmpty() ? null : operand(name));
    }
    String name =
        uniqueNames.contains(node.name()) && !node.name().isEmpty()
            ? node.name()
            : node.outputs().stream().filter(output -> !output.isEmpty()).findFirst().orElse("");
    Step step = new Step(file, graph, node, opset, name, inputs, channelsLast, images);
    try {
      compile(step, operator);
    } catch (FixedBatchException | XAIException e) {
      throw e;
    } catch (RuntimeException e) {
      // What the operator does not allow: a missing input, an axis that there is not.
      throw new XAIException(
          "%s: node '%s' of type %s is not valid: %s; export it again"
              .formatted(file, node.label(), node.operator(), e.getMessage()),
          e);
    }
    for (int i = 0; i < node.outputs().size(); i++) {
      Operand output = step.output(i);
      if (!node.outputs().get(i).isEmpty()) {
        if (output == null) {
          throw refused(node, "gives a result number " + i + ", which cannot be compiled");
        }
        operands.put(node.outputs().get(i), output);
      }
    }
  }

  private void compile(Step step, @Nullable Operator operator) {
    Constant constant = step.outputCount() == 1 ? Folding.constant(step) : null;
    if (constant != null) {
      step.out(0, Operand.of(constant));
      return;
    }
    Objects.requireNonNull(operator).compile(step);
    Operand first = step.output(0);
    if (step.outputCount() == 1 && first != null && first.known() == null) {
      step.out(0, first.withKnown(Folding.known(step)));
    }
    if (images > 0 && BatchAxis.isKept(step)) {
      for (int i = 0; i < step.outputCount(); i++) {
        Operand output = step.output(i);
        if (output != null) {
          step.out(i, output.withBatch(true));
        }
      }
    }
  }

  private UnsupportedModelException refused(Node node, String problem) {
    return new UnsupportedModelException(
        "%s: node '%s' of type %s %s; export the model without it, or use it as a black box with ONNX Runtime (--engine OnnxRuntime)"
            .formatted(file, node.label(), node.operator(), problem));
  }
}
