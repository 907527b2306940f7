package org.aucmedi.xai.engine.pytorch;

import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Interprets the code of a TorchScript module, in order, on abstract values. What a tensor is known
 * by, its mark, and what operations do with marks is up to the subclass.
 *
 * <p>Both branches of a condition run unless the code shows which one does; a loop runs as often as
 * the subclass asks for, and what it assigns may also not be assigned.
 */
abstract class CodeInterpreter {

  private static final int DEEPEST = 200;

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
  private static final Pattern LITERAL = Pattern.compile("-?\\d+(\\.\\d*)?(e[-+]?\\d+)?");
  private static final Pattern PAIR = Pattern.compile("(?s)\"([^\"\\\\]*)\": (.+)");
  private static final Pattern ASSIGNMENT =
      Pattern.compile("(?s)([A-Za-z_][\\w.]*(?:, [A-Za-z_]\\w*)*,?) = (.+)");

  /** What is known about a value. */
  sealed interface Value {}

  /** A tensor or a number, with the mark that the subclass knows it by. */
  record Tensor(Enum<?> mark) implements Value {}

  /** A tuple, a list or a dictionary; names are null for positional entries. */
  record Parts(List<Value> values, @Nullable List<String> names) implements Value {}

  /** A module or another object, by its class and its path from the root. */
  record Instance(String type, String path) implements Value {}

  /** A variable that refers to a function. */
  private record Alias(String function) implements Value {}

  record Flag(boolean value) implements Value {}

  /** A number that the code gives. */
  record Literal(double value) implements Value {}

  enum Other implements Value {
    /** None, or the undefined value of a branch that never returns. */
    NOTHING,
    /** A number or a string. */
    CONSTANT
  }

  private final ModuleCode code;
  private final Tensor plain;
  private final Tensor unknown;
  private int depth;
  private String layer = "";
  private String function = "";
  private String owner = "";

  /**
   * Constructs an interpreter.
   *
   * @param code the module's code
   * @param plain the value of a tensor or a number about which there is nothing to tell
   * @param unknown the value of what cannot be read
   */
  CodeInterpreter(ModuleCode code, Enum<?> plain, Enum<?> unknown) {
    this.code = code;
    this.plain = new Tensor(plain);
    this.unknown = new Tensor(unknown);
  }

  /**
   * Applies an operation.
   *
   * @param namespace {@code torch} or, for instance, {@code ops.prim}
   * @param name its name, without the underscore of one that works in place
   * @param inPlace whether it changes its first argument
   * @param values its arguments
   * @param arguments their text
   * @return the result
   */
  abstract Value apply(
      String namespace, String name, boolean inPlace, List<Value> values, List<String> arguments);

  /** Combines what two branches make of a variable, unless both make tuples of one size. */
  abstract Value mergeDifferent(Value a, Value b);

  /** Returns an element of a value that is no tuple. */
  abstract Value element(Value whole);

  /** Returns each of the values to which a value that is no known tuple is assigned. */
  Value unpacked(Value whole) {
    return unknown;
  }

  /** Converts a tensor to a number, a truth value or a string. */
  Value converted(String function, Value value) {
    return plain;
  }

  /** Returns how often the body of a loop runs. */
  int loopRuns() {
    return 1;
  }

  /** Returns the path of the module whose code is running; empty for the root. */
  final String layer() {
    return layer;
  }

  /** Returns the full name of the function or the method that is running. */
  final String function() {
    return function;
  }

  /** Returns the class of the object whose method is running, directly or through functions. */
  final String owner() {
    return owner;
  }

  final Tensor plain() {
    return plain;
  }

  final Tensor unknown() {
    return unknown;
  }

  /** Runs the root's forward and returns what it returns. */
  final Value run(Value input) {
    Instance root = new Instance(code.rootClass(), "");
    return call(code.rootClass() + ".forward", List.of(input), root);
  }

  /** Runs a function; the first argument of a method is the object. */
  private Value call(String name, List<Value> arguments, @Nullable Instance owner) {
    ModuleCode.Function called = code.function(name);
    if (called == null || depth >= DEEPEST) {
      return unknown;
    }
    Map<String, Value> variables = new HashMap<>();
    List<Value> given = new ArrayList<>(arguments);
    if (owner != null) {
      given.add(0, owner);
    }
    for (int i = 0; i < called.parameters().size(); i++) {
      variables.put(called.parameters().get(i), i < given.size() ? given.get(i) : plain);
    }
    String caller = layer;
    String calling = this.function;
    this.function = name;
    String calledOn = this.owner;
    layer = owner == null ? layer : owner.path;
    this.owner = owner == null ? this.owner : owner.type;
    depth++;
    try {
      Body body = new Body(called.body());
      body.run(0, called.body().size(), variables);
      return body.returned == null ? Other.NOTHING : body.returned;
    } finally {
      depth--;
      layer = caller;
      this.function = calling;
      this.owner = calledOn;
    }
  }

