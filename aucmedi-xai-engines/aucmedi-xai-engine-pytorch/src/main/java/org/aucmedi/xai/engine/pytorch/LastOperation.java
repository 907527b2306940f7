package org.aucmedi.xai.engine.pytorch;

import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.aucmedi.xai.model.OutputActivation;
import org.jspecify.annotations.Nullable;

/**
 * Finds the last operation of a TorchScript module by interpreting its code, once and in order, on
 * abstract values that only record which activation produced them.
 *
 * <p>Dropout, reshaping and changes of the float type pass their input on. Operations such as a
 * convolution or a linear layer start anew, without an activation. Any other operation on an
 * activation makes the result {@link OutputActivation#UNKNOWN}.
 */
final class LastOperation {

  private static final int DEEPEST = 200;

  private static final Map<String, OutputActivation> ACTIVATIONS =
      ImmutableMap.<String, OutputActivation>builder()
          .put("softmax", OutputActivation.SOFTMAX)
          .put("_softmax", OutputActivation.SOFTMAX)
          .put("log_softmax", OutputActivation.LOG_SOFTMAX)
          .put("_log_softmax", OutputActivation.LOG_SOFTMAX)
          .put("sigmoid", OutputActivation.SIGMOID)
          .put("special_expit", OutputActivation.SIGMOID)
          .buildOrThrow();

  private static final Set<String> IDENTITIES =
      Set.of(
          "dropout",
          "feature_dropout",
          "alpha_dropout",
          "feature_alpha_dropout",
          "view",
          "view_as",
          "reshape",
          "reshape_as",
          "_unsafe_view",
          "flatten",
          "unflatten",
          "squeeze",
          "unsqueeze",
          "contiguous",
          "clone",
          "detach",
          "alias",
          "dequantize",
          "to",
          "type_as",
          "float",
          "double",
          "half");

  /** Operations whose result is never an activation, whatever their input. */
  private static final Pattern FRESH =
      Pattern.compile(
          "linear\\w*|addmm|matmul|mm|bmm|baddbmm|einsum|_?conv\\w*|\\w*_norm|\\w*relu6?|\\w*pool\\w*"
              + "|gelu|silu|elu|tanh|lstm|gru|rnn_\\w+|embedding|scaled_dot_product_attention"
              + "|size|len|dim|numel|shape");

  private static final Pattern NAME = Pattern.compile("[A-Za-z_]\\w*");
  private static final Pattern CALL =
      Pattern.compile("(?s)(torch|ops\\.\\w+)\\.(?:\\w+\\.)*(\\w+)\\((.*)\\)");
  private static final Pattern FUNCTION = Pattern.compile("(?s)([A-Za-z_][\\w.]*)\\((.*)\\)");
  private static final Pattern ATTRIBUTE = Pattern.compile("([A-Za-z_]\\w*)\\.(\\w+)");
  private static final Pattern GETATTR = Pattern.compile("getattr\\((\\w+), \"([^\"]+)\"\\)");
  private static final Pattern METHOD = Pattern.compile("(?s)\\.(\\w+)\\((.*)\\)");
  private static final Pattern INDEX = Pattern.compile("(\\w+)\\[(.+)\\]");
  private static final Pattern KEY = Pattern.compile("\\[(.+)\\]");
  private static final Pattern NUMBER = Pattern.compile("-?\\d+");
  private static final Pattern PAIR = Pattern.compile("(?s)\"([^\"\\\\]*)\": (.+)");
  private static final Pattern ASSIGNMENT =
      Pattern.compile("(?s)([A-Za-z_][\\w.]*(?:, [A-Za-z_]\\w*)*,?) = (.+)");

  /** What is known about a value. */
  private sealed interface Value {}

  /** A tensor or a number. */
  private record Tensor(OutputActivation activation) implements Value {}

  /** A tuple, a list or a dictionary; names are null for positional entries. */
  private record Parts(List<Value> values, @Nullable List<String> names) implements Value {}

  /** A module or another object, by its class. */
  private record Instance(String type) implements Value {}

  /** A variable that refers to a function. */
  private record Alias(String function) implements Value {}

  private record Flag(boolean value) implements Value {}

  private enum Other implements Value {
    /** None, or the undefined value of a branch that never returns. */
    NOTHING,
    /** A number or a string. */
    CONSTANT
  }

  private static final Value PLAIN = new Tensor(OutputActivation.NONE);
  private static final Value UNKNOWN = new Tensor(OutputActivation.UNKNOWN);

  private final ModuleCode code;
  private int depth;

  private LastOperation(ModuleCode code) {
    this.code = code;
  }

