package org.aucmedi.xai.importer.onnx;

import ai.djl.ndarray.types.Shape;
import com.google.common.base.Preconditions;
import com.google.common.primitives.Longs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.aucmedi.xai.importer.Constant;
import org.aucmedi.xai.importer.ElementType;
import org.aucmedi.xai.importer.Graph;
import org.aucmedi.xai.importer.LayerBuilder;
import org.aucmedi.xai.importer.Operation;
import org.aucmedi.xai.importer.TensorType;
import org.aucmedi.xai.importer.Value;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.aucmedi.xai.onnx.OnnxContent.Attribute;
import org.aucmedi.xai.onnx.OnnxContent.Node;
import org.jspecify.annotations.Nullable;

/**
 * The compilation of one node: what it reads, and the TorchScript statements that compute it.
 *
 * <p>Expressions refer to tensors by tokens, which the methods here return: {@link #x}, {@link
 * #weight}, {@link #let}.
 */
final class Step {

  private static final Pattern TOKEN = Pattern.compile("\\{(\\d+)}");

  private final Path file;
  private final Graph.Builder graph;
  private final Node node;
  private final long opset;
  private final String layerName;
  private final List<@Nullable Operand> inputs;
  private final boolean channelsLast;
  private final long images;
  private final List<Value> tokens = new ArrayList<>();
  private final Map<Object, String> known = new HashMap<>();
  private final @Nullable Operand[] outputs;
  private @Nullable LayerBuilder layer;

  /**
   * Starts.
   *
   * @param file the file, for messages
   * @param graph what to add to
   * @param node the node
   * @param opset the version of its operator's domain
   * @param layerName the name of its layer
   * @param inputs what it reads, null where an input is omitted
   * @param channelsLast whether its results, if images, are to be kept with channels last
   * @param images the number of images for which the file is made, 0 for any number
   */
  Step(
      Path file,
      Graph.Builder graph,
      Node node,
      long opset,
      String layerName,
      List<@Nullable Operand> inputs,
      boolean channelsLast,
      long images) {
    this.file = file;
    this.graph = graph;
    this.node = node;
    this.opset = opset;
    this.layerName = layerName;
    this.inputs = inputs;
    this.channelsLast = channelsLast;
    this.images = images;
    this.outputs = new Operand[Math.max(1, node.outputs().size())];
  }

  String operator() {
    return node.operator();
  }

  long opset() {
    return opset;
  }

  boolean hasChannelsLast() {
    return channelsLast;
  }

  /** The number of images for which the file is made, 0 for any number. */
  long images() {
    return images;
  }

  /**
   * A shape to be given to an input, with the number of images left open if the input counts them.
   */
  long[] forImages(long[] shape, int input) {
    if (in(input).batch() && shape.length > 0 && shape[0] == images) {
      shape[0] = Longs.contains(shape, -1) ? 0 : -1;
    }
    return shape;
  }

  // Attributes

  boolean hasAttribute(String name) {
    return node.attributes().containsKey(name);
  }

  long i(String name, long otherwise) {
    Attribute attribute = node.attributes().get(name);
    return attribute == null ? otherwise : attribute.i();
  }

  float f(String name, float otherwise) {
    Attribute attribute = node.attributes().get(name);
    return attribute == null ? otherwise : attribute.f();
  }

  String s(String name, String otherwise) {
    Attribute attribute = node.attributes().get(name);
    return attribute == null ? otherwise : attribute.s();
  }

  /** A list of integers, or null. */
  long @Nullable [] ints(String name) {
    Attribute attribute = node.attributes().get(name);
    return attribute == null ? null : Longs.toArray(attribute.ints());
  }

  /** A list of integers, or as many copies of one as there are spatial axes. */
  long[] ints(String name, int count, long otherwise) {
    long[] values = ints(name);
    if (values == null) {
      values = new long[count];
      Arrays.fill(values, otherwise);
    }
    if (values.length != count) {
      throw new IllegalArgumentException(
          "its " + name + " are " + values.length + " where " + count + " belong");
    }
    return values;
  }

  @Nullable Attribute attribute(String name) {
    return node.attributes().get(name);
  }

  // Inputs

  int count() {
    return inputs.size();
  }

  boolean has(int input) {
    return input < inputs.size() && inputs.get(input) != null;
  }

  Operand in(int input) {
    if (!has(input)) {
      throw new IllegalArgumentException("its input " + input + " is missing");
    }
    return Objects.requireNonNull(inputs.get(input));
  }

