package org.aucmedi.xai.engine.pytorch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Rewrites the calls of ReLUs, convolutions and poolings in one function or method of TorchScript
 * code.
 *
 * <p>ReLUs here are ReLU itself and whatever clips at zero below and at a constant above, as ReLU6
 * does: {@code relu}, {@code relu6}, {@code hardtanh}, {@code clamp} and {@code clamp_min}, also in
 * place.
 */
final class CallRewriter extends TapedCalls {

  /** A call of a ReLU, a convolution or a pooling. */
  private static final Pattern OPERATION =
      Pattern.compile(
          "(?<![\\w.])torch\\.(?<op>relu6?_?|hardtanh_?|clamp_?|clamp_min_?)\\("
              + "|(?<![\\w.])torch\\.(?<window>_convolution|conv(?:_transpose)?[123]d"
              + "|(?:adaptive_)?avg_pool[123]d|max_pool[123]d)\\(");

  private static final Pattern ALIAS = Pattern.compile("(?m)^ +(\\w+) = (__torch__[\\w.]+)$");
  private static final Pattern ZERO = Pattern.compile("-?0(\\.0*)?");
  private static final Pattern NUMBER = Pattern.compile("-?\\d+(\\.\\d*)?(e[-+]?\\d+)?");
  private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z_]\\w*");

  /**
   * Constructs a rewriter.
   *
   * @param tape the expression for the tape
   * @param tapedFunctions the full names of the functions that have a twin with a tape parameter
   * @param suffix the suffix of a twin's name
   */
  CallRewriter(String tape, Set<String> tapedFunctions, String suffix) {
    super(OPERATION, tape, tapedFunctions, suffix);
  }

  /** Returns the variables of a body that refer to functions, with the functions' full names. */
  static Map<String, String> aliases(String body) {
    Map<String, String> aliases = new HashMap<>();
    Matcher alias = ALIAS.matcher(body);
    while (alias.find()) {
      aliases.put(alias.group(1), alias.group(2));
    }
    return aliases;
  }

  @Override
  String operation(Matcher token, String arguments, String original) {
    return token.group("op") == null
        ? call("gathered", token.group() + arguments + ")")
        : relu(token.group("op"), split(arguments));
  }

  private String relu(String op, List<String> arguments) {
    String x = arguments.get(0);
    String inPlace = op.endsWith("_") ? "_" : "";
    String floor = arguments.size() > 1 ? arguments.get(1) : "";
    String ceiling = arguments.size() > 2 ? arguments.get(2) : "None";
    boolean rectifies = ZERO.matcher(floor).matches();
    return switch (inPlace.isEmpty() ? op : op.substring(0, op.length() - 1)) {
      case "relu" -> call("relu" + inPlace, x);
      case "relu6" -> call("clipped" + inPlace, x, "6.");
      case "hardtanh" ->
          isFloat(floor) && isFloat(ceiling)
              ? call("hardtanh" + inPlace, x, "float(" + floor + ")", "float(" + ceiling + ")")
              : unchanged(op, arguments);
      default -> { // clamp and clamp_min
        if (rectifies && ceiling.equals("None")) {
          yield call("relu" + inPlace, x);
        }
        yield rectifies && NUMBER.matcher(ceiling).matches()
            ? call("clipped" + inPlace, x, "float(" + ceiling + ")")
            : unchanged(op, arguments);
      }
    };
  }

  private static String unchanged(String op, List<String> arguments) {
    return "torch." + op + "(" + String.join(", ", arguments) + ")";
  }

  private static boolean isFloat(String argument) {
    return NUMBER.matcher(argument).matches()
        || (IDENTIFIER.matcher(argument).matches() && !argument.equals("None"));
  }

  /** Returns the index of the parenthesis that closes the one before {@code from}. */
  static int closing(String code, int from) {
    int depth = 1;
    for (int i = from; i < code.length(); i++) {
      switch (code.charAt(i)) {
        case '(', '[', '{' -> depth++;
        case ')', ']', '}' -> depth--;
        case '"' -> i = endOfString(code, i);
        default -> {}
      }
      if (depth == 0) {
        return i;
      }
    }
    throw new IllegalArgumentException("unbalanced parentheses in: " + code.strip());
  }

  static List<String> split(String arguments) {
    List<String> parts = new ArrayList<>();
    int start = 0;
    int depth = 0;
    for (int i = 0; i < arguments.length(); i++) {
      switch (arguments.charAt(i)) {
        case '(', '[', '{' -> depth++;
        case ')', ']', '}' -> depth--;
        case '"' -> i = endOfString(arguments, i);
        case ',' -> {
          if (depth == 0) {
            parts.add(arguments.substring(start, i).strip());
            start = i + 1;
          }
        }
        default -> {}
      }
    }
    String last = arguments.substring(start).strip();
    if (!last.isEmpty()) {
      parts.add(last);
    }
    return parts;
  }

  private static int endOfString(String code, int open) {
    int i = open + 1;
    while (code.charAt(i) != '"') {
      i += code.charAt(i) == '\\' ? 2 : 1;
    }
    return i;
  }
}
