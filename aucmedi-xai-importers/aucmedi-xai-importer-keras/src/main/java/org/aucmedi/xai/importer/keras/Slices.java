package org.aucmedi.xai.importer.keras;

import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.aucmedi.xai.importer.Operation;
import org.aucmedi.xai.importer.Operations;
import org.aucmedi.xai.importer.Value;
import org.jspecify.annotations.Nullable;

/**
 * Indexing, {@code x[:, 0]}: a layer of its own in functional models. An index takes one element of
 * an axis, a slice several, {@code None} adds an axis, and {@code ...} stands for the axes between.
 */
final class Slices {

  private static final long END = Long.MAX_VALUE;

  private Slices() {}

  static void addTo(Map<String, LayerRule> rules) {
    rules.put("GetItem", LayerRules.one(call -> slice(call, "key")));
    rules.put("SlicingOpLambda", LayerRules.one(call -> slice(call, "slice_spec")));
  }

  /**
   * Takes a part of a tensor.
   *
   * @param argument the name of the argument that says which part
   */
  static Value slice(LayerCall call, String argument) {
    Value value = call.inputs().get(0);
    List<JsonElement> keys = keys(call, argument);
    int rest = LayerCall.rank(value);
    for (JsonElement key : keys) {
      rest -= key.isJsonNull() || is(key, "ellipsis") ? 0 : 1;
    }
    int axis = 0;
    for (JsonElement key : keys) {
      if (is(key, "ellipsis")) {
        axis += rest;
      } else if (key.isJsonNull()) {
        value = added(call, value, axis++);
      } else if (key.isJsonObject()) {
        value = part(call, value, axis++, bounds(call, key.getAsJsonObject()));
      } else {
        value = element(call, value, axis, index(call, key));
      }
    }
    return value == call.inputs().get(0) ? call.apply(Operations.identity(), value) : value;
  }

  private static List<JsonElement> keys(LayerCall call, String argument) {
    Object given = call.call().named().get(argument);
    if (given == null && call.call().arguments().size() > 1) {
      given = call.call().arguments().get(1);
    }
    if (!(given instanceof JsonElement key) || call.inputs().size() != 1) {
      throw call.unsupported("takes a part that is computed, which is not supported");
    }
    return key instanceof JsonArray array ? array.asList() : List.of(key);
  }

  private static boolean is(JsonElement key, String kind) {
    return key.isJsonObject()
        && key.getAsJsonObject().has("class_name")
        && key.getAsJsonObject().get("class_name").getAsString().equals("__" + kind + "__");
  }

  private static JsonObject bounds(LayerCall call, JsonObject key) {
    JsonObject bounds = is(key, "slice") ? key.getAsJsonObject("config") : key;
    if (!bounds.has("start")) {
      throw call.unsupported("takes the part " + key + ", which is not supported");
    }
    return bounds;
  }

  private static long index(LayerCall call, JsonElement key) {
    if (!key.isJsonPrimitive() || !key.getAsJsonPrimitive().isNumber()) {
      throw call.unsupported("takes the part " + key + ", which is not supported");
    }
    return key.getAsLong();
  }

  private static void checkNoBatch(LayerCall call, int axis) {
    if (axis == 0) {
      throw call.unsupported("takes single images of the batch, which is not supported");
    }
  }

  private static Value added(LayerCall call, Value value, int axis) {
    checkNoBatch(call, axis);
    List<Long> sizes = sizes(value);
    sizes.add(axis, 1L);
    return apply(call, value, "torch.unsqueeze({0}, " + axis + ")", sizes);
  }

  private static Value element(LayerCall call, Value value, int axis, long index) {
    checkNoBatch(call, axis);
    List<Long> sizes = sizes(value);
    long size = sizes.remove(axis);
    if (size >= 0 && (index >= size || index < -size)) {
      throw call.unsupported("takes element " + index + " of " + size);
    }
    return apply(call, value, "torch.select({0}, %d, %d)".formatted(axis, index), sizes);
  }

  private static Value part(LayerCall call, Value value, int axis, JsonObject bounds) {
    Long start = bound(call, bounds, "start");
    Long stop = bound(call, bounds, "stop");
    Long step = bound(call, bounds, "step");
    if (start == null && stop == null && (step == null || step == 1)) {
      return value;
    }
    checkNoBatch(call, axis);
    if (step != null && step <= 0) {
      throw call.unsupported("goes backwards, which is not supported");
    }
    List<Long> sizes = sizes(value);
    long size = sizes.get(axis);
    long from = start == null ? 0 : start;
    long to = stop == null ? END : stop;
    long by = step == null ? 1 : step;
    if (size >= 0) {
      from = clamped(from, size);
      to = Math.max(from, clamped(to, size));
      sizes.set(axis, -Math.floorDiv(from - to, by));
    }
    return apply(
        call, value, "torch.slice({0}, %d, %d, %d, %d)".formatted(axis, from, to, by), sizes);
  }

  /** A position from 0 to the size, where negative ones count from the end. */
  private static long clamped(long position, long size) {
    return Math.max(0, Math.min(size, position < 0 ? position + size : position));
  }

  private static @Nullable Long bound(LayerCall call, JsonObject bounds, String name) {
    JsonElement bound = bounds.has(name) ? bounds.get(name) : JsonNull.INSTANCE;
    return bound.isJsonNull() ? null : (Long) index(call, bound);
  }

  private static List<Long> sizes(Value value) {
    List<Long> sizes = new ArrayList<>();
    for (long size : LayerCall.shape(value).getShape()) {
      sizes.add(size);
    }
    return sizes;
  }

  private static Value apply(LayerCall call, Value value, String expression, List<Long> sizes) {
    Shape shape = new Shape(sizes);
    return call.apply(Operation.of(expression, types -> types.get(0).withShape(shape)), value);
  }
}
