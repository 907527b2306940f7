package org.aucmedi.xai.importer.keras;

import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonElement;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.aucmedi.xai.importer.ElementType;
import org.aucmedi.xai.importer.Literals;
import org.aucmedi.xai.importer.Operation;
import org.aucmedi.xai.importer.Operations;
import org.aucmedi.xai.importer.TensorType;
import org.aucmedi.xai.importer.Value;

/**
 * Functions of {@code keras.ops}, which are layers in a functional model: {@code ops.mean(x, 1)}.
 * Their settings stand in the configuration or among the arguments of the call.
 */
final class Functions {

  private static final Map<String, String> ELEMENTWISE =
      Map.ofEntries(
          Map.entry("Absolute", "abs"),
          Map.entry("Abs", "abs"),
          Map.entry("Exp", "exp"),
          Map.entry("Log", "log"),
          Map.entry("Negative", "neg"),
          Map.entry("Relu", "relu"),
          Map.entry("Sigmoid", "sigmoid"),
          Map.entry("Silu", "silu"),
          Map.entry("Sqrt", "sqrt"),
          Map.entry("Rsqrt", "rsqrt"),
          Map.entry("Square", "square"),
          Map.entry("Tanh", "tanh"));

  private Functions() {}

  static void addTo(Map<String, LayerRule> rules) {
    ELEMENTWISE.forEach(
        (name, function) ->
            rules.put(
                name,
                LayerRules.one(
                    call -> call.apply(Operations.elementwise(function), call.input()))));
    rules.put("Power", LayerRules.one(call -> Merges.reduce(call, "pow")));
    rules.put("Mean", LayerRules.one(call -> reduce(call, "mean")));
    rules.put("Sum", LayerRules.one(call -> reduce(call, "sum")));
    rules.put("Max", LayerRules.one(call -> reduce(call, "amax")));
    rules.put("Min", LayerRules.one(call -> reduce(call, "amin")));
    rules.put("Transpose", LayerRules.one(Functions::transpose));
    rules.put("ExpandDims", LayerRules.one(Functions::expand));
    rules.put("Argmax", LayerRules.one(Functions::largest));
    rules.put(
        "Gelu",
        LayerRules.one(
            call -> call.apply(Activations.gelu(call.flag("approximate", true)), call.input())));
  }

  /** A setting, null if it is not given. */
  private static int[] ints(LayerCall call, String key, int position, int... otherwise) {
    if (call.config().has(key)) {
      return call.list(key, otherwise);
    }
    JsonElement given = call.argument(key, position);
    return given == null ? otherwise : ints(given);
  }

  /** A list of integers, or one alone. */
  static int[] ints(JsonElement element) {
    float[] values = LayerCall.flat(element);
    return IntStream.range(0, values.length).map(i -> (int) values[i]).toArray();
  }

  static boolean keeps(LayerCall call) {
    Object given = call.call().named().get("keepdims");
    return (given instanceof JsonElement element && !element.isJsonNull())
        ? element.getAsBoolean()
        : call.flag("keepdims", false);
  }

  private static Value reduce(LayerCall call, String function) {
    Value input = call.input();
    int[] all = IntStream.range(0, LayerCall.rank(input)).toArray();
    return call.apply(Operations.reduce(function, keeps(call), ints(call, "axis", 1, all)), input);
  }

  /** Where the largest value is. */
  private static Value largest(LayerCall call) {
    int[] axes = ints(call, "axis", 1);
    if (axes.length != 1) {
      throw call.unsupported("goes over all axes, which is not supported");
    }
    Shape shape =
        Operations.reduce("amax", keeps(call), axes)
            .results()
            .apply(List.of(call.input().type()))
            .get(0)
            .knownShape();
    return call.apply(
        Operation.of(
            "torch.argmax({0}, %d, %s)".formatted(axes[0], Literals.of(keeps(call))),
            types -> new TensorType(ElementType.INT64, shape)),
        call.input());
  }

  private static Value transpose(LayerCall call) {
    Value input = call.input();
    int rank = LayerCall.rank(input);
    int[] reversed = IntStream.range(0, rank).map(axis -> rank - 1 - axis).toArray();
    return call.apply(Operations.permute(ints(call, "axes", 1, reversed)), input);
  }

  private static Value expand(LayerCall call) {
    Value input = call.input();
    int[] axes = ints(call, "axis", 1);
    int rank = LayerCall.rank(input) + 1;
    if (axes.length != 1) {
      throw call.unsupported("adds several axes, which is not supported");
    }
    int axis = axes[0] < 0 ? axes[0] + rank : axes[0];
    long[] sizes = new long[rank];
    for (int i = 0; i < rank; i++) {
      sizes[i] = i == axis ? 1 : LayerCall.shape(input).get(i < axis ? i : i - 1);
    }
    return call.apply(
        Operation.of(
            "torch.unsqueeze({0}, " + axis + ")",
            types -> types.get(0).withShape(new Shape(sizes))),
        input);
  }
}
