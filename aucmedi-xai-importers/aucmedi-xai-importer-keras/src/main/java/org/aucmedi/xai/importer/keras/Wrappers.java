package org.aucmedi.xai.importer.keras;

import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonElement;
import java.util.Map;
import org.aucmedi.xai.importer.Operation;
import org.aucmedi.xai.importer.Value;

/** Layers around a layer. */
final class Wrappers {

  private Wrappers() {}

  static void addTo(Map<String, LayerRule> rules) {
    rules.put("TimeDistributed", LayerRules.one(Wrappers::timeDistributed));
  }

  /** Applies a layer to each step of axis 1: steps and images become one batch for it. */
  private static Value timeDistributed(LayerCall call) {
    JsonElement layer = call.config().get("layer");
    Value input = call.input();
    Shape shape = LayerCall.shape(input);
    LayerRule rule = LayerRules.of(layer.getAsJsonObject().get("class_name").getAsString());
    if (rule == null || shape.dimension() < 3) {
      throw call.unsupported(
          "wraps "
              + layer.getAsJsonObject().get("class_name").getAsString()
              + ", which is not supported");
    }
    Value steps =
        call.apply(
            Operation.of(
                "torch.flatten({0}, 0, 1)",
                types -> types.get(0).withShape(new Shape(-1).addAll(shape.slice(2)))),
            input);
    Value result = rule.apply(call.inner(layer.getAsJsonObject(), "layer", steps)).get(0);
    Shape own = LayerCall.shape(result).slice(1);
    return call.apply(
        Operation.of(
            "torch.unflatten({0}, 0, [torch.size({1}, 0), torch.size({1}, 1)])",
            types -> types.get(0).withShape(shape.slice(0, 2).addAll(own))),
        result,
        input);
  }
}
