package org.aucmedi.xai.testkit;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes symbol models without MXNet: the graph as JSON, the weights as a {@code .params} file of
 * version 2, as MXNet 1.x saves them.
 */
public final class SymbolBuilder {

  /** The operator of a node that is an input or a weight. */
  private static final String VARIABLE = "null";

  private record Weight(int[] shape, float[] values) {}

  private final JsonArray nodes = new JsonArray();
  private final JsonArray arguments = new JsonArray();
  private final Map<String, Integer> outputs = new LinkedHashMap<>();
  private final Map<String, Weight> weights = new LinkedHashMap<>();
  private final JsonArray heads = new JsonArray();

  /** Starts an empty symbol. */
  public SymbolBuilder() {}

  /**
   * Adds a variable without values: data, or a label.
   *
   * @param name its name
   * @return this builder
   */
  public SymbolBuilder variable(String name) {
    arguments.add(nodes.size());
    add(VARIABLE, name, Map.of(), List.of());
    return this;
  }

  /**
   * Adds a weight.
   *
   * @param name its name
   * @param shape its shape
   * @param values its values, row-major
   * @return this builder
   */
  public SymbolBuilder weight(String name, int[] shape, float... values) {
    return weight("arg:", name, shape, values);
  }

  /**
   * Adds a state, such as a running mean.
   *
   * @param name its name
   * @param shape its shape
   * @param values its values, row-major
   * @return this builder
   */
  public SymbolBuilder state(String name, int[] shape, float... values) {
    return weight("aux:", name, shape, values);
  }

  private SymbolBuilder weight(String kind, String name, int[] shape, float... values) {
    weights.put(kind + name, new Weight(shape, values));
    return variable(name);
  }

  /**
   * Adds an operator.
   *
   * @param op the operator
   * @param name the name of the node; if several nodes share it, later inputs refer to the last
   * @param attributes its parameters
   * @param inputs the names of nodes, with {@code :1} and so on for outputs other than the first
   * @return this builder
   */
  public SymbolBuilder op(
      String op, String name, Map<String, String> attributes, String... inputs) {
    add(op, name, attributes, List.of(inputs));
    return this;
  }

  private void add(String op, String name, Map<String, String> attributes, List<String> inputs) {
    JsonObject node = new JsonObject();
    node.addProperty("op", op);
    node.addProperty("name", name);
    if (!attributes.isEmpty()) {
      JsonObject written = new JsonObject();
      attributes.forEach(written::addProperty);
      node.add("attrs", written);
    }
    JsonArray reads = new JsonArray();
    inputs.forEach(input -> reads.add(reference(input)));
    node.add("inputs", reads);
    outputs.put(name, nodes.size());
    nodes.add(node);
  }

  private JsonArray reference(String input) {
    int colon = input.indexOf(':');
    JsonArray reference = new JsonArray();
    reference.add(outputs.get(colon < 0 ? input : input.substring(0, colon)));
    reference.add(colon < 0 ? 0 : Integer.parseInt(input.substring(colon + 1)));
    reference.add(0);
    return reference;
  }

  /**
   * Adds an output of the symbol; without any, the last node is the only one.
   *
   * @param node the name of the node
   * @return this builder
   */
  public SymbolBuilder output(String node) {
    heads.add(reference(node));
    return this;
  }

  /** {@return the symbol file, the graph as JSON} */
  public String json() {
    JsonArray results = heads;
    if (heads.isEmpty()) {
      JsonArray last = new JsonArray();
      last.add(nodes.size() - 1);
      last.add(0);
      last.add(0);
      results = new JsonArray();
      results.add(last);
    }
    JsonArray version = new JsonArray();
    version.add("int");
    version.add(10900);
    JsonObject attributes = new JsonObject();
    attributes.add("mxnet_version", version);
    JsonObject root = new JsonObject();
    root.add("nodes", nodes);
    root.add("arg_nodes", arguments);
    root.add("heads", results);
    root.add("attrs", attributes);
    return root.toString();
  }

  /** {@return the content of the weights file} */
  public byte[] params() {
    int size = 32;
    for (Map.Entry<String, Weight> entry : weights.entrySet()) {
      Weight weight = entry.getValue();
      size += 24 + 8 * weight.shape().length + 4 * weight.values().length;
      size += 8 + entry.getKey().length();
    }
    ByteBuffer bytes = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(0x112).putLong(0).putLong(weights.size());
    for (Weight weight : weights.values()) {
      // Version 2, dense, the shape, on the CPU, float32.
      bytes.putInt(0xF993FAC9).putInt(0).putInt(weight.shape().length);
      for (int length : weight.shape()) {
        bytes.putLong(length);
      }
      bytes.putInt(1).putInt(0).putInt(0);
      for (float value : weight.values()) {
        bytes.putFloat(value);
      }
    }
    bytes.putLong(weights.size());
    for (String name : weights.keySet()) {
      bytes.putLong(name.length()).put(name.getBytes(StandardCharsets.US_ASCII));
    }
    return bytes.array();
  }

  /**
   * Writes both files.
   *
   * @param folder an existing folder
   * @param name the base name of the files
   * @return the symbol's file
   * @throws IOException if a file cannot be written
   */
  public Path write(Path folder, String name) throws IOException {
    Files.write(folder.resolve(name + "-0000.params"), params());
    return Files.writeString(folder.resolve(name + "-symbol.json"), json());
  }
}
