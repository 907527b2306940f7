package org.aucmedi.xai.engine.pytorch;

import com.google.common.collect.Sets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.aucmedi.xai.model.UnsupportedModelException;

/**
 * Follows the input through a TorchScript module, to make sure that every operation on the way has
 * a rule by which relevance or a difference can be sent back; and finds the layers that take the
 * input itself.
 *
 * <p>Three kinds of operations need no rule of their own, since their derivative is one: they
 * rearrange values, are linear, or are piecewise linear through zero, as a ReLU is. Those with a
 * rule are the ones that {@link PropagationCalls} rewrites. All others are refused by name.
 */
final class PropagationAnalysis extends CodeInterpreter {

  /** What goes back. */
  enum Purpose {
    RELEVANCE("relevance propagation"),
    DIFFERENCE("DeepLIFT"),
    CONSTANTS("full gradients");

    private final String method;

    Purpose(String method) {
      this.method = method;
    }
  }

  private enum Kind {
    /** Does not depend on the values of the input: weights, sizes, numbers. */
    CONSTANT,
    /** The input itself, possibly rearranged. */
    INPUT,
    /** Depends on the input. */
    HIDDEN,
    /** The result of the activation at the end. */
    HEAD,
    /** Something in the code that cannot be read. */
    UNREADABLE
  }

  /** Operations whose result tells nothing about values. */
  private static final Pattern ABOUT =
      Pattern.compile(
          "size|sym_size|_?shape_as_tensor|dim|len|numel|stride|is_contiguous|is_floating_point|is_complex|is_leaf"
              + "|requires_grad|device|dtype|layout|is_cuda|__is__|__isnot__|format"
              + "|(zeros|ones|empty|full|rand|randn)_like|new_(zeros|ones|empty|full)");

  private static final Pattern SHAPE =
      Pattern.compile(
          "view|view_as|reshape|reshape_as|_unsafe_view|flatten|unflatten|squeeze|unsqueeze"
              + "|contiguous|clone|alias|to|type_as|float|double");

  private static final Pattern REARRANGING =
      Pattern.compile(
          "permute|transpose|t|movedim|moveaxis|swapaxes|swapdims|numpy_T|expand|expand_as|select"
              + "|slice|narrow|chunk|split|split_with_sizes|tensor_split|unsafe_chunk|unsafe_split"
              + "|unbind|index_select|cat|concat|stack|flip|roll|list"
              + "|dropout|feature_dropout|alpha_dropout|feature_alpha_dropout"
              + "|reflection_pad[123]d|replication_pad[123]d|pixel_shuffle|pixel_unshuffle"
              + "|channel_shuffle|repeat|tile|upsample_nearest[123]d|_upsample_nearest_exact[123]d");

  private static final Pattern LINEAR =
      Pattern.compile(
          "add|sub|rsub|neg|mean|sum|(adaptive_)?avg_pool[123]d"
              + "|upsample_(linear1d|bilinear2d|trilinear3d|bicubic2d)");

  private static final Pattern SUM = Pattern.compile("add|sub|rsub");

  private static final Pattern WITH_WEIGHTS =
      Pattern.compile(
          "_?convolution|_convolution_mode|conv(_transpose)?[123]d|linear|addmm|matmul|mm"
              + "|batch_norm");

  /** The derivative times the input is the output; DeepLIFT rewrites them. */
  private static final Pattern PIECEWISE =
      Pattern.compile("relu|leaky_relu|prelu|clamp_min|max_pool[123]d|adaptive_max_pool[123]d");

  /** Zero at zero. */
  private static final Pattern ACTIVATION =
      Pattern.compile("relu6|hardtanh|clamp|elu|selu|celu|gelu|silu|mish|hardswish|tanh");

  /** Not zero at zero, so that there is nothing to share the relevance by. */
  private static final Pattern OTHER_ACTIVATION =
      Pattern.compile("softplus|hardsigmoid|log_sigmoid|logsigmoid");

  private static final Pattern HEAD =
      Pattern.compile("_?softmax|_?log_softmax|sigmoid|special_expit");

  private static final Set<String> INTEGERS = Set.of("0", "1", "2", "3", "4", "11");

  private final String model;
  private final Set<String> modules;
  private final Purpose purpose;

  /** The layers whose weights meet something else than the input. */
  private final Set<String> later = new HashSet<>();

  /** The calls with weights that take the input, with the layers in which they do. */
  private final Map<String, Set<String>> firstCalls = new HashMap<>();

  private final Set<String> laterCalls = new HashSet<>();
  private final Set<String> inputPaddings = new HashSet<>();
  private final Map<String, Integer> shifts = new HashMap<>();
  private String notFirst = "";

  private PropagationAnalysis(String model, ModuleCode code, Set<String> modules, Purpose purpose) {
    super(code, Kind.CONSTANT, Kind.UNREADABLE);
    this.model = model;
    this.modules = modules;
    this.purpose = purpose;
  }

