package org.aucmedi.xai.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Writes small ONNX files, so that tests need neither Python nor fixtures. */
public final class OnnxBuilder {

  /** Codes of element types in {@code TensorProto.DataType}. */
  public static final int FLOAT = 1;

  /** Unsigned 8-bit integers. */
  public static final int UINT8 = 2;

  /** Signed 8-bit integers. */
  public static final int INT8 = 3;

  /** 32-bit integers. */
  public static final int INT32 = 6;

  /** 64-bit integers. */
  public static final int INT64 = 7;

  /** Booleans. */
  public static final int BOOL = 9;

  /** 16-bit floating-point numbers. */
  public static final int FLOAT16 = 10;

  /** 64-bit floating-point numbers. */
  public static final int DOUBLE = 11;

  private final Message graph = new Message();
  private int irVersion = 8;
  private int opset = 17;

  /** Starts an empty graph. */
  public OnnxBuilder() {
    graph.text(2, "graph");
  }

  /**
   * {@return a network with known outputs, {@code (mean(max(x, 0)), mean(max(-x, 0)))} of grey
   * images} Its layers are conv, relu, the unnamed pooling with the tensor "pooled", and flat.
   *
   * @param batch the size of the batch axis, -1 for any
   * @param spatial the spatial sizes, two or three, -1 for any
   */
  public static OnnxBuilder halves(long batch, long... spatial) {
    long[] shape = new long[spatial.length + 2];
    shape[0] = batch;
    shape[1] = 1;
    System.arraycopy(spatial, 0, shape, 2, spatial.length);
    long[] kernel = new long[spatial.length + 2];
    Arrays.fill(kernel, 1);
    kernel[0] = 2;
    return new OnnxBuilder()
        .input("x", FLOAT, shape)
        .weight("w", kernel, 1, -1)
        .node("Conv", "conv", "x,w", "signed")
        .node("Relu", "relu", "signed", "parts")
        .node("GlobalAveragePool", "", "parts", "pooled")
        .node("Flatten", "flat", "pooled", "y")
        .output("y");
  }

  /**
   * Declares an input.
   *
   * @param name its name
   * @param type its element type
   * @param shape its shape, -1 for any size
   * @return this builder
   */
  public OnnxBuilder input(String name, int type, long... shape) {
    graph.message(11, value(name, type, shape));
    return this;
  }

  private static Message value(String name, int type, long... shape) {
    Message sizes = new Message();
    for (long size : shape) {
      Message dimension = new Message();
      if (size >= 0) {
        dimension.number(1, size);
      } else {
        dimension.text(2, "any");
      }
      sizes.message(1, dimension);
    }
    Message tensor = new Message().number(1, type).message(2, sizes);
    return new Message().text(1, name).message(2, new Message().message(1, tensor));
  }

  /**
   * Declares an output with its type and shape.
   *
   * @param name the tensor
   * @param type its element type
   * @param shape its shape, -1 for any size
   * @return this builder
   */
  public OnnxBuilder output(String name, int type, long... shape) {
    graph.message(12, value(name, type, shape));
    return this;
  }

  /**
   * Sets the versions that the file declares.
   *
   * @param ir the version of the format; 8 by default
   * @param operators the version of the operators; 17 by default
   * @return this builder
   */
  public OnnxBuilder versions(int ir, int operators) {
    irVersion = ir;
    opset = operators;
    return this;
  }

  /**
   * Declares an output, without its type.
   *
   * @param name the tensor
   * @return this builder
   */
  public OnnxBuilder output(String name) {
    graph.message(12, new Message().text(1, name));
    return this;
  }

  /**
   * Adds a float32 weight.
   *
   * @param name its name
   * @param shape its shape
   * @param values its values
   * @return this builder
   */
  public OnnxBuilder weight(String name, long[] shape, float... values) {
    graph.message(5, tensor(name, FLOAT, shape).bytes(9, littleEndian(values)));
    return this;
  }