  /**
   * Finds the last operation before an output.
   *
   * @param code the module's code
   * @param output the name or the number of the output, or null if there is only one
   * @return the activation, {@link OutputActivation#UNKNOWN} if the code does not show it
   */
  static OutputActivation of(ModuleCode code, @Nullable String output) {
    LastOperation run = new LastOperation(code);
    Value returned = run.call(code.rootClass() + ".forward", List.of(), code.rootClass());
    List<String> names = new ArrayList<>();
    List<Value> leaves = new ArrayList<>();
    flatten(returned, "", names, leaves);
    int chosen = output == null ? 0 : names.indexOf(output);
    if (chosen < 0) {
      chosen = output.matches("\\d{1,6}") ? Integer.parseInt(output) : -1;
    }
    boolean one = output != null || leaves.size() == 1;
    return one && chosen >= 0 && chosen < leaves.size()
        ? activation(leaves.get(chosen))
        : OutputActivation.UNKNOWN;
  }

  /** In the order and with the names of {@link OutputCode}. */
  private static void flatten(Value value, String name, List<String> names, List<Value> leaves) {
    if (value instanceof Parts parts) {
      for (int i = 0; i < parts.values.size(); i++) {
        String key = parts.names == null ? String.valueOf(i) : parts.names.get(i);
        String child = name.isEmpty() ? (parts.names == null ? "" : key) : name + "." + key;
        flatten(parts.values.get(i), child, names, leaves);
      }
    } else if (value instanceof Tensor) {
      names.add(name);
      leaves.add(value);
    }
  }

  private static OutputActivation activation(Value value) {
    return value instanceof Tensor tensor ? tensor.activation : OutputActivation.NONE;
  }

  /** Runs a function; the first argument of a method is the object. */
  private Value call(String name, List<Value> arguments, @Nullable String owner) {
    ModuleCode.Function function = code.function(name);
    if (function == null || depth >= DEEPEST) {
      return UNKNOWN;
    }
    Map<String, Value> variables = new HashMap<>();
    List<Value> given = new ArrayList<>(arguments);
    if (owner != null) {
      given.add(0, new Instance(owner));
    }
    for (int i = 0; i < function.parameters().size(); i++) {
      variables.put(function.parameters().get(i), i < given.size() ? given.get(i) : PLAIN);
    }
    depth++;
    try {
      Body body = new Body(function.body());
      body.run(0, function.body().size(), variables);
      return body.returned == null ? Other.NOTHING : body.returned;
    } finally {
      depth--;
    }
  }

  private static Value merge(Value a, Value b) {
    if (a.equals(b) || b == Other.NOTHING) {
      return a;
    }
    if (a == Other.NOTHING) {
      return b;
    }
    if (a instanceof Parts p && b instanceof Parts q && p.values.size() == q.values.size()) {
      List<Value> merged = new ArrayList<>();
      for (int i = 0; i < p.values.size(); i++) {
        merged.add(merge(p.values.get(i), q.values.get(i)));
      }
      return new Parts(merged, p.names);
    }
    boolean parts = a instanceof Parts || b instanceof Parts;
    return parts || holdsActivation(a) || holdsActivation(b) ? UNKNOWN : PLAIN;
  }

  /** The statements of one function. */
  private final class Body {

    private final List<String> lines;
    private @Nullable Value returned;

    Body(List<String> lines) {
      this.lines = lines;
    }

    /** Runs some lines; returns whether their end is reached. */
    boolean run(int from, int to, Map<String, Value> variables) {
      int i = from;
      while (i < to) {
        String line = lines.get(i).strip();
        int end = blockEnd(i, to);
        if (line.startsWith("if ")) {
          int otherwise = end < to && lines.get(end).strip().equals("else:") ? end : -1;
          int last = otherwise < 0 ? end : blockEnd(otherwise, to);
          String condition = line.substring(3, line.length() - 1);
          if (!branch(eval(condition, variables), i, end, otherwise, last, variables)) {
            return false;
          }
          i = last;
        } else if (end > i + 1) {
          // A loop or a with statement; a loop may not run at all.
          Map<String, Value> inside = new HashMap<>(variables);
          boolean ended = run(i + 1, end, inside);
          if (line.startsWith("with ") && ended) {
            variables.putAll(inside);
          } else if (ended) {
            mergeInto(variables, inside);
          }
          i = end;
        } else if (!statement(line, variables)) {
          return false;
        } else {
          i++;
        }
      }
      return true;
    }

