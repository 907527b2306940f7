package org.aucmedi.xai.importer.keras;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How layers of a functional model are called, in both dialects: Keras 3 has objects with {@code
 * args} and {@code kwargs}, Keras 2 nested lists {@code [layer, call, tensor, kwargs]}.
 */
final class Calls {

  /**
   * A tensor: the result of a call of a layer.
   *
   * @param layer the name of the layer
   * @param call which of its calls, from 0
   * @param tensor which of the results, from 0
   */
  record Reference(String layer, int call, int tensor) {}

  /**
   * One call.
   *
   * @param arguments what it is called with: {@link Reference} or {@link JsonElement}; lists of
   *     tensors are spread out
   * @param named arguments by name: the same
   */
  record Call(List<Object> arguments, Map<String, Object> named) {

    /** All tensors, in order. */
    List<Reference> references() {
      List<Reference> all = new ArrayList<>();
      for (Object argument : arguments) {
        if (argument instanceof Reference reference) {
          all.add(reference);
        }
      }
      for (Object argument : named.values()) {
        if (argument instanceof Reference reference) {
          all.add(reference);
        }
      }
      return all;
    }
  }

  private Calls() {}

  /** Reads the {@code inbound_nodes} of a layer. */
  static List<Call> of(JsonObject layer) {
    List<Call> calls = new ArrayList<>();
    JsonElement nodes = layer.get("inbound_nodes");
    if (nodes != null && nodes.isJsonArray()) {
      for (JsonElement node : nodes.getAsJsonArray()) {
        calls.add(node.isJsonObject() ? ofObject(node.getAsJsonObject()) : ofList(node));
      }
    }
    return calls;
  }

  private static Call ofObject(JsonObject node) {
    List<Object> arguments = new ArrayList<>();
    spread(node.get("args"), arguments);
    Map<String, Object> named = new LinkedHashMap<>();
    if (node.has("kwargs")) {
      node.getAsJsonObject("kwargs")
          .entrySet()
          .forEach(entry -> named.put(entry.getKey(), argument(entry.getValue())));
    }
    return new Call(arguments, named);
  }

  private static void spread(JsonElement element, List<Object> arguments) {
    if (element.isJsonArray() && containsTensor(element.getAsJsonArray())) {
      element.getAsJsonArray().forEach(part -> spread(part, arguments));
    } else {
      arguments.add(argument(element));
    }
  }

  private static boolean containsTensor(JsonArray array) {
    for (JsonElement part : array) {
      if (argument(part) instanceof Reference
          || (part.isJsonArray() && containsTensor(part.getAsJsonArray()))) {
        return true;
      }
    }
    return false;
  }

  private static Object argument(JsonElement element) {
    if (element.isJsonObject()) {
      JsonObject object = element.getAsJsonObject();
      if (object.has("config") && object.get("config").isJsonObject()) {
        JsonElement history = object.getAsJsonObject("config").get("keras_history");
        if (history != null) {
          return reference(history.getAsJsonArray());
        }
      }
    } else if (isReference(element)) {
      return reference(element.getAsJsonArray());
    }
    return element;
  }

  /** Whether it is a list that starts with a name and two numbers. */
  private static boolean isReference(JsonElement element) {
    return element.isJsonArray()
        && element.getAsJsonArray().size() >= 3
        && isString(element.getAsJsonArray().get(0))
        && isNumber(element.getAsJsonArray().get(1))
        && isNumber(element.getAsJsonArray().get(2))
        && element.getAsJsonArray().get(1).getAsInt() >= 0;
  }

  private static boolean isString(JsonElement element) {
    return element.isJsonPrimitive() && element.getAsJsonPrimitive().isString();
  }

  private static boolean isNumber(JsonElement element) {
    return element.isJsonPrimitive() && element.getAsJsonPrimitive().isNumber();
  }

  /** Reads {@code [layer, call, tensor]}. */
  static Reference reference(JsonArray list) {
    return new Reference(list.get(0).getAsString(), list.get(1).getAsInt(), list.get(2).getAsInt());
  }

  private static Call ofList(JsonElement node) {
    List<Object> arguments = new ArrayList<>();
    Map<String, Object> named = new LinkedHashMap<>();
    JsonArray list = node.getAsJsonArray();
    // A single tensor may lie in no list of its own.
    for (JsonElement entry : isReference(list) ? listOf(list) : list) {
      JsonArray input = entry.getAsJsonArray();
      arguments.add(
          isReference(input)
              ? reference(input)
              // ["_CONSTANT_VALUE", -1, value]
              : input.get(2));
      if (input.size() > 3 && input.get(3).isJsonObject()) {
        input
            .get(3)
            .getAsJsonObject()
            .entrySet()
            .forEach(argument -> named.put(argument.getKey(), argument(argument.getValue())));
      }
    }
    return new Call(arguments, named);
  }

  private static JsonArray listOf(JsonElement element) {
    JsonArray list = new JsonArray();
    list.add(element);
    return list;
  }

  /** Reads the inputs or outputs of a model: one tensor, a list, or lists by name. */
  static List<Reference> ends(JsonElement element) {
    List<Reference> ends = new ArrayList<>();
    if (isReference(element)) {
      ends.add(reference(element.getAsJsonArray()));
    } else if (element.isJsonArray()) {
      element.getAsJsonArray().forEach(part -> ends.addAll(ends(part)));
    } else if (element.isJsonObject()) {
      element.getAsJsonObject().entrySet().forEach(part -> ends.addAll(ends(part.getValue())));
    }
    return ends;
  }
}