  ElementType type(int input) {
    return in(input).type();
  }

  long[] shape(int input) {
    return in(input).shape();
  }

  int rank(int input) {
    return in(input).rank();
  }

  /** The elements of an input, if they are all known. */
  long @Nullable [] longs(int input) {
    return has(input) ? in(input).longs() : null;
  }

  /** The elements of an input that has to be known. */
  long[] fixed(int input, String what) {
    long[] values = longs(input);
    if (values == null) {
      throw unsupported(
          "takes its " + what + " from the data; export the model with fixed image sizes");
    }
    return values;
  }

  /** The token of an input, with its axes as the file has them. */
  String x(int input) {
    Operand operand = in(input);
    if (operand.constant() != null) {
      return weight("input" + input, operand.constant());
    }
    String token = token(Objects.requireNonNull(operand.value()));
    return operand.channelsLast() ? permuted(token, toFirst(operand.rank())) : token;
  }

  /** The token of an input, under a name if it is a weight. */
  String x(int input, String name) {
    Constant constant = in(input).constant();
    return constant == null ? x(input) : weight(name, constant);
  }

  /** The token of an optional input, or None. */
  String optional(int input, String name) {
    return has(input) ? x(input, name) : "None";
  }

  /** The token of a constant that belongs to the layer. */
  String weight(String name, Constant constant) {
    String before = known.get(constant);
    if (before != null) {
      return before;
    }
    boolean trained = constant.type().element().isFloat() && !name.startsWith("running_");
    String token = token(trained ? layer().weight(name, constant) : layer().buffer(name, constant));
    known.put(constant, token);
    return token;
  }

  /** An input as the second operand of arithmetic: a number if it is a constant one. */
  String numberOrX(int input, int rank) {
    Operand operand = in(input);
    if (!operand.isScalarBeside(rank)) {
      return x(input);
    }
    return operand.type().isFloat()
        ? number(Objects.requireNonNull(operand.constant()).floats()[0])
        : String.valueOf(Objects.requireNonNull(operand.constant()).longs()[0]);
  }

  /** The elements of an input with one axis as a list of integers. */
  String list(int input) {
    Operand operand = in(input);
    long[] values = operand.longs();
    if (values != null) {
      return Arrays.toString(values);
    }
    double[] partly = operand.known();
    if (partly != null && operand.rank() == 1) {
      return IntStream.range(0, partly.length)
          .mapToObj(i -> element(input, i))
          .collect(Collectors.joining(", ", "[", "]"));
    }
    return "annotate(List[int], (%s).tolist())".formatted(x(input));
  }

  /** One element of an input with one axis, or none, as an integer. */
  String element(int input, int index) {
    Operand operand = in(input);
    double[] partly = operand.known();
    if (partly != null && !Double.isNaN(partly[index])) {
      return String.valueOf((long) partly[index]);
    }
    return operand.rank() == 0
        ? "int(%s)".formatted(x(input))
        : "int(torch.select(%s, 0, %s))".formatted(x(input), index);
  }

  /** A floating-point number from an input with one element, or an integer if it holds such. */
  String element(int input) {
    Operand operand = in(input);
    double[] elements = operand.known();
    if (elements == null || elements.length != 1 || Double.isNaN(elements[0])) {
      return operand.type().isFloat()
          ? "float(%s)".formatted(x(input))
          : "int(%s)".formatted(x(input));
    }
    return operand.type().isFloat() ? number(elements[0]) : String.valueOf((long) elements[0]);
  }

  /** A size of an input as an integer. */
  String size(int input, int axis) {
    long size = shape(input)[axis];
    return size < 0 ? "torch.size(%s, %s)".formatted(x(input), axis) : String.valueOf(size);
  }

  /** The sizes of an input from one axis to before another, as a list without brackets. */
  List<String> sizes(int input, int from, int to) {
    return IntStream.range(from, to).mapToObj(axis -> size(input, axis)).toList();
  }

  // Statements

  /** Adds a statement, and returns the token of its result. */
  String let(String expression, ElementType type, long... shape) {
    return token(apply(expression, type, shape));
  }

  /** Adds a statement with several results, and returns their tokens. */
  List<String> letAll(String expression, List<TensorType> types) {
    return applyAll(expression, types).stream().map(this::token).toList();
  }

  /** Computes the first output. */
  void out(String expression, ElementType type, long... shape) {
    out(0, expression, type, shape);
  }

