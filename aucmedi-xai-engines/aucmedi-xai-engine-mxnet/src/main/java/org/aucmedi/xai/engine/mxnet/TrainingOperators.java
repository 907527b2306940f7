package org.aucmedi.xai.engine.mxnet;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.aucmedi.xai.engine.mxnet.SymbolGraph.Node;

/**
 * Replaces training operators with what they compute in inference.
 *
 * <p>An output operator with a loss, such as {@code SoftmaxOutput}, returns the gradient of the
 * loss, whatever the incoming gradient. Its function without the loss has the derivative that a map
 * needs.
 */
final class TrainingOperators {

  private TrainingOperators() {}

  static Node replace(Node node) {
    return switch (node.op()) {
      case "SoftmaxOutput" ->
          isTrue(node, "preserve_shape")
              ? firstInput(node, "softmax", Map.of("axis", "-1"))
              : firstInput(
                  node,
                  "SoftmaxActivation",
                  Map.of("mode", isTrue(node, "multi_output") ? "channel" : "instance"));
      case "LogisticRegressionOutput" -> firstInput(node, "sigmoid", Map.of());
      case "LinearRegressionOutput", "MAERegressionOutput", "SVMOutput", "MakeLoss", "make_loss" ->
          firstInput(node, "_copy", Map.of());
      case "Dropout" -> dropout(node);
      default -> node;
    };
  }

  /** Dropout can be configured to stay on in inference, but a map must not be random. */
  private static Node dropout(Node node) {
    Map<String, String> attributes = new LinkedHashMap<>(node.attributes());
    attributes.put("mode", "training");
    return node(node, node.op(), attributes, node.inputs().size());
  }

  private static Node firstInput(Node node, String op, Map<String, String> attributes) {
    return node(node, op, attributes, 1);
  }

  private static Node node(Node node, String op, Map<String, String> attributes, int inputs) {
    JsonObject json = new JsonObject();
    json.addProperty("op", op);
    json.addProperty("name", node.name());
    JsonObject written = new JsonObject();
    attributes.forEach(written::addProperty);
    json.add("attrs", written);
    // The inputs are written when a segment is cut, from the list.
    json.add("inputs", new JsonArray());
    return new Node(
        op, node.name(), attributes, List.copyOf(node.inputs().subList(0, inputs)), json);
  }

  private static boolean isTrue(Node node, String attribute) {
    String value = node.attributes().get(attribute);
    return "True".equalsIgnoreCase(value) || "1".equals(value);
  }
}
