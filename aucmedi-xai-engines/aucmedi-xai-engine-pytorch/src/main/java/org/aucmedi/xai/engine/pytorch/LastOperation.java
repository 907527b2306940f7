package org.aucmedi.xai.engine.pytorch;

import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
final class LastOperation extends CodeInterpreter {

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

  private LastOperation(ModuleCode code) {
    super(code, OutputActivation.NONE, OutputActivation.UNKNOWN);
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
    Value returned = run.run(run.plain());
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
      for (int i = 0; i < parts.values().size(); i++) {
        String key = parts.names() == null ? String.valueOf(i) : parts.names().get(i);
        String child = name.isEmpty() ? (parts.names() == null ? "" : key) : name + "." + key;
        flatten(parts.values().get(i), child, names, leaves);
      }
    } else if (value instanceof Tensor) {
      names.add(name);
      leaves.add(value);
    }
  }

  private static OutputActivation activation(Value value) {
    return value instanceof Tensor tensor
        ? (OutputActivation) tensor.mark()
        : OutputActivation.NONE;
  }

  @Override
  Value apply(
      String namespace, String name, boolean inPlace, List<Value> values, List<String> arguments) {
    Value first = values.isEmpty() ? plain() : values.get(0);
    OutputActivation activation = ACTIVATIONS.get(name);
    if (activation != null) {
      boolean acrossImages =
          activation != OutputActivation.SIGMOID
              && arguments.size() > 1
              && arguments.get(1).equals("0");
      return acrossImages ? unknown() : new Tensor(activation);
    }
    if (IDENTITIES.contains(name) || name.equals("list")) {
      return first;
    }
    if (name.equals("log") && activation(first) == OutputActivation.SOFTMAX) {
      return new Tensor(OutputActivation.LOG_SOFTMAX);
    }
    if (name.equals("exp") && activation(first) == OutputActivation.LOG_SOFTMAX) {
      return new Tensor(OutputActivation.SOFTMAX);
    }
    boolean ofActivation = values.stream().anyMatch(LastOperation::holdsActivation);
    return ofActivation && !FRESH.matcher(name).matches() ? unknown() : plain();
  }

  @Override
  Value mergeDifferent(Value a, Value b) {
    boolean parts = a instanceof Parts || b instanceof Parts;
    return parts || holdsActivation(a) || holdsActivation(b) ? unknown() : plain();
  }

  @Override
  Value element(Value whole) {
    return holdsActivation(whole) ? unknown() : plain();
  }

  private static boolean holdsActivation(Value value) {
    return value instanceof Parts parts
        ? parts.values().stream().anyMatch(LastOperation::holdsActivation)
        : activation(value) != OutputActivation.NONE;
  }
}
