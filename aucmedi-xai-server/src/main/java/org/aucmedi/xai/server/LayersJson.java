package org.aucmedi.xai.server;

import ai.djl.ndarray.types.Shape;
import com.google.common.base.Splitter;
import com.google.common.math.LongMath;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.methods.cam.LayerUse;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.Layer;
import org.jspecify.annotations.Nullable;

/** The layers of a model as JSON, and which methods can look at them. */
final class LayersJson {

  private static final int MOST_VALUES = 100_000_000;

  private LayersJson() {}

  /** Reads the shape of one image, such as 3x224x224. */
  static Shape image(String text) {
    if (!text.matches("[1-9]\\d{0,5}(x[1-9]\\d{0,5}){2,3}")) {
      throw new IllegalArgumentException(
          "'"
              + text
              + "' is no image; write the channels and two or three sizes as the model takes them,"
              + " for instance 3x224x224 or 224x224x3");
    }
    long[] sizes = Splitter.on('x').splitToStream(text).mapToLong(Long::parseLong).toArray();
    long values = Arrays.stream(sizes).reduce(1, LongMath::saturatedMultiply);
    if (values > MOST_VALUES) {
      throw new IllegalArgumentException(
          "'" + text + "' has more than " + MOST_VALUES + " values; take a smaller image");
    }
    return new Shape(sizes);
  }

  /** The answer for a model that shows no layers, such as a frozen one. */
  static JsonObject none() {
    JsonObject json = new JsonObject();
    json.add("layers", new JsonArray());
    return json;
  }

  /**
   * Lists the layers.
   *
   * @param image the shape of one image, null for what the model declares
   */
  static JsonObject of(ExplainableModel model, XAIMethodRegistry registry, @Nullable Shape image) {
    JsonObject json = new JsonObject();
    JsonArray layers = new JsonArray();
    Shape shape = image == null ? LayerUse.declaredImage(model) : image;
    if (model.capabilities().contains(Capability.LAYERS)) {
      List<String> methods = methods(model, registry);
      if (shape == null) {
        model.layers().forEach(layer -> layers.add(layer(layer, methods)));
      } else {
        for (LayerUse use : LayerUse.of(model, shape)) {
          JsonObject layer = layer(use.layer(), use.usable() ? methods : List.of());
          JsonArray choice = new JsonArray();
          use.choiceOf().forEach(each -> choice.add(each.name().toLowerCase(Locale.ROOT)));
          layer.add("choiceOf", choice);
          layers.add(layer);
        }
      }
    }
    if (shape != null) {
      json.addProperty("input", shape.toString());
    }
    json.add("layers", layers);
    return json;
  }

  private static List<String> methods(ExplainableModel model, XAIMethodRegistry registry) {
    return registry.providers().stream()
        .filter(provider -> provider.description().usesLayer())
        .filter(provider -> model.capabilities().containsAll(provider.description().requires()))
        .map(provider -> registry.keysOf(provider).get(0))
        .toList();
  }

  private static JsonObject layer(Layer layer, List<String> methods) {
    JsonObject json = new JsonObject();
    json.addProperty("name", layer.name());
    json.addProperty("kind", layer.kind().name().toLowerCase(Locale.ROOT));
    if (layer.outputShape() != null) {
      JsonArray shape = new JsonArray();
      for (long size : layer.outputShape().getShape()) {
        shape.add(size);
      }
      json.add("shape", shape);
    }
    JsonArray usable = new JsonArray();
    methods.forEach(usable::add);
    json.add("methods", usable);
    return json;
  }
}
