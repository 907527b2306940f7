package org.aucmedi.xai.engine.mxnet;

import com.google.common.collect.ImmutableList;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The graph of one output of a symbol, read from the symbol's JSON.
 *
 * <p>Nodes are in execution order: each reads only from earlier nodes. Node numbers are those of
 * the JSON.
 */
final class SymbolGraph {

  /** One output of a node. */
  record Entry(int node, int output) {}

  /**
   * A node.
   *
   * @param op the operator, or {@link #VARIABLE}
   * @param name its name, not always unique
   * @param attributes the operator's parameters as MXNet writes them
   * @param inputs what it reads
   * @param json the node as it stands in the file
   */
  record Node(
      String op, String name, Map<String, String> attributes, List<Entry> inputs, JsonObject json) {

    boolean isVariable() {
      return op.equals(VARIABLE);
    }
  }

  /** What JSON calls the operator of a variable: weights, states and data. */
  static final String VARIABLE = "null";

  private final List<Node> nodes;
  private final List<Entry> heads;
  private final Entry output;
  private final BitSet used;
  private final @Nullable JsonElement attributes;

  private SymbolGraph(
      List<Node> nodes, List<Entry> heads, Entry output, @Nullable JsonElement attributes) {
    this.nodes = nodes;
    this.heads = heads;
    this.output = output;
    this.used = ancestors(nodes, output);
    this.attributes = attributes;
  }

  /**
   * Reads a graph.
   *
   * @param json the text of a {@code -symbol.json} file
   * @return the graph of the first output
   * @throws JsonParseException if the text is not a symbol; the message gives the reason
   */
  static SymbolGraph parse(String json) {
    try {
      JsonObject root = JsonParser.parseString(json).getAsJsonObject();
      if (!root.has("nodes") || !root.has("heads")) {
        throw new JsonParseException("it has no nodes and heads, so it is not an MXNet symbol");
      }
      List<Node> nodes = new ArrayList<>();
      for (JsonElement element : root.getAsJsonArray("nodes")) {
        nodes.add(node(element.getAsJsonObject(), nodes.size()));
      }
      List<Entry> heads = entries(root.getAsJsonArray("heads"), nodes.size());
      if (heads.isEmpty()) {
        throw new JsonParseException("it has no output");
      }
      return new SymbolGraph(ImmutableList.copyOf(nodes), heads, heads.get(0), root.get("attrs"));
    } catch (IllegalStateException
        | ClassCastException
        | UnsupportedOperationException
        | NumberFormatException e) {
      // Their messages quote the file.
      throw new JsonParseException("it does not have the structure of a symbol", e);
    }
  }

  private static Node node(JsonObject json, int id) {
    if (!json.has("op") || !json.has("name") || !json.has("inputs")) {
      throw new JsonParseException("node " + id + " has no op, name and inputs");
    }
    Map<String, String> attributes = new LinkedHashMap<>();
    // Files from before MXNet 1.0 use param or attr.
    for (String key : List.of("param", "attr", "attrs")) {
      if (json.has(key)) {
        json.getAsJsonObject(key)
            .asMap()
            .forEach((name, value) -> attributes.put(name, value.getAsString()));
      }
    }
    return new Node(
        json.get("op").getAsString(),
        json.get("name").getAsString(),
        attributes,
        entries(json.getAsJsonArray("inputs"), id),
        json);
  }

  /** MXNet does not validate these numbers, so they are checked here. */
  private static List<Entry> entries(JsonArray json, int nodes) {
    ImmutableList.Builder<Entry> entries = ImmutableList.builder();
    for (JsonElement element : json) {
      int node = element.getAsJsonArray().get(0).getAsInt();
      int output =
          element.getAsJsonArray().size() < 2 ? 0 : element.getAsJsonArray().get(1).getAsInt();
      if (node < 0 || node >= nodes || output < 0) {
        throw new JsonParseException(
            "output " + output + " of node " + node + " is read before it is defined");
      }
      entries.add(new Entry(node, output));
    }
    return entries.build();
  }

  private static BitSet ancestors(List<Node> nodes, Entry output) {
    BitSet used = new BitSet();
    used.set(output.node());
    for (int id = output.node(); id >= 0; id--) {
      if (used.get(id)) {
        nodes.get(id).inputs().forEach(input -> used.set(input.node()));
      }
    }
    return used;
  }

  /**
   * Replaces nodes.
   *
   * @param replacement maps a node to its replacement, which reads from the same nodes or fewer
   * @return the graph with the replaced nodes
   */
  SymbolGraph map(UnaryOperator<Node> replacement) {
    return new SymbolGraph(nodes.stream().map(replacement).toList(), heads, output, attributes);
  }

  /** The graph of the symbol's output with a number. */
  SymbolGraph ofOutput(int number) {
    return new SymbolGraph(nodes, heads, heads.get(number), attributes);
  }

  Node node(int id) {
    return nodes.get(id);
  }

  /** The number of nodes, including those that the output does not depend on. */
  int size() {
    return nodes.size();
  }

  boolean isUsed(int id) {
    return used.get(id);
  }

  /** The numbers of the nodes that the output depends on, in execution order. */
  int[] order() {
    return used.stream().toArray();
  }

  Entry output() {
    return output;
  }

  /** The graph's own attributes, such as the version of MXNet that wrote it. */
  @Nullable JsonElement attributes() {
    return attributes;
  }

  /**
   * Finds the nodes that depend on a node.
   *
   * @param node the node
   * @return the numbers of the node itself and of all nodes that read from it, directly or not
   */
  BitSet dependents(int node) {
    BitSet dependents = new BitSet();
    dependents.set(node);
    for (int id : order()) {
      if (nodes.get(id).inputs().stream().anyMatch(input -> dependents.get(input.node()))) {
        dependents.set(id);
      }
    }
    return dependents;
  }
}
