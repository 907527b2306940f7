package org.aucmedi.xai.engine.pytorch;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Rewrites the calls of some operations in one function or method of TorchScript code into calls of
 * the tape's methods, and the calls of functions that do such calls into calls of their twins,
 * which take the tape as first parameter.
 */
abstract class TapedCalls {

  private final Pattern token;
  private final String tape;
  private final Set<String> tapedFunctions;
  private final String suffix;
  private final Map<String, String> aliases = new HashMap<>();

  /**
   * Constructs a rewriter.
   *
   * @param operations the beginning of a call to rewrite, up to its parenthesis
   * @param tape the expression for the tape
   * @param tapedFunctions the full names of the functions that have a twin with a tape parameter
   * @param suffix the suffix of a twin's name
   */
  TapedCalls(Pattern operations, String tape, Set<String> tapedFunctions, String suffix) {
    this.token =
        Pattern.compile(
            CodeRewriter.STRING
                + "|(?<operation>"
                + operations.pattern()
                + ")|(?<![\\w.])(?<function>__torch__[\\w.]+)(?<call>\\(?)"
                + "|(?<![\\w.])(?<variable>\\w+)\\(");
    this.tape = tape;
    this.tapedFunctions = tapedFunctions;
    this.suffix = suffix;
  }

  /**
   * Rewrites the call of an operation.
   *
   * @param token the beginning of the call
   * @param arguments the text of its arguments, rewritten
   * @param original the same before
   * @return the new call
   */
  abstract String operation(Matcher token, String arguments, String original);

  /** Returns whether a body calls one of them, directly or through a function. */
  final boolean changes(String body) {
    return !rewrite(body).equals(body);
  }

  /** Rewrites a body. */
  final String rewrite(String body) {
    aliases.putAll(CallRewriter.aliases(body));
    aliases.values().retainAll(tapedFunctions);
    return rewriteCalls(body);
  }

  private String rewriteCalls(String code) {
    StringBuilder rewritten = new StringBuilder();
    Matcher found = token.matcher(code);
    int from = 0;
    while (found.find(from)) {
      rewritten.append(code, from, found.start());
      from = found.end();
      if (found.group("operation") != null) {
        int end = CallRewriter.closing(code, from);
        String arguments = code.substring(from, end);
        rewritten.append(operation(found, rewriteCalls(arguments), arguments));
        from = end + 1;
      } else if (found.group("function") != null
          && tapedFunctions.contains(found.group("function"))) {
        boolean call = !found.group("call").isEmpty();
        rewritten.append(found.group("function")).append(suffix);
        rewritten.append(call ? "(" + tape + ", " : "");
      } else if (aliases.containsKey(found.group("variable"))) {
        rewritten.append(found.group()).append(tape).append(", ");
      } else {
        rewritten.append(found.group());
      }
    }
    return rewritten.append(code, from, code.length()).toString();
  }

  /** Returns the call of a method of the tape. */
  final String call(String method, String... arguments) {
    return call(method, Arrays.asList(arguments));
  }

  final String call(String method, List<String> arguments) {
    String end = arguments.isEmpty() ? ")" : ", )";
    return "(" + tape + ")." + method + "(" + String.join(", ", arguments) + end;
  }
}
