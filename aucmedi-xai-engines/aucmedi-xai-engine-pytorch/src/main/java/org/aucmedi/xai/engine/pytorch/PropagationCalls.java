package org.aucmedi.xai.engine.pytorch;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Rewrites the calls of operations with a propagation rule in one function or method of TorchScript
 * code: those with weights become methods of {@code propagation.py}; activations are called between
 * {@code hold}, which keeps their input, and {@code elementwise} or {@code head}.
 */
final class PropagationCalls extends TapedCalls {

  /** The number that stands for a layer that takes the input. */
  static final String FIRST = "-2";

  private static final Pattern OPERATION =
      Pattern.compile(
          "(?<![\\w.])torch\\.(?<op>(?<weights>_?convolution|_convolution_mode"
              + "|conv(?<transposed>_transpose)?(?<axes>[123])d|linear|addmm|matmul|mm|batch_norm)"
              + "|(?<sum>(?:add|sub|rsub)_?)"
              + "|(?<pad>constant_pad_nd|pad)"
              + "|(?<pool>max_pool(?<poolaxes>[123])d)"
              + "|(?<head>_?softmax|_?log_softmax|sigmoid|special_expit)"
              + "|(?:relu|relu6|leaky_relu|prelu|clamp_min|hardtanh|clamp|elu|selu|celu|gelu|silu"
              + "|mish|hardswish|tanh|softplus|hardsigmoid|log_sigmoid|logsigmoid)"
              + "(?<place>_?))\\(");

  /** Straight through zero on both sides of it, so that no tangent has a constant. */
  private static final Set<String> STRAIGHT =
      Set.of("relu", "relu_", "leaky_relu", "leaky_relu_", "prelu");

  private final String function;
  private final PropagationAnalysis analysis;
  private final String own;
  private String number;

  /**
   * Constructs a rewriter.
   *
   * @param analysis what is known of the calls
   * @param function the full name of the function or method
   * @param tape the expression for the tape
   * @param number the expression for the number of the module, or -1 outside modules
   * @param tapedFunctions the full names of the functions that have a twin with a tape parameter
   * @param suffix the suffix of a twin's name
   */
  PropagationCalls(
      PropagationAnalysis analysis,
      String function,
      String tape,
      String number,
      Set<String> tapedFunctions,
      String suffix) {
    super(OPERATION, tape, tapedFunctions, suffix);
    this.analysis = analysis;
    this.function = function;
    this.own = number;
    this.number = number;
  }

  @Override
  String operation(Matcher token, String argumentText, String original) {
    List<String> arguments = CallRewriter.split(argumentText);
    String name = token.group("op");
    String call = PropagationAnalysis.call(function, "torch." + name, CallRewriter.split(original));
    if (token.group("weights") != null) {
      number = analysis.firstCalls().contains(call) ? FIRST : own;
      return weighted(name, token.group("transposed") != null, token.group("axes"), arguments);
    }
    if (token.group("sum") != null) {
      Integer at = analysis.shifts().get(call);
      return at == null ? token.group() + argumentText + ")" : summed(name, at, arguments);
    }
    if (token.group("pad") != null) {
      return analysis.inputPaddings().contains(call)
          ? padded(name, arguments)
          : token.group() + argumentText + ")";
    }
    if (token.group("pool") != null) {
      return pooled(name, Integer.parseInt(token.group("poolaxes")), arguments);
    }
    String rest =
        arguments.size() == 1
            ? ""
            : ", " + String.join(", ", arguments.subList(1, arguments.size()));
    String applied = "torch." + name + "(" + call("hold", arguments.get(0)) + rest + ")";
    if (token.group("head") != null) {
      return call("head", applied);
    }
    String method = token.group("place").isEmpty() ? "elementwise" : "elementwise_";
    return call(method, applied, STRAIGHT.contains(name) ? "True" : "False");
  }

  private String weighted(String name, boolean transposed, @Nullable String axes, List<String> a) {
    return switch (name) {
      case "linear" -> call("linear", a.get(0), a.get(1), or(a, 2, "None"), number);
      case "matmul", "mm" -> call("matmul", a.get(0), a.get(1), "None", number);
      case "addmm" -> call("matmul", a.get(1), a.get(2), a.get(0), number);
      case "batch_norm" ->
          call("batch_norm", a.get(0), a.get(1), a.get(2), a.get(3), a.get(4), a.get(5), a.get(7));
      case "_convolution", "convolution" -> {
        ImmutableList.Builder<String> nine = ImmutableList.builder();
        yield call("convolution", nine.addAll(a.subList(0, 9)).add(number).build());
      }
      case "_convolution_mode" ->
          call(
              "convolution_mode",
              a.get(0),
              a.get(1),
              a.get(2),
              a.get(3),
              a.get(4),
              a.get(5),
              a.get(6),
              number);
      default -> {
        int count = Integer.parseInt(Objects.requireNonNull(axes));
        String ones = list("1", count);
        String zeros = list("0", count);
        String stride = or(a, 3, ones);
        String padding = or(a, 4, zeros);
        if (transposed) {
          yield call(
              "convolution",
              a.get(0),
              a.get(1),
              or(a, 2, "None"),
              stride,
              padding,
              or(a, 7, ones),
              "True",
              or(a, 5, zeros),
              or(a, 6, "1"),
              number);
        }
        String dilation = or(a, 5, ones);
        String groups = or(a, 6, "1");
        yield padding.startsWith("\"")
            ? call(
                "convolution_mode",
                a.get(0),
                a.get(1),
                or(a, 2, "None"),
                stride,
                padding,
                dilation,
                groups,
                number)
            : call(
                "convolution",
                a.get(0),
                a.get(1),
                or(a, 2, "None"),
                stride,
                padding,
                dilation,
                "False",
                zeros,
                groups,
                number);
      }
    };
  }

  /** A sum with a constant, as opposed to one of numbers or of two tensors of the network. */
  private String summed(String name, int at, List<String> arguments) {
    List<String> held = new ArrayList<>(arguments);
    held.set(at, call("hold", arguments.get(at)));
    boolean inPlace = name.endsWith("_");
    boolean negated = name.startsWith("rsub") || (at == 1 && name.startsWith("sub"));
    return call(
        inPlace ? "shifted_" : "shifted",
        "torch." + name + "(" + String.join(", ", held) + ")",
        negated ? "-1." : "1.");
  }

  /** Pads ones as well, to tell the input from the padding. */
  private String padded(String name, List<String> arguments) {
    List<String> ones = new ArrayList<>(arguments);
    ones.set(0, call("ones"));
    List<String> kept = new ArrayList<>(arguments);
    kept.set(0, call("keep", arguments.get(0)));
    return call(
        "padded",
        "torch." + name + "(" + String.join(", ", kept) + ")",
        "torch." + name + "(" + String.join(", ", ones) + ")");
  }

  private String pooled(String name, int axes, List<String> a) {
    return call(
        name,
        a.get(0),
        a.get(1),
        or(a, 2, "annotate(List[int], [])"),
        or(a, 3, list("0", axes)),
        or(a, 4, list("1", axes)),
        or(a, 5, "False"));
  }

  private static String or(List<String> arguments, int index, String otherwise) {
    return index < arguments.size() ? arguments.get(index) : otherwise;
  }

  private static String list(String value, int count) {
    return "[" + String.join(", ", Collections.nCopies(count, value)) + "]";
  }
}