  private Value merge(Value a, Value b) {
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
    return mergeDifferent(a, b);
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
          for (int again = 1; ended && !line.startsWith("with ") && again < loopRuns(); again++) {
            Map<String, Value> next = new HashMap<>(variables);
            mergeInto(next, inside);
            inside = next;
            ended = run(i + 1, end, inside);
          }
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
      others.forEach((name, value) -> variables.merge(name, value, CodeInterpreter.this::merge));
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

  private Value part(Value whole, int index) {
    if (!(whole instanceof Parts parts)) {
      return unpacked(whole);
    }
    int k = index < 0 ? parts.values.size() + index : index;
    return k >= 0 && k < parts.values.size() ? parts.values.get(k) : unknown;
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
      case "inf", "-inf", "nan" -> {
        return new Literal(Double.parseDouble(e.replace("inf", "Infinity").replace("nan", "NaN")));
      }
      case "True", "False" -> {
        return new Flag(e.equals("True"));
      }
      default -> {}
    }
    if (NAME.matcher(e).matches()) {
      return variables.getOrDefault(e, unknown);
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
      return call(name, all(CallRewriter.split(method.group(2)), variables), object);
    }
    return unknown;
  }

  private Value dictionary(List<String> entries, Map<String, Value> variables) {
    List<String> names = new ArrayList<>();
    List<Value> values = new ArrayList<>();
    for (String entry : entries) {
      Matcher pair = PAIR.matcher(entry);
      if (!pair.matches()) {
        return unknown;
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
      return operation(
          operation.group(1),
          operation.group(2),
          CallRewriter.split(operation.group(3)),
          variables);
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
    return LITERAL.matcher(e).matches() ? new Literal(Double.parseDouble(e)) : Other.CONSTANT;
  }

  private Value index(Value value, String key) {
    if (value instanceof Parts parts) {
      if (parts.names != null) {
        int index = parts.names.indexOf(key.replace("\"", ""));
        return index < 0 ? unknown : parts.values.get(index);
      }
      return NUMBER.matcher(key).matches() ? part(value, Integer.parseInt(key)) : unknown;
    }
    return element(value);
  }

  private Value attribute(@Nullable Value object, String name) {
    if (!(object instanceof Instance instance)) {
      return plain;
    }
    if (name.equals("training")) {
      return new Flag(false);
    }
    String type = code.attribute(instance.type, name);
    return type != null && type.startsWith("__torch__.")
        ? new Instance(type, instance.path.isEmpty() ? name : instance.path + "." + name)
        : plain;
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
        return arguments.isEmpty() ? plain : converted(name, eval(arguments.get(0), variables));
      }
      default -> {}
    }
    String full = variables.get(name) instanceof Alias alias ? alias.function : name;
    List<Value> values = all(arguments, variables);
    ImmutableMap<String, String> fields = code.namedTuple(full);
    if (fields != null) {
      return fields.size() == values.size() ? new Parts(values, fields.keySet().asList()) : unknown;
    }
    return full.startsWith("__torch__.") ? call(full, values, null) : unknown;
  }

  private Value operation(
      String namespace, String name, List<String> arguments, Map<String, Value> variables) {
    List<Value> values = all(arguments, variables);
    String base =
        name.length() > 1 && name.endsWith("_") ? name.substring(0, name.length() - 1) : name;
    String first = arguments.isEmpty() ? "" : arguments.get(0);
    boolean changesFirst = !base.equals(name) || name.equals("append") || name.equals("_set_item");
    Value result = append(name, values);
    if (result == null) {
      result = apply(namespace, base, !base.equals(name), values, arguments);
    }
    if (changesFirst && NAME.matcher(first).matches()) {
      variables.put(first, result);
    }
    return result;
  }

  private static @Nullable Value append(String name, List<Value> values) {
    if (!name.equals("append") || !(values.get(0) instanceof Parts parts) || parts.names != null) {
      return null;
    }
    List<Value> longer = new ArrayList<>(parts.values);
    longer.add(values.get(1));
    return new Parts(longer, null);
  }
}