    private boolean branch(
        Value condition,
        int start,
        int end,
        int otherwise,
        int last,
        Map<String, Value> variables) {
      Map<String, Value> no = new HashMap<>(variables);
      boolean yesEnds = false;
      boolean noEnds = false;
      if (!condition.equals(new Flag(false))) {
        yesEnds = run(start + 1, end, variables);
      }
      if (!condition.equals(new Flag(true))) {
        noEnds = otherwise < 0 || run(otherwise + 1, last, no);
      }
      if (!yesEnds) {
        variables.clear();
        variables.putAll(no);
      } else if (noEnds) {
        mergeInto(variables, no);
      }
      return yesEnds || noEnds;
    }

    private void mergeInto(Map<String, Value> variables, Map<String, Value> others) {
      others.forEach((name, value) -> variables.merge(name, value, LastOperation::merge));
    }

    private int blockEnd(int start, int to) {
      int end = start + 1;
      while (end < to && indentation(lines.get(end)) > indentation(lines.get(start))) {
        end++;
      }
      return end;
    }

    private static int indentation(String line) {
      return line.length() - line.stripLeading().length();
    }

    private boolean statement(String line, Map<String, Value> variables) {
      if (line.startsWith("ops.prim.RaiseException(")) {
        return false;
      }
      if (line.startsWith("return ")) {
        Value value = eval(line.substring("return ".length()), variables);
        returned = returned == null ? value : merge(returned, value);
        return false;
      }
      Matcher assignment = ASSIGNMENT.matcher(line);
      if (!assignment.matches()) {
        eval(line, variables);
        return true;
      }
      Value value = eval(assignment.group(2), variables);
      List<String> names = CallRewriter.split(assignment.group(1));
      if (names.size() == 1 && !assignment.group(1).endsWith(",")) {
        variables.put(names.get(0), value);
        return true;
      }
      for (int k = 0; k < names.size(); k++) {
        variables.put(names.get(k), part(value, k));
      }
      return true;
    }
  }

  private static Value part(Value whole, int index) {
    if (!(whole instanceof Parts parts)) {
      return UNKNOWN;
    }
    int k = index < 0 ? parts.values.size() + index : index;
    return k >= 0 && k < parts.values.size() ? parts.values.get(k) : UNKNOWN;
  }

  private Value eval(String text, Map<String, Value> variables) {
    String e = text.strip();
    if (e.isEmpty() || e.startsWith("\"")) {
      return Other.CONSTANT;
    }
    switch (e) {
      case "None" -> {
        return Other.NOTHING;
      }
      case "True", "False" -> {
        return new Flag(e.equals("True"));
      }
      default -> {}
    }
    if (NAME.matcher(e).matches()) {
      return variables.getOrDefault(e, UNKNOWN);
    }
    return switch (e.charAt(0)) {
      case '(' -> parenthesis(e, variables);
      case '[' -> new Parts(all(CallRewriter.split(inside(e)), variables), null);
      case '{' -> dictionary(CallRewriter.split(inside(e)), variables);
      default -> named(e, variables);
    };
  }

  private static String inside(String e) {
    return e.substring(1, CallRewriter.closing(e, 1));
  }

  /** A tuple, the object of a method call, or an indexed value. */
  private Value parenthesis(String e, Map<String, Value> variables) {
    int close = CallRewriter.closing(e, 1);
    String inner = e.substring(1, close);
    String rest = e.substring(close + 1);
    List<String> parts = CallRewriter.split(inner);
    Matcher method = METHOD.matcher(rest);
    Matcher key = KEY.matcher(rest);
    if (rest.isEmpty()) {
      return parts.size() == 1 && !inner.strip().endsWith(",")
          ? eval(inner, variables)
          : new Parts(all(parts, variables), null);
    }
    Value value = eval(inner, variables);
    if (key.matches()) {
      return index(value, key.group(1));
    }
    if (method.matches() && value instanceof Instance object) {
      String name = object.type + "." + method.group(1);
      return call(name, all(CallRewriter.split(method.group(2)), variables), object.type);
    }
    return UNKNOWN;
  }

  private Value dictionary(List<String> entries, Map<String, Value> variables) {
    List<String> names = new ArrayList<>();
    List<Value> values = new ArrayList<>();
    for (String entry : entries) {
      Matcher pair = PAIR.matcher(entry);
      if (!pair.matches()) {
        return UNKNOWN;
      }
      names.add(pair.group(1));
      values.add(eval(pair.group(2), variables));
    }
    return new Parts(values, names);
  }

  private List<Value> all(List<String> expressions, Map<String, Value> variables) {
    List<Value> values = new ArrayList<>();
    expressions.forEach(
        e -> values.add(eval(e.replaceFirst("^[A-Za-z_]\\w*=(?!=)", ""), variables)));
    return Collections.unmodifiableList(values);
  }

