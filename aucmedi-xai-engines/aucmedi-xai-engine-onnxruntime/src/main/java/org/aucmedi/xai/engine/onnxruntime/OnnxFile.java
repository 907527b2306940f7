package org.aucmedi.xai.engine.onnxruntime;

import ai.djl.Model;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.aucmedi.xai.engine.onnxruntime.OnnxGraph.Value;
import org.aucmedi.xai.engine.onnxruntime.WireFields.Field;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.onnx.OnnxReader;
import org.jspecify.annotations.Nullable;

/**
 * An ONNX file, which is read again when a session with more outputs is needed.
 *
 * @param path the file
 * @param graph its graph
 * @param size its size when the graph was read
 * @param modified its modification time when the graph was read
 */
record OnnxFile(Path path, OnnxGraph graph, long size, FileTime modified) {

  private static final int GRAPH = 7;
  private static final int NODE = 1;
  private static final int NODE_OUTPUT = 2;
  private static final int INPUT = 11;
  private static final int OUTPUT = 12;
  private static final int NAME = 1;
  private static final int VALUE_TYPE = 2;
  private static final int TENSOR_TYPE = 1;
  private static final int ELEMENT_TYPE = 1;
  private static final int MARGIN = 1 << 24;

  /**
   * Reads the graph of a file.
   *
   * @param path the file
   * @return the file
   * @throws IOException if it cannot be read
   * @throws XAIException if it is damaged
   */
  static OnnxFile read(Path path) throws IOException {
    return new OnnxFile(
        path,
        OnnxGraph.of(OnnxReader.read(path)),
        Files.size(path),
        Files.getLastModifiedTime(path));
  }

  /**
   * Finds the file of a model that DJL loaded, in the place where DJL looks if no name is given.
   *
   * @param model the model
   * @return the file, or null if there is none there
   */
  static @Nullable Path find(Model model) {
    Path folder = model.getModelPath();
    if (folder == null) {
      return null;
    }
    return Stream.of(model.getName(), String.valueOf(folder.getFileName()), "model")
        .flatMap(name -> Stream.of(folder.resolve(name), folder.resolve(name + ".onnx")))
        .filter(Files::isRegularFile)
        .findFirst()
        .orElse(null);
  }

  /**
   * Returns the file's bytes with more outputs declared.
   *
   * <p>Protocol buffers merge a message that occurs twice and concatenate its repeated fields. So
   * the outputs are appended as a second, tiny graph, and nothing before it changes. ONNX Runtime
   * infers their types and shapes.
   *
   * @param tensors the names of tensors that are not yet outputs
   * @return the bytes of a model, off-heap
   */
  ByteBuffer withOutputs(Collection<String> tensors) {
    ByteArrayOutputStream outputs = new ByteArrayOutputStream();
    for (String tensor : tensors) {
      put(outputs, OUTPUT, message(NAME, tensor.getBytes(StandardCharsets.UTF_8)));
    }
    return withTail(message(GRAPH, outputs.toByteArray()));
  }

  /**
   * Returns the file's bytes with an inner tensor as one more input, the last.
   *
   * <p>The node that computes the tensor gives its output another name of the same length, so that
   * nothing else in the file moves, and no one reads what it computes.
   *
   * @param tensor the name of a tensor that a node computes
   * @param type its element type, a {@code TensorProto.DataType}
   * @return the bytes of a model, off-heap
   */
  ByteBuffer withInput(String tensor, int type) {
    byte[] name = tensor.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream elements = new ByteArrayOutputStream();
    putVarint(elements, ELEMENT_TYPE << 3);
    putVarint(elements, type);
    ByteArrayOutputStream input = new ByteArrayOutputStream();
    put(input, NAME, name);
    put(input, VALUE_TYPE, message(TENSOR_TYPE, elements.toByteArray()));
    ByteBuffer bytes = withTail(message(GRAPH, message(INPUT, input.toByteArray())));
    bytes.put(placeOf(name, bytes), freeName(name.length));
    return bytes;
  }

  /** Where the node that computes a tensor has its name. */
  private int placeOf(byte[] name, ByteBuffer bytes) {
    ByteBuffer wanted = ByteBuffer.wrap(name);
    for (Field inGraph : WireFields.of(bytes, 0, (int) size, GRAPH)) {
      for (Field node : WireFields.of(bytes, inGraph.from(), inGraph.to(), NODE)) {
        for (Field output : WireFields.of(bytes, node.from(), node.to(), NODE_OUTPUT)) {
          int length = output.to() - output.from();
          if (bytes.slice(output.from(), length).equals(wanted)) {
            return output.from();
          }
        }
      }
    }
    throw new XAIException(
        path + " has no node that computes " + new String(name, StandardCharsets.UTF_8));
  }

  private byte[] freeName(int length) {
    Set<String> taken = new HashSet<>(graph.types().keySet());
    graph.nodes().forEach(node -> taken.addAll(node.outputs()));
    graph.inputs().forEach(value -> taken.add(value.name()));
    long number = 0;
    String name;
    do {
      String digits = Long.toString(number++, Character.MAX_RADIX);
      if (digits.length() > length) {
        throw new XAIException("all names of " + length + " letters are taken in " + path);
      }
      name = "0".repeat(length - digits.length()) + digits;
    } while (taken.contains(name));
    return name.getBytes(StandardCharsets.US_ASCII);
  }

  private ByteBuffer withTail(byte[] tail) {
    try (FileChannel channel = FileChannel.open(path)) {
      if (channel.size() != size || !Files.getLastModifiedTime(path).equals(modified)) {
        throw new XAIException(path + " has changed since it was loaded; load the model again");
      }
      if (size > Integer.MAX_VALUE - MARGIN) {
        throw new XAIException(
            path + " is larger than 2 GB; export it with its weights in a separate file");
      }
      ByteBuffer bytes = ByteBuffer.allocateDirect((int) size + tail.length);
      bytes.limit((int) size);
      while (bytes.hasRemaining()) {
        if (channel.read(bytes) < 0) {
          throw new XAIException(path + " has become shorter; load the model again");
        }
      }
      return bytes.limit(bytes.capacity()).put(tail).flip();
    } catch (IOException e) {
      throw new XAIException(
          "cannot read " + path + " again, which is necessary for layers; restore the file", e);
    }
  }

  private static byte[] message(int field, byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    put(out, field, content);
    return out.toByteArray();
  }

  private static void put(ByteArrayOutputStream out, int field, byte[] content) {
    putVarint(out, (field << 3) | 2);
    putVarint(out, content.length);
    out.writeBytes(content);
  }

  private static void putVarint(ByteArrayOutputStream out, int value) {
    int rest = value;
    while (rest > 0x7f) {
      out.write((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    out.write(rest);
  }

  /** The folder to which names of external weights are relative. */
  Path folder() {
    return path.toAbsolutePath().getParent();
  }

  /** The names of the inputs, without weights. */
  List<String> inputNames() {
    return graph.inputs().stream().map(Value::name).toList();
  }

  /** The input of a graph that was checked to have exactly one. */
  Value input() {
    return graph.inputs().get(0);
  }
}
