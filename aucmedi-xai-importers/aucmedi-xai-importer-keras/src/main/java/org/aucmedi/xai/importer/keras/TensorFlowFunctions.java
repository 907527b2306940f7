package org.aucmedi.xai.importer.keras;

import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonElement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.aucmedi.xai.importer.Literals;
import org.aucmedi.xai.importer.Operation;
import org.aucmedi.xai.importer.Operations;
import org.aucmedi.xai.importer.Value;

/**
 * TensorFlow functions in tf.keras models, which are layers there: {@code x * 2}, {@code
 * tf.nn.relu}.
 */
final class TensorFlowFunctions {

  private TensorFlowFunctions() {}

  static Value apply(LayerCall call) {
    String function = call.text("function", "").replaceFirst("^tf\\.", "");
    return switch (function) {
      case "math.add", "__operators__.add", "add" -> binary(call, "add");
      case "math.subtract", "__operators__.sub", "subtract" -> binary(call, "sub");
      case "math.multiply", "__operators__.mul", "multiply" -> binary(call, "mul");
      case "math.divide", "math.truediv", "__operators__.truediv", "divide" -> binary(call, "div");
      case "math.maximum" -> binary(call, "maximum");
      case "math.minimum" -> binary(call, "minimum");
      case "nn.relu" -> call.apply(Operations.relu(), call.input());
      case "nn.relu6" ->
          call.apply(Operation.sameType("torch.hardtanh({0}, 0., 6.)"), call.input());
      case "nn.silu", "nn.swish" -> call.apply(Operations.elementwise("silu"), call.input());
      case "math.sigmoid", "nn.sigmoid" ->
          call.apply(Operations.elementwise("sigmoid"), call.input());
      case "math.tanh", "nn.tanh" -> call.apply(Operations.elementwise("tanh"), call.input());
      case "nn.softmax" -> call.apply(Operations.softmax(-1), call.input());
      case "nn.gelu" -> call.apply(Operation.sameType("torch.gelu({0})"), call.input());
      case "identity" -> call.apply(Operations.identity(), call.input());
      case "cast" -> cast(call);
      case "math.reduce_mean" -> reduce(call, "mean");
      case "math.reduce_sum" -> reduce(call, "sum");
      case "reshape" -> reshape(call);
      default ->
          throw call.unsupported(
              "calls TensorFlow's '"
                  + function
                  + "', which is not supported; export the model with model.export('folder') in"
                  + " Keras and use that folder");
    };
  }

  /** Everything is computed in float32; a cast to whole numbers would cut values off. */
  private static Value cast(LayerCall call) {
    String type = argument(call, "dtype", 1).getAsString();
    if (!type.contains("float")) {
      throw call.unsupported("casts to " + type + ", which is not supported");
    }
    return call.apply(Operations.identity(), call.input());
  }

  private static List<Object> arguments(LayerCall call) {
    List<Object> arguments = new ArrayList<>(call.call().arguments());
    for (Map.Entry<String, Object> named : call.call().named().entrySet()) {
      if (!named.getKey().equals("name")) {
        arguments.add(named.getValue());
      }
    }
    return arguments;
  }

  private static Value binary(LayerCall call, String function) {
    List<Value> operands = new ArrayList<>();
    int tensor = 0;
    for (Object argument : arguments(call)) {
      if (argument instanceof JsonElement element) {
        if (!element.isJsonNull()) {
          operands.add(call.literal("constant" + operands.size(), element));
        }
      } else {
        operands.add(call.inputs().get(tensor++));
      }
    }
    if (operands.size() != 2) {
      throw call.unsupported("takes " + operands.size() + " tensors, not 2");
    }
    return call.apply(Operations.binary(function), operands.get(0), operands.get(1));
  }

  private static JsonElement argument(LayerCall call, String name, int position) {
    Object found = call.call().named().get(name);
    if (found == null && position < call.call().arguments().size()) {
      found = call.call().arguments().get(position);
    }
    if (found instanceof JsonElement element && !element.isJsonNull()) {
      return element;
    }
    throw call.unsupported("is called without a constant '" + name + "', which is not supported");
  }

  private static int[] ints(JsonElement element) {
    float[] values = LayerCall.flat(element);
    int[] all = new int[values.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = (int) values[i];
    }
    return all;
  }

  private static Value reduce(LayerCall call, String function) {
    Object keep = call.call().named().get("keepdims");
    boolean keeps =
        keep instanceof JsonElement element && !element.isJsonNull() && element.getAsBoolean();
    return call.apply(
        Operations.reduce(function, keeps, ints(argument(call, "axis", 1))), call.inputs().get(0));
  }

  private static Value reshape(LayerCall call) {
    int[] target = ints(argument(call, "shape", 1));
    long[] sizes = new long[target.length];
    for (int axis = 0; axis < sizes.length; axis++) {
      sizes[axis] = target[axis];
    }
    return call.apply(
        Operation.of(
            "torch.reshape({0}, " + Literals.of(target) + ")",
            types -> types.get(0).withShape(new Shape(sizes))),
        call.inputs().get(0));
  }
}