  private Value named(String e, Map<String, Value> variables) {
    Matcher operation = CALL.matcher(e);
    Matcher get = GETATTR.matcher(e);
    Matcher attribute = ATTRIBUTE.matcher(e);
    Matcher function = FUNCTION.matcher(e);
    Matcher index = INDEX.matcher(e);
    if (operation.matches()) {
      return operation(operation.group(2), CallRewriter.split(operation.group(3)), variables);
    }
    if (get.matches()) {
      return attribute(variables.get(get.group(1)), get.group(2));
    }
    if (attribute.matches() && !attribute.group(1).equals("__torch__")) {
      return attribute(variables.get(attribute.group(1)), attribute.group(2));
    }
    if (function.matches()) {
      return function(function.group(1), CallRewriter.split(function.group(2)), variables);
    }
    if (e.startsWith("__torch__.")) {
      return new Alias(e);
    }
    if (index.matches()) {
      return index(eval(index.group(1), variables), index.group(2));
    }
    return Other.CONSTANT;
  }

  private static Value index(Value value, String key) {
    if (value instanceof Parts parts) {
      if (parts.names != null) {
        int index = parts.names.indexOf(key.replace("\"", ""));
        return index < 0 ? UNKNOWN : parts.values.get(index);
      }
      return NUMBER.matcher(key).matches() ? part(value, Integer.parseInt(key)) : UNKNOWN;
    }
    return holdsActivation(value) ? UNKNOWN : PLAIN;
  }

  private Value attribute(@Nullable Value object, String name) {
    if (!(object instanceof Instance instance)) {
      return PLAIN;
    }
    if (name.equals("training")) {
      return new Flag(false);
    }
    String type = code.attribute(instance.type, name);
    return type != null && type.startsWith("__torch__.") ? new Instance(type) : PLAIN;
  }

  private Value function(String name, List<String> arguments, Map<String, Value> variables) {
    switch (name) {
      case "unchecked_cast", "annotate" -> {
        return eval(arguments.get(1), variables);
      }
      case "uninitialized" -> {
        return Other.NOTHING;
      }
      case "int", "float", "bool", "str" -> {
        return PLAIN;
      }
      default -> {}
    }
    String full = variables.get(name) instanceof Alias alias ? alias.function : name;
    List<Value> values = all(arguments, variables);
    ImmutableMap<String, String> fields = code.namedTuple(full);
    if (fields != null) {
      return fields.size() == values.size() ? new Parts(values, fields.keySet().asList()) : UNKNOWN;
    }
    return full.startsWith("__torch__.") ? call(full, values, null) : UNKNOWN;
  }

  private Value operation(String name, List<String> arguments, Map<String, Value> variables) {
    List<Value> values = all(arguments, variables);
    String base =
        name.length() > 1 && name.endsWith("_") ? name.substring(0, name.length() - 1) : name;
    Value result = applied(base, values, arguments);
    String first = arguments.isEmpty() ? "" : arguments.get(0);
    boolean changesFirst = !base.equals(name) || name.equals("append") || name.equals("_set_item");
    if (changesFirst && NAME.matcher(first).matches()) {
      variables.put(first, result);
    }
    return result;
  }

  private static Value applied(String name, List<Value> values, List<String> arguments) {
    Value first = values.isEmpty() ? PLAIN : values.get(0);
    OutputActivation activation = ACTIVATIONS.get(name);
    if (activation != null) {
      boolean acrossImages =
          activation != OutputActivation.SIGMOID
              && arguments.size() > 1
              && arguments.get(1).equals("0");
      return acrossImages ? UNKNOWN : new Tensor(activation);
    }
    if (IDENTITIES.contains(name) || name.equals("list")) {
      return first;
    }
    if (name.equals("append") && first instanceof Parts parts && parts.names == null) {
      List<Value> longer = new ArrayList<>(parts.values);
      longer.add(values.get(1));
      return new Parts(longer, null);
    }
    if (name.equals("log") && activation(first) == OutputActivation.SOFTMAX) {
      return new Tensor(OutputActivation.LOG_SOFTMAX);
    }
    if (name.equals("exp") && activation(first) == OutputActivation.LOG_SOFTMAX) {
      return new Tensor(OutputActivation.SOFTMAX);
    }
    boolean ofActivation = values.stream().anyMatch(LastOperation::holdsActivation);
    return ofActivation && !FRESH.matcher(name).matches() ? UNKNOWN : PLAIN;
  }

  private static boolean holdsActivation(Value value) {
    return value instanceof Parts parts
        ? parts.values.stream().anyMatch(LastOperation::holdsActivation)
        : activation(value) != OutputActivation.NONE;
  }
}
