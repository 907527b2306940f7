package org.aucmedi.xai.engine.onnxruntime;

import ai.djl.ndarray.types.Shape;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.aucmedi.xai.engine.onnxruntime.OnnxGraph.Node;
import org.jspecify.annotations.Nullable;

/**
 * Reads the graph of an ONNX file and skips the weights.
 *
 * <p>The numbers are those of <a
 * href="https://github.com/onnx/onnx/blob/main/onnx/onnx.proto">onnx.proto</a>, which never change.
 */
final class OnnxGraphReader {

  private final ProtoReader proto;
  private final Map<String, Value> inputs = new LinkedHashMap<>();
  private final Map<String, Value> outputs = new LinkedHashMap<>();
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, ElementType> types = new HashMap<>();
  private final Map<String, ElementType> weights = new HashMap<>();

  private OnnxGraphReader(ProtoReader proto) {
    this.proto = proto;
  }

  /**
   * Reads a file.
   *
   * @param file an ONNX file
   * @return its graph
   * @throws IOException if it cannot be read or is not an ONNX file
   */
  static OnnxGraph read(Path file) throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      return read(in, Files.size(file));
    }
  }

  static OnnxGraph read(InputStream in, long length) throws IOException {
    OnnxGraphReader reader = new OnnxGraphReader(new ProtoReader(in, length));
    reader.proto.fields(
        field -> {
          if (field == 7) {
            reader.graph();
          }
        });
    return reader.graphRead();
  }

  private OnnxGraph graphRead() throws IOException {
    if (nodes.isEmpty()) {
      throw new IOException("it holds no graph");
    }
    // Old files list their weights among the inputs.
    inputs.keySet().removeAll(weights.keySet());
    inputs.forEach((name, value) -> putType(name, value.type));
    outputs.forEach((name, value) -> putType(name, value.type));
    types.putAll(weights);
    return new OnnxGraph(
        inputs.values().stream().map(Value::declared).toList(),
        outputs.values().stream().map(Value::declared).toList(),
        nodes,
        types);
  }

  private void putType(String name, @Nullable ElementType type) {
    if (type != null) {
      types.put(name, type);
    }
  }

  /** The main graph; a file may contain it in several pieces, which are merged. */
  private void graph() throws IOException {
    proto.message(
        field -> {
          switch (field) {
            case 1 -> nodes.add(node());
            case 5 -> weight();
            case 11 -> value(inputs);
            case 12 -> value(outputs);
            case 13 -> {
              Map<String, Value> inner = new HashMap<>();
              value(inner);
              inner.forEach((name, value) -> putType(name, value.type));
            }
            case 15 ->
                proto.message(
                    part -> {
                      if (part == 1) {
                        weight();
                      }
                    });
            default -> {}
          }
        });
  }

  private void weight() throws IOException {
    Tensor tensor = tensor();
    weights.put(tensor.name, tensor.type);
  }

  private Tensor tensor() throws IOException {
    Tensor tensor = new Tensor();
    proto.message(
        field -> {
          if (field == 2) {
            tensor.type = ElementType.of(proto.number());
          } else if (field == 8) {
            tensor.name = proto.string();
          }
        });
    return tensor;
  }

  private Node node() throws IOException {
    NodeBuilder node = new NodeBuilder();
    proto.message(
        field -> {
          switch (field) {
            case 1 -> node.inputs.add(proto.string());
            case 2 -> node.outputs.add(proto.string());
            case 3 -> node.name = proto.string();
            case 4 -> node.operator = proto.string();
            case 5 -> attribute(node);
            default -> {}
          }
        });
    return node.build();
  }

  private void attribute(NodeBuilder node) throws IOException {
    Attribute attribute = new Attribute();
    proto.message(
        field -> {
          switch (field) {
            case 1 -> attribute.name = proto.string();
            case 2, 7 -> attribute.type = ElementType.FLOAT32;
            case 3 -> attribute.number = proto.number();
            case 5 -> attribute.type = tensor().type;
            case 6, 11 -> {
              node.controlFlow = true;
              innerGraph(node.captured);
            }
            case 8 -> proto.numbers(attribute.numbers::add);
            default -> {}
          }
        });
    // The value's field may come before the name's.
    switch (attribute.name) {
      case "value", "value_float", "value_floats" -> node.attributeType = attribute.type;
      case "value_int", "value_ints" -> node.attributeType = ElementType.INT64;
      case "to" -> node.attributeType = ElementType.of(attribute.number);
      case "perm" -> node.permutation = attribute.numbers;
      default -> {}
    }
  }

  /**
   * Collects the tensors that the nodes of a subgraph read; listing its own tensors is harmless.
   */
  private void innerGraph(List<String> captured) throws IOException {
    proto.message(
        field -> {
          if (field == 1) {
            Node inner = node();
            captured.addAll(inner.inputs());
            captured.addAll(inner.captured());
          } else if (field == 12) {
            Map<String, Value> results = new HashMap<>();
            value(results);
            captured.addAll(results.keySet());
          }
        });
  }

  private void value(Map<String, Value> values) throws IOException {
    Value value = new Value();
    proto.message(
        field -> {
          if (field == 1) {
            value.name = proto.string();
          } else if (field == 2) {
            proto.message(
                type -> {
                  if (type == 1) {
                    tensorType(value);
                  } else if (type != 6) { // a note on what it means
                    value.type = ElementType.OTHER;
                  }
                });
          }
        });
    values.put(value.name, value);
  }

  private void tensorType(Value value) throws IOException {
    proto.message(
        field -> {
          if (field == 1) {
            value.type = ElementType.of(proto.number());
          } else if (field == 2) {
            List<Long> sizes = new ArrayList<>();
            proto.message(
                dimension -> {
                  if (dimension == 1) {
                    sizes.add(size());
                  }
                });
            value.shape = new Shape(sizes);
          }
        });
  }

  private long size() throws IOException {
    long[] size = {-1};
    proto.message(
        field -> {
          if (field == 1) {
            size[0] = Math.max(-1, proto.number());
          }
        });
    // Some exporters write 0 for an unknown size.
    return size[0] == 0 ? -1 : size[0];
  }

  private static final class Value {
    private String name = "";
    private @Nullable ElementType type;
    private @Nullable Shape shape;

    OnnxGraph.Value declared() {
      return new OnnxGraph.Value(name, type == null ? ElementType.OTHER : type, shape);
    }
  }

  private static final class Tensor {
    private String name = "";
    private ElementType type = ElementType.OTHER;
  }

  private static final class Attribute {
    private String name = "";
    private @Nullable ElementType type;
    private long number;
    private final List<Long> numbers = new ArrayList<>();
  }

  private static final class NodeBuilder {
    private String name = "";
    private String operator = "";
    private final List<String> inputs = new ArrayList<>();
    private final List<String> outputs = new ArrayList<>();
    private final List<String> captured = new ArrayList<>();
    private boolean controlFlow;
    private @Nullable ElementType attributeType;
    private List<Long> permutation = List.of();

    Node build() {
      return new Node(
          name, operator, inputs, outputs, captured, controlFlow, attributeType, permutation);
    }
  }
}
