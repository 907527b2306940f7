package org.aucmedi.xai.engine.pytorch;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Recognises the classes of convolutions and of batch normalisations in inference mode by their
 * code.
 *
 * <p>The forward of a traced class must consist of the one operation. A scripted class, whose code
 * depends on the version of PyTorch, must have PyTorch's own name and the one call that counts.
 */
final class FoldableLayers {

  private static final Pattern SCRIPTED_CONVOLUTION =
      Pattern.compile("__torch__\\.torch\\.nn\\.modules\\.conv\\.(?:\\w+\\.)?Conv[123]d");
  private static final Pattern SCRIPTED_NORM =
      Pattern.compile("__torch__\\.torch\\.nn\\.modules\\.batchnorm\\.(?:\\w+\\.)?BatchNorm[123]d");
  private static final Pattern NORM_CALL =
      Pattern.compile(
          "\\w+ = \\w+\\(input, running_mean, running_var, weight, bias, \\w+, [^,()]+, ([^,()]+), \\)");
  private static final Pattern ASSIGNMENT = Pattern.compile("(\\w+) = (\\w+)\\.(\\w+)");
  private static final Pattern OPERATION = Pattern.compile("(\\w+) = torch\\.(\\w+)\\((.*)\\)");
  private static final Set<String> CONVOLUTIONS =
      Set.of("_convolution", "_convolution_mode", "conv1d", "conv2d", "conv3d");

  /** The one operation of a forward, with the attributes of the module for variables. */
  private record Operation(String name, List<String> arguments, Map<String, String> attributes) {

    /** Returns the name of the attribute that is passed as an argument, or the argument itself. */
    String argument(int index) {
      String argument = index < arguments.size() ? arguments.get(index) : "";
      return attributes.getOrDefault(argument, argument);
    }
  }

  private final ModuleCode code;

  FoldableLayers(ModuleCode code) {
    this.code = code;
  }

  /** Returns the epsilon of a batch normalisation in inference mode, or null if it is none. */
  @Nullable String epsilon(String className) {
    Operation traced = operation(className);
    if (traced != null) {
      boolean inference =
          traced.name.equals("batch_norm")
              && traced.argument(1).equals("weight")
              && traced.argument(2).equals("bias")
              && traced.argument(3).equals("running_mean")
              && traced.argument(4).equals("running_var")
              && traced.argument(5).equals("False");
      return inference ? traced.argument(7) : null;
    }
    ModuleCode.Function forward = code.function(className + ".forward");
    if (forward == null || !SCRIPTED_NORM.matcher(className).matches()) {
      return null;
    }
    return forward.body().stream()
        .map(line -> NORM_CALL.matcher(line.strip()))
        .filter(Matcher::matches)
        .map(call -> call.group(1))
        .findFirst()
        .orElse(null);
  }

  /**
   * Returns the expression that convolves with a bias from outside, or null if the class is no
   * convolution. A transposed one is none, since its weights have another order.
   *
   * @param className the full name of the class
   * @param input the expression for the input
   * @param bias the expression for the bias
   */
  @Nullable String convolution(String className, String input, String bias) {
    Operation traced = operation(className);
    if (traced != null) {
      boolean plain =
          CONVOLUTIONS.contains(traced.name)
              && traced.argument(1).equals("weight")
              && (traced.argument(2).equals("bias") || traced.argument(2).equals("None"))
              && !(traced.name.equals("_convolution") && !traced.argument(6).equals("False"));
      return plain
          ? "torch."
              + traced.name
              + "("
              + String.join(", ", input, "self.weight", bias, "")
              + String.join(", ", traced.arguments.subList(3, traced.arguments.size()))
              + ")"
          : null;
    }
    ModuleCode.Function forward = code.function(className + ".forward");
    boolean scripted =
        forward != null
            && SCRIPTED_CONVOLUTION.matcher(className).matches()
            && forward.body().stream()
                .anyMatch(line -> line.contains("(self)._conv_forward(input, weight, bias, )"));
    return scripted
        ? "(self)._conv_forward(" + String.join(", ", input, "self.weight", bias, ")")
        : null;
  }

  /** Returns the operation of which a forward consists, applied to its input, or null. */
  private @Nullable Operation operation(String className) {
    ModuleCode.Function forward = code.function(className + ".forward");
    if (forward == null || forward.parameters().size() != 2) {
      return null;
    }
    Map<String, String> attributes = new HashMap<>();
    List<String> body = forward.body().stream().map(String::strip).toList();
    int line = 0;
    for (; line < body.size(); line++) {
      Matcher assignment = ASSIGNMENT.matcher(body.get(line));
      if (!assignment.matches()
          || !assignment.group(2).equals(forward.parameters().get(0))) {
        break;
      }
      attributes.put(assignment.group(1), assignment.group(3));
    }
    if (line != body.size() - 2) {
      return null;
    }
    Matcher operation = OPERATION.matcher(body.get(line));
    if (!operation.matches() || !body.get(line + 1).equals("return " + operation.group(1))) {
      return null;
    }
    List<String> arguments = CallRewriter.split(operation.group(3));
    boolean ofInput =
        !arguments.isEmpty() && Objects.equals(arguments.get(0), forward.parameters().get(1));
    return ofInput ? new Operation(operation.group(2), arguments, attributes) : null;
  }
}
