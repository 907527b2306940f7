package org.aucmedi.xai.importer.keras;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.Map;
import org.aucmedi.xai.importer.Literals;
import org.aucmedi.xai.importer.Operation;
import org.aucmedi.xai.importer.Operations;
import org.aucmedi.xai.importer.Value;

/** Activations, as layers and as arguments of layers. */
final class Activations {

  private static final String MODULES = "torch.nn.modules.activation.";

  private Activations() {}

  static void addTo(Map<String, LayerRule> rules) {
    rules.put(
        "Activation",
        LayerRules.one(
            call -> {
              String name = name(call.config().get("activation"));
              call.start(MODULES + (name.equals("relu") ? "ReLU" : "Activation"));
              return name.equals("linear")
                  ? call.apply(Operations.identity(), call.input())
                  : apply(call, call.config().get("activation"), call.input());
            }));
    rules.put("ReLU", LayerRules.one(Activations::relu));
    rules.put(
        "LeakyReLU",
        LayerRules.one(
            call ->
                start(call, "LeakyReLU")
                    .apply(
                        leaky(call.number("negative_slope", call.number("alpha", 0.3))),
                        call.input())));
    rules.put("PReLU", LayerRules.one(Activations::parametric));
    rules.put(
        "ELU",
        LayerRules.one(
            call ->
                start(call, "ELU")
                    .apply(
                        Operation.sameType(
                            "torch.elu({0}, " + Literals.of(call.number("alpha", 1)) + ")"),
                        call.input())));
    rules.put(
        "ThresholdedReLU",
        LayerRules.one(
            call ->
                start(call, "Threshold")
                    .apply(
                        Operation.sameType(
                            "torch.threshold({0}, "
                                + Literals.of(call.number("theta", 1))
                                + ", 0.)"),
                        call.input())));
    rules.put("Softmax", LayerRules.one(Activations::softmax));
  }

  private static LayerCall start(LayerCall call, String name) {
    call.start(MODULES + name);
    return call;
  }

  private static Operation leaky(double slope) {
    return Operation.sameType("torch.leaky_relu({0}, " + Literals.of(slope) + ")");
  }

  private static Value relu(LayerCall call) {
    start(call, "ReLU");
    Operation rectifier =
        rectifier(
            call.number("max_value", Double.NaN),
            call.number("negative_slope", 0),
            call.number("threshold", 0));
    return call.apply(rectifier, call.input());
  }

  /**
   * min(x, most) where x exceeds the threshold, else slope * (x - threshold).
   *
   * @param most the largest value, NaN if there is none
   */
  private static Operation rectifier(double most, double slope, double threshold) {
    if (threshold == 0 && Double.isNaN(most)) {
      return slope == 0 ? Operations.relu() : leaky(slope);
    }
    if (threshold == 0 && slope == 0) {
      return clipped(most);
    }
    String value = "torch.threshold({0}, " + Literals.of(threshold) + ", 0.)";
    if (!Double.isNaN(most)) {
      value = "torch.clamp(" + value + ", 0., " + Literals.of(most) + ")";
    }
    if (slope != 0) {
      String below = "torch.relu(torch.sub(" + Literals.of(threshold) + ", {0}))";
      value = "torch.sub(" + value + ", torch.mul(" + below + ", " + Literals.of(slope) + "))";
    }
    return Operation.sameType(value);
  }

  /** A rectifier with a largest value. */
  private static Operation clipped(double most) {
    return Operation.sameType("torch.hardtanh({0}, 0., " + Literals.of(most) + ")");
  }

  /** The slopes are shared along some axes. */
  private static Value parametric(LayerCall call) {
    start(call, "PReLU");
    long[] shape = LayerCall.shape(call.input()).slice(1).getShape().clone();
    for (int axis : call.list("shared_axes")) {
      shape[axis - 1] = 1;
    }
    Value alpha = call.weight("alpha", shape);
    return call.apply(
        Operation.sameType("torch.where(torch.gt({0}, 0), {0}, torch.mul({0}, {1}))"),
        call.input(),
        alpha);
  }