  /**
   * Follows the input.
   *
   * @param model the name of the model in messages
   * @param code the module's code
   * @param modules the full names of the classes whose code can be rewritten
   * @param purpose what is to go back
   * @return what was found
   * @throws UnsupportedModelException if an operation has no rule; the message names it
   */
  static PropagationAnalysis of(
      String model, ModuleCode code, Set<String> modules, Purpose purpose) {
    PropagationAnalysis analysis = new PropagationAnalysis(model, code, modules, purpose);
    Value returned = analysis.run(new Tensor(Kind.INPUT));
    if (!analysis.depends(returned)) {
      throw new UnsupportedModelException(
          model + " returns what does not depend on its input, as far as its code shows");
    }
    return analysis;
  }

  /** Returns the calls that pad the input itself. */
  Set<String> inputPaddings() {
    return inputPaddings;
  }

  /**
   * Returns the sums with constants, which take relevance as biases do: by the name of the function
   * and the text of the call, the index of the argument that is no constant.
   */
  Map<String, Integer> shifts() {
    return shifts;
  }

  /** Returns the calls with weights that take the input itself and never anything else. */
  Set<String> firstCalls() {
    return Sets.difference(firstCalls.keySet(), laterCalls);
  }

  /**
   * Returns the paths of the other layers whose weights meet the input itself: the code that they
   * share with other layers does not tell.
   */
  Set<String> firstLayers() {
    Set<String> layers = new HashSet<>();
    firstCalls.forEach((call, of) -> layers.addAll(laterCalls.contains(call) ? of : Set.of()));
    return layers;
  }

  /** Returns why a rule for the input cannot be used, or an empty string if it can. */
  String whyNoInputRule() {
    if (!notFirst.isEmpty()) {
      return "its input also goes to " + notFirst;
    }
    if (firstCalls.isEmpty()) {
      return "no layer with weights takes it";
    }
    return firstLayers().stream()
        .filter(later::contains)
        .findFirst()
        .map(layer -> "the layer '" + layer + "' takes more than the input")
        .orElse("");
  }

  /** Returns how a call is found again in the code. */
  static String call(String function, String operation, List<String> arguments) {
    return function + " " + operation + "(" + String.join(", ", arguments) + ")";
  }

  @Override
  int loopRuns() {
    return 3;
  }

  @Override
  Value mergeDifferent(Value a, Value b) {
    Kind one = kind(a);
    Kind other = kind(b);
    if (one == other) {
      return one == Kind.CONSTANT ? plain() : a;
    }
    boolean plain = one.compareTo(Kind.HIDDEN) <= 0 && other.compareTo(Kind.HIDDEN) <= 0;
    return new Tensor(plain ? Kind.HIDDEN : Kind.UNREADABLE);
  }

  @Override
  Value element(Value whole) {
    return new Tensor(kind(whole));
  }

  @Override
  Value unpacked(Value whole) {
    return element(whole);
  }

  @Override
  Value converted(String function, Value value) {
    if (depends(value)) {
      throw refused("the conversion " + function + "()", "it depends on the input");
    }
    return plain();
  }

  @Override
  Value apply(
      String namespace, String name, boolean inPlace, List<Value> values, List<String> arguments) {
    Kind kind = kind(values);
    if (kind == Kind.CONSTANT || ABOUT.matcher(name).matches()) {
      return plain();
    }
    String operation = namespace + "." + name + (inPlace ? "_" : "");
    if (kind == Kind.UNREADABLE) {
      throw refused(operation, "its arguments cannot be traced to the input");
    }
    if (!modules.contains(owner())) {
      throw refused(operation, "it is called by an object that is no module");
    }
    if (!namespace.equals("torch")) {
      throw refused(operation, "");
    }
    if (inPlace && !depends(values.get(0))) {
      throw refused(operation, "it writes into a constant");
    }
    Kind result = result(operation, name, kind, values, arguments);
    if (values.stream().anyMatch(value -> kind(value) == Kind.INPUT)
        && result != Kind.INPUT
        && (!WITH_WEIGHTS.matcher(name).matches() || name.equals("batch_norm"))) {
      notFirst = operation + at();
    }
    return new Tensor(result);
  }

