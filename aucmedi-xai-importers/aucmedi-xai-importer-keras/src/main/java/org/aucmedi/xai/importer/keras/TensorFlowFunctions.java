package org.aucmedi.xai.importer.keras;

import com.google.gson.JsonElement;
import java.util.Arrays;
import java.util.List;
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
      case "nn.relu",
          "nn.relu6",
          "nn.silu",
          "nn.swish",
          "nn.sigmoid",
          "math.sigmoid",
          "nn.tanh",
          "math.tanh",
          "nn.softmax",
          "nn.gelu" ->
          activation(call, function.substring(function.indexOf('.') + 1));
      case "identity" -> call.apply(Operations.identity(), call.input());
      case "cast" -> cast(call);
      case "math.reduce_mean" -> reduce(call, "mean");
      case "math.reduce_sum" -> reduce(call, "sum");
      case "reshape" -> reshape(call);
      case "__operators__.getitem" -> Slices.slice(call, "slice_spec");
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

  /** An activation, by default softmax over the last axis and the exact GELU. */
  private static Value activation(LayerCall call, String name) {
    Value input = call.inputs().get(0);
    JsonElement axis = call.argument("axis", 1);
    JsonElement approximate = call.argument("approximate", 1);
    if (name.equals("softmax") && axis != null) {
      return call.apply(Operations.softmax(axis.getAsInt()), input);
    }
    if (name.equals("gelu") && approximate != null) {
      return call.apply(Activations.gelu(approximate.getAsBoolean()), input);
    }
    call.call()
        .named()
        .forEach(
            (key, value) -> {
              if (!key.equals("name")
                  && !(value instanceof JsonElement element && element.isJsonNull())) {
                throw call.unsupported(
                    "calls TensorFlow's '" + name + "' with " + key + ", which is not supported");
              }
            });
    return call.apply(Activations.operation(call, name), input);
  }

  private static Value binary(LayerCall call, String function) {
    List<Value> operands = call.operands();
    if (operands.size() != 2) {
      throw call.unsupported("takes " + operands.size() + " tensors, not 2");
    }
    return call.apply(Operations.binary(function), operands.get(0), operands.get(1));
  }

  private static JsonElement argument(LayerCall call, String name, int position) {
    JsonElement found = call.argument(name, position);
    if (found == null) {
      throw call.unsupported("is called without a constant '" + name + "', which is not supported");
    }
    return found;
  }

  private static Value reduce(LayerCall call, String function) {
    return call.apply(
        Operations.reduce(
            function, Functions.keeps(call), Functions.ints(argument(call, "axis", 1))),
        call.inputs().get(0));
  }

  private static Value reshape(LayerCall call) {
    int[] target = Functions.ints(argument(call, "shape", 1));
    return call.apply(
        Operations.reshape(Arrays.stream(target).asLongStream().toArray()), call.inputs().get(0));
  }
}