  /**
   * Adds a weight of 64-bit integers with one axis.
   *
   * @param name its name
   * @param values its values
   * @return this builder
   */
  public OnnxBuilder integers(String name, long... values) {
    byte[] bytes = new byte[values.length * Long.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().put(values);
    graph.message(5, tensor(name, INT64, values.length).bytes(9, bytes));
    return this;
  }

  /**
   * Adds a float32 weight whose values are in a separate file beside the model.
   *
   * @param name its name
   * @param shape its shape
   * @param file the file's name
   * @return this builder
   */
  public OnnxBuilder externalWeight(String name, long[] shape, String file) {
    Message location = new Message().text(1, "location").text(2, file);
    graph.message(5, tensor(name, FLOAT, shape).message(13, location).number(14, 1));
    return this;
  }

  /**
   * Adds a node.
   *
   * @param operator its type
   * @param name its name, possibly empty
   * @param inputs the tensors it reads, separated by commas
   * @param outputs the tensors it writes, separated by commas
   * @return this builder
   */
  public OnnxBuilder node(String operator, String name, String inputs, String outputs) {
    return node(operator, name, inputs, outputs, Map.of());
  }

  /**
   * Adds a node with attributes.
   *
   * @param operator its type
   * @param name its name, possibly empty
   * @param inputs the tensors it reads, separated by commas
   * @param outputs the tensors it writes, separated by commas
   * @param attributes lists of integers, or a single integer, as a list of length one under "=name"
   * @return this builder
   */
  public OnnxBuilder node(
      String operator,
      String name,
      String inputs,
      String outputs,
      Map<String, List<Long>> attributes) {
    Message node = new Message();
    for (String input : inputs.split(",", -1)) {
      node.text(1, input);
    }
    for (String output : outputs.split(",", -1)) {
      node.text(2, output);
    }
    if (!name.isEmpty()) {
      node.text(3, name);
    }
    node.text(4, operator);
    attributes.forEach((key, values) -> node.message(5, attribute(key, values)));
    graph.message(1, node);
    return this;
  }

  private static Message attribute(String key, List<Long> values) {
    if (key.startsWith("=")) {
      return new Message().text(1, key.substring(1)).number(3, values.get(0)).number(20, 2);
    }
    Message attribute = new Message().text(1, key).number(20, 7);
    values.forEach(value -> attribute.number(8, value));
    return attribute;
  }

  /** {@return the content of the file} */
  public byte[] bytes() {
    return new Message()
        .number(1, irVersion)
        .message(8, new Message().number(2, opset))
        .message(7, graph)
        .bytes();
  }

  /**
   * Writes the file.
   *
   * @param file the file to write
   * @return the file
   */
  public Path write(Path file) {
    try {
      return Files.write(file, bytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * {@return float32 numbers as ONNX stores them, four bytes each}
   *
   * @param values the numbers
   */
  public static byte[] littleEndian(float... values) {
    byte[] bytes = new byte[values.length * Float.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(values);
    return bytes;
  }

  private static Message tensor(String name, int type, long... shape) {
    Message tensor = new Message();
    for (long size : shape) {
      tensor.number(1, size);
    }
    return tensor.number(2, type).text(8, name);
  }

  /** A message in the wire format of protocol buffers. */
  private static final class Message {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Message number(int field, long value) {
      varint((long) field << 3);
      varint(value);
      return this;
    }

    Message text(int field, String value) {
      return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    Message message(int field, Message value) {
      return bytes(field, value.bytes());
    }

    Message bytes(int field, byte[] value) {
      varint(((long) field << 3) | 2);
      varint(value.length);
      out.writeBytes(value);
      return this;
    }

    byte[] bytes() {
      return out.toByteArray();
    }

    private void varint(long value) {
      long rest = value;
      while ((rest & ~0x7fL) != 0) {
        out.write((int) ((rest & 0x7f) | 0x80));
        rest >>>= 7;
      }
      out.write((int) rest);
    }
  }
}
