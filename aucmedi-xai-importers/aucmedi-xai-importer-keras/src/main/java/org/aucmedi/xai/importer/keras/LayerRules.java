package org.aucmedi.xai.importer.keras;

import com.google.common.collect.ImmutableMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.aucmedi.xai.importer.Value;
import org.jspecify.annotations.Nullable;

/** The rules by the names of the classes. */
final class LayerRules {

  private static final ImmutableMap<String, LayerRule> RULES = rules();

  private LayerRules() {}

  static @Nullable LayerRule of(String className) {
    // Registered classes have the name of their package before: Custom>ClassToken.
    return RULES.get(className.substring(className.lastIndexOf('>') + 1));
  }

  /** What to do about a layer without a rule. */
  static String remedy(String className, String layerName) {
    if (!className.equals("Lambda")) {
      return "export the model with model.export('folder') in Keras and use that folder";
    }
    String python = "it is Python code, which is never run here; ";
    return layerName.equals("ExtractToken")
        ? python
            + "as it is vit-keras's x[:, 0], give the model that as a layer: with y ="
            + " model.get_layer(NAME OF THE LAYER BEFORE).output[:, 0] and y = layer(y) for each"
            + " layer after it, save keras.Model(model.input, y)"
        : python
            + "replace it by layers, or export the model with model.export('folder') and use that"
            + " folder";
  }

  private static ImmutableMap<String, LayerRule> rules() {
    Map<String, LayerRule> rules = new HashMap<>();
    Convolutions.addTo(rules);
    Pools.addTo(rules);
    Normalizations.addTo(rules);
    Activations.addTo(rules);
    Shapes.addTo(rules);
    Merges.addTo(rules);
    Functions.addTo(rules);
    Slices.addTo(rules);
    Einsums.addTo(rules);
    Wrappers.addTo(rules);
    Attentions.addTo(rules);
    return ImmutableMap.copyOf(rules);
  }

  /** A rule with one result. */
  static LayerRule one(Function<LayerCall, Value> rule) {
    return call -> List.of(rule.apply(call));
  }
}
