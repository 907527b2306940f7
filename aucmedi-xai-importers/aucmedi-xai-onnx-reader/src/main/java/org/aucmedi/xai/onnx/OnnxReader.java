package org.aucmedi.xai.onnx;

import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.Longs;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.importer.Constant;
import org.aucmedi.xai.importer.ElementType;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.aucmedi.xai.onnx.OnnxContent.Attribute;
import org.aucmedi.xai.onnx.OnnxContent.Node;
import org.aucmedi.xai.onnx.OnnxContent.Variable;
import org.aucmedi.xai.onnx.OnnxContent.Weight;
import org.jspecify.annotations.Nullable;

/**
 * Reads an ONNX file, mapped into memory: its weights are read from there when they are needed.
 *
 * <p>The numbers of fields are those of <a
 * href="https://github.com/onnx/onnx/blob/main/onnx/onnx.proto">onnx.proto</a>, which never change.
 */
public final class OnnxReader {

  private static final int GRAPH = 7;
  private static final int EXTERNAL = 1;

  private final Path file;
  private final Map<String, Long> opsets = new HashMap<>();
  private final Map<String, Variable> inputs = new LinkedHashMap<>();
  private final Map<String, Variable> outputs = new LinkedHashMap<>();
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Weight> weights = new LinkedHashMap<>();
  private final Map<String, Integer> types = new HashMap<>();
  private final Set<String> sparse = new HashSet<>();

  /** Weights whose values are in files of their own, those of subgraphs too. */
  private final List<Tensor> outside = new ArrayList<>();

  private OnnxReader(Path file) {
    this.file = file;
  }

  /**
   * Reads a file.
   *
   * @param file an ONNX file
   * @return its content
   * @throws IOException if the file cannot be opened
   * @throws XAIException if it is damaged
   */
  public static OnnxContent read(Path file) throws IOException {
    return read(file, map(file));
  }

  /**
   * Names the files that a model consists of.
   *
   * @param file an ONNX file
   * @return the file, then those beside it that have its weights, which may be missing
   * @throws IOException if the file cannot be opened
   * @throws XAIException if it is damaged, or names a file outside its folder
   */
  public static List<Path> files(Path file) throws IOException {
    OnnxReader reader = new OnnxReader(file);
    var unused = reader.content(map(file));
    return Stream.concat(Stream.of(file), reader.outside.stream().map(Tensor::outsideFile))
        .distinct()
        .toList();
  }