  /** Computes an output, whose axes are as the file has them. */
  void out(int output, String expression, ElementType type, long... shape) {
    if (!isNeeded(output)) {
      return;
    }
    boolean last = channelsLast && shape.length >= 4 && keepsChannelsLast(shape.length);
    Value value =
        last
            ? apply(permuted(expression, toLast(shape.length)), type, reordered(shape))
            : apply(expression, type, shape);
    outputs[output] = Operand.of(value, type, shape).withChannelsLast(last);
  }

  /** Computes all outputs by one statement. */
  void outAll(String expression, List<TensorType> types) {
    List<Value> values = applyAll(expression, types);
    for (int i = 0; i < outputs.length; i++) {
      TensorType type = types.get(i);
      outputs[i] = Operand.of(values.get(i), type.element(), type.knownShape().getShape());
    }
  }

  /** Sets an output to what is there already. */
  void out(int output, Operand operand) {
    outputs[output] = operand;
  }

  boolean isNeeded(int output) {
    return output < node.outputs().size() && !node.outputs().get(output).isEmpty();
  }

  /** The number of outputs, omitted ones included. */
  int outputCount() {
    return node.outputs().size();
  }

  /** The outputs; null for one that was not computed. */
  @Nullable Operand output(int output) {
    return outputs[output];
  }

  /** Says that the node cannot be compiled. */
  UnsupportedModelException unsupported(String problem) {
    return new UnsupportedModelException(
        "%s: node '%s' of type %s %s".formatted(file, node.label(), operator(), problem));
  }

  private boolean keepsChannelsLast(int rank) {
    return Operators.isSpatial(operator())
        || inputs.stream()
            .anyMatch(input -> input != null && input.channelsLast() && input.rank() == rank);
  }

  private Value apply(String expression, ElementType type, long... shape) {
    return applyAll(expression, List.of(new TensorType(type, new Shape(shape)))).get(0);
  }

  private List<Value> applyAll(String expression, List<TensorType> types) {
    // The statement takes what it refers to, and numbers it from zero.
    List<Value> arguments = new ArrayList<>();
    Matcher matcher = TOKEN.matcher(expression);
    String numbered =
        matcher.replaceAll(
            found -> {
              Value value = tokens.get(Integer.parseInt(found.group(1)));
              if (!arguments.contains(value)) {
                arguments.add(value);
              }
              return "{" + arguments.indexOf(value) + "}";
            });
    return layer().applyAll(new Operation(numbered, any -> types), arguments.toArray(Value[]::new));
  }

  private String token(Value value) {
    return known.computeIfAbsent(
        value,
        key -> {
          tokens.add(value);
          return "{" + (tokens.size() - 1) + "}";
        });
  }

  private LayerBuilder layer() {
    LayerBuilder current = layer;
    if (current == null) {
      current = graph.layer(layerName, Operators.torchClass(operator(), has(0) ? rank(0) : 0));
      layer = current;
    }
    return current;
  }

  // Code

  static String permuted(String expression, int... axes) {
    return "torch.permute(%s, %s)".formatted(expression, Arrays.toString(axes));
  }

  /** The axes (0, 2, ..., 1) that move the channels behind the spatial axes. */
  static int[] toLast(int rank) {
    return IntStream.range(0, rank)
        .map(axis -> axis == 0 ? 0 : axis == rank - 1 ? 1 : axis + 1)
        .toArray();
  }

  /** The axes (0, rank - 1, 1, ...) that move the channels before the spatial axes. */
  static int[] toFirst(int rank) {
    return IntStream.range(0, rank)
        .map(axis -> axis == 0 ? 0 : axis == 1 ? rank - 1 : axis - 1)
        .toArray();
  }

  private static long[] reordered(long... shape) {
    return IntStream.of(toLast(shape.length)).mapToLong(axis -> shape[axis]).toArray();
  }

  /** A floating-point number. */
  static String number(double value) {
    if (Double.isInfinite(value)) {
      return value > 0 ? "inf" : "-inf";
    }
    Preconditions.checkArgument(!Double.isNaN(value), "it has NaN as a number");
    // The shortest text of a float is what people wrote.
    String text = (float) value == value ? Float.toString((float) value) : Double.toString(value);
    return text.replace('E', 'e');
  }

  /** A list of integers. */
  static String list(long... values) {
    return Arrays.toString(values);
  }

  /** A list of expressions. */
  static String list(List<String> values) {
    return values.stream().collect(Collectors.joining(", ", "[", "]"));
  }
}
