package org.aucmedi.xai.engine.tensorflow;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.aucmedi.xai.error.XAIException;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.FunctionDefLibrary;
import org.tensorflow.proto.NodeDef;

/** The functions of a graph, and how nodes call them. */
final class Functions {

  private final OpSpecs specs;
  private final Map<String, FunctionDef> byName = new HashMap<>();

  Functions(FunctionDefLibrary library, OpSpecs specs) {
    this.specs = specs;
    library
        .getFunctionList()
        .forEach(function -> byName.put(function.getSignature().getName(), function));
  }

  /** Returns the function that a node of this type calls, or null if it calls none. */
  @Nullable FunctionDef called(String op, Map<String, AttrValue> attributes) {
    if (op.equals("StatefulPartitionedCall") || op.equals("PartitionedCall")) {
      AttrValue target = attributes.get("f");
      String name = target == null ? "" : target.getFunc().getName();
      FunctionDef function = byName.get(name);
      if (function == null) {
        throw new XAIException("the graph has no function '" + name + "'");
      }
      return function;
    }
    return specs.find(op) == null ? byName.get(op) : null;
  }

  /**
   * {@return the attributes of a node}
   *
   * @param node a node of a function's body, or of the graph
   * @param arguments the values that the call sets for the function's free attributes
   */
  static Map<String, AttrValue> attributes(NodeDef node, Map<String, AttrValue> arguments) {
    Map<String, AttrValue> resolved = new LinkedHashMap<>();
    node.getAttrMap()
        .forEach(
            (name, value) -> {
              AttrValue given = arguments.get(value.getPlaceholder());
              boolean open = !value.getPlaceholder().isEmpty() && given != null;
              resolved.put(name, open ? given : value);
            });
    return resolved;
  }

  /** Returns the prefix of names in a body: calls named by TensorFlow have none. */
  static String prefixOfBody(String call) {
    int slash = call.lastIndexOf('/') + 1;
    boolean unnamed = call.substring(slash).matches("(Stateful)?PartitionedCall(_\\d+)?");
    return unnamed ? call.substring(0, slash) : call + "/";
  }
}