  private static Value softmax(LayerCall call) {
    start(call, "Softmax");
    int[] axis = call.list("axis", -1);
    if (axis.length != 1 || call.inputs().size() != 1) {
      throw call.unsupported("has a mask or several axes, which is not supported");
    }
    return call.apply(Operations.softmax(axis[0]), call.input());
  }

  /** The name of an activation: a text, or an object of a function or a layer. */
  private static String name(JsonElement activation) {
    if (activation.isJsonPrimitive()) {
      return activation.getAsString();
    }
    JsonObject object = activation.getAsJsonObject();
    JsonElement config = object.get("config");
    if (config != null && config.isJsonPrimitive()) {
      return config.getAsString();
    }
    // A layer, whose settings count as well.
    return object.get("class_name").getAsString();
  }

  /**
   * Applies an activation.
   *
   * @param call the layer that has it
   * @param activation its name, or an object that holds it
   * @param value what it is applied to
   */
  static Value apply(LayerCall call, JsonElement activation, Value value) {
    String name = name(activation);
    if (activation.isJsonObject() && activation.getAsJsonObject().get("config").isJsonObject()) {
      JsonObject settings = activation.getAsJsonObject().getAsJsonObject("config");
      return call.apply(layerOperation(call, name, settings), value);
    }
    // Registered functions have the name of their package before.
    String function = name.substring(name.lastIndexOf('>') + 1);
    return function.equals("linear") ? value : call.apply(operation(call, function), value);
  }

  /** A layer that another has as its activation. */
  private static Operation layerOperation(LayerCall call, String name, JsonObject settings) {
    return switch (name) {
      case "ReLU" ->
          rectifier(
              number(settings, "max_value", Double.NaN),
              number(settings, "negative_slope", 0),
              number(settings, "threshold", 0));
      case "LeakyReLU" -> leaky(number(settings, "negative_slope", number(settings, "alpha", 0.3)));
      case "Softmax" -> Operations.softmax((int) number(settings, "axis", -1));
      default -> throw call.unsupported("has the activation " + name + ", which is not supported");
    };
  }

  private static double number(JsonObject settings, String key, double otherwise) {
    JsonElement value = settings.get(key);
    return value == null || value.isJsonNull() ? otherwise : value.getAsDouble();
  }

  /** The Gaussian error linear unit, exact or by tanh. */
  static Operation gelu(boolean approximate) {
    return Operation.sameType(
        approximate ? "torch.gelu({0}, approximate=\"tanh\")" : "torch.gelu({0})");
  }

  /** The operation of an activation by its name. */
  static Operation operation(LayerCall call, String name) {
    return switch (name) {
      case "relu" -> Operations.relu();
      case "relu6" -> clipped(6);
      case "sigmoid", "tanh", "selu", "erf", "square", "mish" -> Operations.elementwise(name);
      case "softmax" -> Operations.softmax(-1);
      case "log_softmax" -> Operation.sameType("torch.log_softmax({0}, -1)");
      case "exponential" -> Operations.elementwise("exp");
      case "softplus" -> Operation.sameType("torch.softplus({0})");
      case "softsign" -> Operation.sameType("torch.div({0}, torch.add(torch.abs({0}), 1))");
      case "elu" -> Operation.sameType("torch.elu({0})");
      case "celu" -> Operation.sameType("torch.celu({0})");
      case "swish", "silu" -> Operations.elementwise("silu");
      case "gelu" -> gelu(false);
      case "gelu_approximate", "gelu_new" -> gelu(true);
      case "leaky_relu" -> leaky(0.2);
      case "log_sigmoid" -> Operations.elementwise("log_sigmoid");
      case "tanh_shrink" -> Operation.sameType("torch.sub({0}, torch.tanh({0}))");
      case "hard_tanh" -> Operation.sameType("torch.hardtanh({0}, -1., 1.)");
      case "hard_sigmoid" ->
          // Keras 3 has another slope than Keras 2.
          call.isKeras3()
              ? Operations.elementwise("hardsigmoid")
              : Operation.sameType(
                  "torch.clamp(torch.add(torch.mul({0}, 0.20000000000000001), 0.5), 0., 1.)");
      case "hard_swish", "hard_silu" -> Operations.elementwise("hardswish");
      default ->
          throw call.unsupported("has the activation '" + name + "', which is not supported");
    };
  }
}