  private static ByteBuffer map(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      if (channel.size() > Integer.MAX_VALUE) {
        throw new XAIException(
            file
                + " is larger than 2 GB, more than an ONNX file can hold; export it with its"
                + " weights in a separate file");
      }
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
    }
  }

  /**
   * Reads the bytes of a file.
   *
   * @param file where they are from: its folder has external weights
   * @param bytes the bytes
   * @return the content
   * @throws XAIException if they are damaged
   */
  public static OnnxContent read(Path file, ByteBuffer bytes) {
    return new OnnxReader(file).content(bytes);
  }

  private OnnxContent content(ByteBuffer bytes) {
    try {
      return model(new ProtoReader(bytes));
    } catch (IOException e) {
      throw new XAIException(
          file
              + " is not a complete ONNX file ("
              + e.getMessage()
              + "); download or export it again",
          e);
    }
  }

  private OnnxContent model(ProtoReader in) throws IOException {
    while (in.next()) {
      if (in.field() == GRAPH) {
        graph(in.message());
      } else if (in.field() == 8) {
        opset(in.message());
      }
    }
    if (nodes.isEmpty()) {
      throw new IOException("it holds no graph");
    }
    // Old files list their weights among the inputs.
    inputs.keySet().removeAll(weights.keySet());
    return new OnnxContent(
        ImmutableMap.copyOf(opsets),
        ImmutableList.copyOf(inputs.values()),
        ImmutableList.copyOf(outputs.values()),
        ImmutableList.copyOf(nodes),
        ImmutableMap.copyOf(weights),
        ImmutableMap.copyOf(types),
        ImmutableSet.copyOf(sparse));
  }

  private void opset(ProtoReader in) throws IOException {
    String domain = "";
    long version = 1;
    while (in.next()) {
      switch (in.field()) {
        case 1 -> domain = in.string();
        case 2 -> version = in.number();
        default -> {}
      }
    }
    opsets.put(domain.equals("ai.onnx") ? "" : domain, version);
  }

  /** The main graph; a file may contain it in several pieces, which are merged. */
  private void graph(ProtoReader in) throws IOException {
    while (in.next()) {
      switch (in.field()) {
        case 1 -> nodes.add(node(in.message()));
        case 5 -> {
          Tensor tensor = new Tensor(in.message());
          weights.put(tensor.name, tensor);
        }
        case 11 -> putVariable(inputs, in.message());
        case 12 -> putVariable(outputs, in.message());
        case 13 -> {
          Map<String, Variable> inner = new HashMap<>();
          putVariable(inner, in.message());
          inner.values().forEach(variable -> putType(variable.name(), variable.type()));
        }
        case 15 -> sparse(in.message());
        default -> {}
      }
    }
  }

  private void putType(String name, int type) {
    if (type != 0) {
      types.put(name, type);
    }
  }

  private void sparse(ProtoReader in) throws IOException {
    while (in.next()) {
      if (in.field() == 1) {
        Tensor values = new Tensor(in.message());
        sparse.add(values.name);
        putType(values.name, values.type());
      }
    }
  }

  private Node node(ProtoReader in) throws IOException {
    String name = "";
    String operator = "";
    String domain = "";
    List<String> from = new ArrayList<>();
    List<String> to = new ArrayList<>();
    Map<String, Attribute> attributes = new HashMap<>();
    List<String> captured = new ArrayList<>();
    while (in.next()) {
      switch (in.field()) {
        case 1 -> from.add(in.string());
        case 2 -> to.add(in.string());
        case 3 -> name = in.string();
        case 4 -> operator = in.string();
        case 5 -> putAttribute(attributes, captured, in.message());
        case 7 -> domain = in.string();
        default -> {}
      }
    }
    return new Node(
        name,
        operator,
        domain.equals("ai.onnx") ? "" : domain,
        ImmutableList.copyOf(from),
        ImmutableList.copyOf(to),
        ImmutableMap.copyOf(attributes),
        ImmutableList.copyOf(captured));
  }

  private void putAttribute(
      Map<String, Attribute> attributes, List<String> captured, ProtoReader in) throws IOException {
    String name = "";
    float f = 0;
    long i = 0;
    String s = "";
    Weight tensor = null;
    List<Float> floats = new ArrayList<>();
    List<Long> ints = new ArrayList<>();
    boolean graph = false;
    while (in.next()) {
      switch (in.field()) {
        case 1 -> name = in.string();
        case 2 -> f = in.float32();
        case 3 -> i = in.number();
        case 4 -> s = in.string();
        case 5 -> tensor = new Tensor(in.message());
        case 6, 11 -> {
          graph = true;
          captures(in.message(), captured);
        }
        case 7 -> {
          ByteBuffer numbers = in.floats(4);
          while (numbers.hasRemaining()) {
            floats.add(numbers.getFloat());
          }
        }
        case 8 -> in.numbers(ints::add);
        default -> {}
      }
    }
    attributes.put(
        name,
        new Attribute(
            f, i, s, tensor, ImmutableList.copyOf(floats), ImmutableList.copyOf(ints), graph));
  }

  /** Collects the tensors that a subgraph reads; listing its own tensors is harmless. */
  private void captures(ProtoReader in, List<String> captured) throws IOException {
    while (in.next()) {
      if (in.field() == 1) {
        Node inner = node(in.message());
        captured.addAll(inner.inputs());
        captured.addAll(inner.captured());
      } else if (in.field() == 5) {
        var unused = new Tensor(in.message());
      } else if (in.field() == 12) {
        Map<String, Variable> results = new HashMap<>();
        putVariable(results, in.message());
        captured.addAll(results.keySet());
      }
    }
  }

  private static void putVariable(Map<String, Variable> variables, ProtoReader in)
      throws IOException {
    String name = "";
    int type = 0;
    long[] shape = null;
    while (in.next()) {
      if (in.field() == 1) {
        name = in.string();
      } else if (in.field() == 2) {
        ProtoReader kind = in.message();
        while (kind.next()) {
          if (kind.field() != 1) {
            type = kind.field() == 6 ? type : OnnxContent.NO_TENSOR; // 6 is a note on what it means
          } else {
            ProtoReader tensor = kind.message();
            while (tensor.next()) {
              switch (tensor.field()) {
                case 1 -> type = (int) tensor.number();
                case 2 -> shape = shape(tensor.message());
                default -> {}
              }
            }
          }
        }
      }
    }
    variables.put(name, new Variable(name, type, shape));
  }

  private static long[] shape(ProtoReader in) throws IOException {
    List<Long> sizes = new ArrayList<>();
    while (in.next()) {
      if (in.field() == 1) {
        long size = -1;
        ProtoReader dimension = in.message();
        while (dimension.next()) {
          if (dimension.field() == 1) {
            size = Math.max(-1, dimension.number());
          }
        }
        sizes.add(size);
      }
    }
    return Longs.toArray(sizes);
  }

  /** A tensor, whose bytes stay where they are until it is read. */
  private final class Tensor implements Weight {

    private String name = "";
    private final List<Long> dimensions = new ArrayList<>();
    private long type;
    private @Nullable ByteBuffer raw;

    /** Numbers in a typed field, one slice or more. */
    private final List<ByteBuffer> floats = new ArrayList<>();

    private final List<ByteBuffer> doubles = new ArrayList<>();
    private final List<Long> integers = new ArrayList<>();
    private final Map<String, String> external = new HashMap<>();
    private long location;
    private @Nullable Constant constant;

    Tensor(ProtoReader in) throws IOException {
      while (in.next()) {
        switch (in.field()) {
          case 1 -> in.numbers(dimensions::add);
          case 2 -> type = in.number();
          case 4 -> floats.add(in.floats(4));
          case 5, 7, 11 -> in.numbers(integers::add);
          case 8 -> name = in.string();
          case 9 -> raw = in.bytes();
          case 10 -> doubles.add(in.floats(8));
          case 13 -> entry(in.message());
          case 14 -> location = in.number();
          default -> {}
        }
      }
      if (location == EXTERNAL) {
        outside.add(this);
      }
    }

    private void entry(ProtoReader in) throws IOException {
      String key = "";
      String value = "";
      while (in.next()) {
        switch (in.field()) {
          case 1 -> key = in.string();
          case 2 -> value = in.string();
          default -> {}
        }
      }
      external.put(key, value);
    }

    @Override
    public int type() {
      return (int) type;
    }

    @Override
    public Constant read() {
      if (constant == null) {
        constant = constant();
      }
      return constant;
    }

    private Constant constant() {
      ElementType element = ElementTypes.of(type);
      if (element == null) {
        throw new UnsupportedModelException(
            "%s: weight '%s' holds values of type %s, which cannot be compiled; export the model with float32 weights"
                .formatted(file, name, ElementTypes.name(type)));
      }
      long count = 1;
      try {
        for (long dimension : dimensions) {
          if (dimension < 0) {
            throw damaged("claims the shape " + dimensions);
          }
          count = Math.multiplyExact(count, dimension);
        }
        if (Math.multiplyExact(count, element.bytes()) > Integer.MAX_VALUE) {
          throw new ArithmeticException();
        }
      } catch (ArithmeticException e) {
        throw new XAIException(
            "%s: weight '%s' claims the shape %s, more than 2 GB; download or export the file again"
                .formatted(file, name, dimensions),
            e);
      }
      ByteBuffer bytes =
          location == EXTERNAL ? externalBytes(count * element.bytes()) : bytes(element);
      if (bytes.remaining() != count * element.bytes()) {
        throw damaged(
            "has %s bytes where the shape %s of %s needs %s"
                .formatted(
                    bytes.remaining(),
                    dimensions,
                    ElementTypes.name(type),
                    count * element.bytes()));
      }
      return widened(Constant.of(element, new Shape(Longs.toArray(dimensions)), bytes));
    }

    private XAIException damaged(String problem) {
      return new XAIException(
          "%s: weight '%s' %s; download or export the file again".formatted(file, name, problem));
    }

    private ByteBuffer bytes(ElementType element) {
      if (raw != null) {
        return raw.duplicate();
      }
      return switch (element) {
        case FLOAT32 -> joined(floats);
        case FLOAT64 -> joined(doubles);
        default -> {
          int size = element.bytes();
          ByteBuffer bytes =
              ByteBuffer.allocate(integers.size() * size).order(ByteOrder.LITTLE_ENDIAN);
          for (long number : integers) {
            switch (size) {
              case 1 -> bytes.put((byte) number);
              case 2 -> bytes.putShort((short) number);
              case 4 -> bytes.putInt((int) number);
              default -> bytes.putLong(number);
            }
          }
          yield bytes.flip();
        }
      };
    }

    private static ByteBuffer joined(List<ByteBuffer> parts) {
      if (parts.size() == 1) {
        return parts.get(0).duplicate();
      }
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      for (ByteBuffer part : parts) {
        byte[] copy = new byte[part.remaining()];
        part.duplicate().get(copy);
        bytes.writeBytes(copy);
      }
      return ByteBuffer.wrap(bytes.toByteArray());
    }

    Path outsideFile() {
      return inside(external.getOrDefault("location", ""));
    }

    private ByteBuffer externalBytes(long needed) {
      String place = external.getOrDefault("location", "");
      Path data = inside(place);
      long offset = number("offset", 0);
      long length = number("length", needed);
      if (!Files.isRegularFile(data)) {
        throw new XAIException(
            "%s: its weight '%s' is in the file '%s', which is missing; put that file beside the model"
                .formatted(file, name, place));
      }
      try (FileChannel channel = FileChannel.open(data)) {
        if (offset > channel.size() || length > channel.size() - offset) {
          throw new XAIException(
              "%s: its weight '%s' is in bytes %s to %s of the file '%s', which has only %s; use the file that belongs to this model"
                  .formatted(file, name, offset, offset + length, place, channel.size()));
        }
        return channel.map(
            FileChannel.MapMode.READ_ONLY, offset, Math.min(length, Integer.MAX_VALUE));
      } catch (IOException e) {
        throw new XAIException(
            "%s: cannot read the file '%s' with its weight '%s'; restore the file"
                .formatted(file, place, name),
            e);
      }
    }

    /** The file with the values, which must be in the model's folder, also behind links. */
    private Path inside(String place) {
      Path folder = file.toAbsolutePath().normalize().getParent();
      try {
        Path data = folder.resolve(place).normalize();
        boolean exists = Files.exists(data);
        if (!place.isEmpty()
            && data.startsWith(folder)
            && (!exists || data.toRealPath().startsWith(folder.toRealPath()))) {
          return data;
        }
      } catch (InvalidPathException | IOException e) {
        // Refused below.
      }
      throw new XAIException(
          "%s: its weight '%s' is in the file '%s', which is not in the model's folder; move it there and export the model again"
              .formatted(file, name, place));
    }

    private long number(String key, long otherwise) {
      String text = external.get(key);
      Long value = text == null ? (Long) otherwise : Longs.tryParse(text);
      if (value == null || value < 0) {
        throw damaged("has '" + text + "' as " + key + " in its external file");
      }
      return value;
    }
  }

  /** The constant in the type in which it is computed. */
  private static Constant widened(Constant constant) {
    ElementType type = constant.type().element();
    return ElementTypes.computed(type) == type
        ? constant
        : Constant.of(constant.floats(), constant.shape().getShape());
  }
}