  private Kind result(
      String operation, String name, Kind kind, List<Value> values, List<String> arguments) {
    boolean one = values.stream().skip(1).noneMatch(this::depends);
    if (SHAPE.matcher(name).matches()) {
      if (name.equals("to") && arguments.size() > 1 && INTEGERS.contains(arguments.get(1))) {
        throw refused(operation, "it casts to integers");
      }
      return kind;
    }
    if (HEAD.matcher(name).matches() && kind != Kind.HEAD) {
      return Kind.HEAD;
    }
    if (kind == Kind.HEAD) {
      throw refused(
          operation,
          "it follows a softmax or a sigmoid, for which there is only a rule at the end of a"
              + " network");
    }
    if (REARRANGING.matcher(name).matches()) {
      return kind;
    }
    if (isPadding(name, values)) {
      if (kind == Kind.INPUT) {
        inputPaddings.add(call(function(), operation, arguments));
      }
      return kind;
    }
    if (WITH_WEIGHTS.matcher(name).matches()) {
      boolean addmm = name.equals("addmm");
      if (!depends(values.get(addmm ? 1 : 0)) || !onlyOneDepends(values)) {
        throw refused(operation, "it multiplies two values that depend on the input");
      }
      if (addmm && values.size() > 3) {
        throw refused(operation, "it scales its parts");
      }
      if (!name.equals("batch_norm")) {
        String call = call(function(), operation, arguments);
        if (kind == Kind.INPUT) {
          firstCalls.computeIfAbsent(call, key -> new HashSet<>()).add(layer());
        } else {
          later.add(layer());
          laterCalls.add(call);
        }
      }
      return Kind.HIDDEN;
    }
    if (SUM.matcher(name).matches() && onlyOneDepends(values)) {
      int at = depends(values.get(0)) ? 0 : 1;
      boolean scaled = arguments.stream().skip(2).anyMatch(argument -> !argument.equals("alpha=1"));
      if (at == 1 && scaled) {
        throw refused(operation, "it scales its parts");
      }
      shifts.put(call(function(), operation, arguments), at);
      return Kind.HIDDEN;
    }
    if (LINEAR.matcher(name).matches()
        || (name.equals("mul") && onlyOneDepends(values))
        || (name.equals("div") && one && values.size() == 2)) {
      return Kind.HIDDEN;
    }
    boolean pools = name.startsWith("adaptive_max_pool");
    if (one && PIECEWISE.matcher(name).matches() && !(pools && purpose == Purpose.DIFFERENCE)) {
      if (name.equals("clamp_min") && purpose != Purpose.CONSTANTS && !isZero(values.get(1))) {
        throw refused(operation, "its bound is not zero");
      }
      return Kind.HIDDEN;
    }
    if (one && ACTIVATION.matcher(name).matches()) {
      boolean bounded = name.equals("clamp") || name.equals("hardtanh");
      if (bounded && purpose == Purpose.RELEVANCE && !includesZero(values)) {
        throw refused(operation, "it is not known to be zero at zero");
      }
      return Kind.HIDDEN;
    }
    if (one && purpose != Purpose.RELEVANCE && OTHER_ACTIVATION.matcher(name).matches()) {
      return Kind.HIDDEN;
    }
    throw refused(
        operation, name.equals("mul") ? "it multiplies two values that depend on the input" : "");
  }

  private boolean onlyOneDepends(List<Value> values) {
    return values.stream().filter(this::depends).count() == 1;
  }

  /** Padding with zeros, with the smallest number for a maximum, or with the tensor's values. */
  private static boolean isPadding(String name, List<Value> values) {
    int at = name.equals("constant_pad_nd") ? 2 : name.equals("pad") ? 3 : Integer.MAX_VALUE;
    return at <= 3
        && (values.size() <= at
            || values.get(at) == Other.NOTHING
            || isZero(values.get(at))
            || (values.get(at) instanceof Literal literal
                && literal.value() == Double.NEGATIVE_INFINITY));
  }

  private static boolean isZero(Value value) {
    return value instanceof Literal literal && literal.value() == 0;
  }

  /** Whether the bounds of an activation include zero. */
  private static boolean includesZero(List<Value> values) {
    Value low = values.size() > 1 ? values.get(1) : Other.NOTHING;
    Value high = values.size() > 2 ? values.get(2) : Other.NOTHING;
    boolean below = low == Other.NOTHING || (low instanceof Literal a && a.value() <= 0);
    boolean above = high == Other.NOTHING || (high instanceof Literal b && b.value() >= 0);
    return below && above;
  }

  private UnsupportedModelException refused(String operation, String why) {
    return new UnsupportedModelException(
        model
            + " cannot be explained by "
            + purpose.method
            + ": "
            + operation
            + at()
            + " has no rule"
            + (why.isEmpty() ? "" : ", since " + why)
            + "; choose another gradient method, such as integrated gradients");
  }

  private String at() {
    return layer().isEmpty() ? " in the main module" : " in the layer '" + layer() + "'";
  }

  private boolean depends(Value value) {
    return kind(value) != Kind.CONSTANT;
  }

  private Kind kind(List<Value> values) {
    Kind kind = Kind.CONSTANT;
    for (Value value : values) {
      Kind next = kind(value);
      if (kind == Kind.CONSTANT) {
        kind = next;
      } else if (next != Kind.CONSTANT && next != kind) {
        kind = next.compareTo(kind) > 0 ? next : kind;
      }
    }
    return kind;
  }

  private Kind kind(Value value) {
    if (value instanceof Parts parts) {
      return kind(parts.values());
    }
    return value instanceof Tensor tensor ? (Kind) tensor.mark() : Kind.CONSTANT;
  }
}
