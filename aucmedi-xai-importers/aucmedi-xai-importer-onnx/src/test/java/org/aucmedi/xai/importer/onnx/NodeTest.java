package org.aucmedi.xai.importer.onnx;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import com.google.common.base.Splitter;
import com.google.common.io.ByteStreams;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.aucmedi.xai.importer.Constant;
import org.aucmedi.xai.importer.ElementType;
import org.aucmedi.xai.importer.TorchScriptWriter;
import org.aucmedi.xai.onnx.OnnxContent;
import org.aucmedi.xai.onnx.OnnxContent.Node;
import org.aucmedi.xai.onnx.OnnxContent.Weight;
import org.aucmedi.xai.onnx.OnnxReader;

/** One of ONNX's own tests of operators: a model of one node, its inputs, and its outputs. */
final class NodeTest {

  private static final Pattern HEADER =
      Pattern.compile("'descr': '[<|](\\w+)'.*'fortran_order': (\\w+).*'shape': \\(([^)]*)\\)");

  /**
   * An array of the test's data.
   *
   * @param type NumPy's code of its type
   * @param shape its shape
   * @param bytes its elements, little-endian
   */
  private record Array(String type, long[] shape, ByteBuffer bytes) {

    static Array of(byte[] npy) {
      ByteBuffer buffer = ByteBuffer.wrap(npy).order(ByteOrder.LITTLE_ENDIAN);
      int length = buffer.getShort(8);
      Matcher header = HEADER.matcher(new String(npy, 10, length, StandardCharsets.ISO_8859_1));
      if (!header.find()) {
        throw new IllegalArgumentException("unsupported header");
      }
      long[] shape =
          Arrays.stream(header.group(3).split(","))
              .map(String::strip)
              .filter(size -> !size.isEmpty())
              .mapToLong(Long::parseLong)
              .toArray();
      ByteBuffer bytes = buffer.position(10 + length).slice().order(ByteOrder.LITTLE_ENDIAN);
      if (header.group(2).equals("True")) {
        // The first axis varies fastest: a transposed array.
        int rank = shape.length;
        long[] turned = IntStream.range(0, rank).mapToLong(i -> shape[rank - 1 - i]).toArray();
        int[] axes = IntStream.range(0, rank).map(i -> rank - 1 - i).toArray();
        bytes = new Array(header.group(1), turned, bytes).constant().permuted(axes).bytes();
      }
      return new Array(header.group(1), shape, bytes);
    }

    int size() {
      return (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    }

    double[] values() {
      double[] values = new double[size()];
      for (int i = 0; i < values.length; i++) {
        values[i] =
            switch (type) {
              case "f4" -> bytes.getFloat(4 * i);
              case "f8" -> bytes.getDouble(8 * i);
              case "i4" -> bytes.getInt(4 * i);
              case "i8" -> bytes.getLong(8 * i);
              case "u1" -> bytes.get(i) & 0xff;
              case "b1", "i1" -> bytes.get(i);
              default -> throw new IllegalArgumentException("type " + type);
            };
      }
      return values;
    }

    NDArray array(NDManager manager) {
      DataType type =
          switch (this.type) {
            case "f4" -> DataType.FLOAT32;
            case "f8" -> DataType.FLOAT64;
            case "i4" -> DataType.INT32;
            case "i8" -> DataType.INT64;
            case "u1" -> DataType.UINT8;
            case "b1" -> DataType.BOOLEAN;
            default -> throw new IllegalArgumentException("type " + this.type);
          };
      return manager.create(
          bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN), new Shape(shape), type);
    }

    /** It as a weight of the model. */
    Weight weight() {
      return new Weight() {
        @Override
        public int type() {
          return 0;
        }

        @Override
        public Constant read() {
          return constant();
        }
      };
    }

    Constant constant() {
      ElementType element =
          switch (type) {
            case "f4" -> ElementType.FLOAT32;
            case "f8" -> ElementType.FLOAT64;
            case "i4" -> ElementType.INT32;
            case "i8" -> ElementType.INT64;
            case "u1" -> ElementType.UINT8;
            case "b1" -> ElementType.BOOL;
            default -> throw new IllegalArgumentException("type " + type);
          };
      return Constant.of(element, new Shape(shape), bytes.duplicate());
    }
  }

  private final String name;
  private byte[] model = new byte[0];
  private final Map<String, Array> data = new HashMap<>();

  private NodeTest(String name) {
    this.name = name;
  }

  /** Reads all tests of the archive, by name. */
  static Map<String, NodeTest> read(Path archive) throws IOException {
    Map<String, NodeTest> tests = new LinkedHashMap<>();
    try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(archive))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        List<String> path = Splitter.on('/').splitToList(entry.getName());
        if (path.size() == 2) {
          NodeTest test = tests.computeIfAbsent(path.get(0), NodeTest::new);
          byte[] content = ByteStreams.toByteArray(zip);
          if (path.get(1).equals("model.onnx")) {
            test.model = content;
          } else {
            test.readData(content);
          }
        }
      }
    }
    return tests;
  }

  private void readData(byte[] npz) throws IOException {
    try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(npz))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        data.put(entry.getName().replace(".npy", ""), Array.of(ByteStreams.toByteArray(zip)));
      }
    }
  }

  /** The file's bytes. */
  byte[] model() {
    return model;
  }

  /**
   * Compiles the model, runs it in libtorch, and compares.
   *
   * @param manager a manager of the PyTorch engine
   * @param folder a folder for the model
   * @param constants whether all inputs but the node's first are constants of the model, as axes,
   *     sizes and weights are in most files
   * @throws AssertionError if an output differs
   */
  void run(NDManager manager, Path folder, boolean constants) throws Exception {
    Path file = Files.write(folder.resolve("model.onnx"), model);
    OnnxContent read = OnnxReader.read(file);
    Set<String> pinned = new HashSet<>();
    if (constants && !read.nodes().get(0).inputs().isEmpty()) {
      Node node = read.nodes().get(0);
      node.inputs().stream().skip(1).forEach(pinned::add);
      pinned.remove(node.inputs().get(0));
    }
    Map<String, Weight> weights = new HashMap<>(read.weights());
    try (NDManager scope = manager.newSubManager()) {
      NDList inputs = new NDList();
      for (int i = 0; i < read.inputs().size(); i++) {
        String input = read.inputs().get(i).name();
        Array array = data.get("in" + i);
        if (pinned.contains(input)) {
          weights.put(input, array.weight());
        } else {
          inputs.add(array.array(scope));
        }
      }
      OnnxContent compiled =
          new OnnxContent(
              read.opsets(),
              read.inputs().stream().filter(input -> !pinned.contains(input.name())).toList(),
              read.outputs(),
              read.nodes(),
              weights,
              read.types(),
              read.sparse());
      TorchScriptWriter.write(OnnxCompiler.compileAsIs(file, compiled), folder.resolve("test.pt"));
      try (Model loaded = Model.newInstance("test", "PyTorch")) {
        loaded.load(folder, "test");
        NDList outputs = loaded.getBlock().forward(new ParameterStore(scope, false), inputs, false);
        outputs.attach(scope);
        for (int i = 0; i < read.outputs().size(); i++) {
          String output = read.outputs().get(i).name();
          NDArray got = outputs.size() == 1 ? outputs.get(0) : outputs.get(output);
          compare(output, data.get("out" + i), got);
        }
      }
    }
  }

  private void compare(String output, Array expected, NDArray got) {
    if (!Arrays.equals(expected.shape, got.getShape().getShape())) {
      throw new AssertionError(
          "%s: %s has the shape %s instead of %s"
              .formatted(name, output, got.getShape(), Arrays.toString(expected.shape)));
    }
    DataType type = got.getDataType();
    DataType wanted = expected.array(got.getManager()).getDataType();
    if (type != wanted) {
      throw new AssertionError(
          "%s: %s is of %s instead of %s".formatted(name, output, type, wanted));
    }
    double[] right = expected.values();
    double[] values =
        new Array(expected.type, expected.shape, got.toByteBuffer().order(ByteOrder.LITTLE_ENDIAN))
            .values();
    for (int i = 0; i < right.length; i++) {
      double scale = Math.max(1, Math.abs(right[i]));
      boolean same =
          Double.isNaN(right[i])
              ? Double.isNaN(values[i])
              : right[i] == values[i] || Math.abs(right[i] - values[i]) <= 1e-4 * scale;
      if (!same) {
        throw new AssertionError(
            "%s: %s[%s] is %s instead of %s".formatted(name, output, i, values[i], right[i]));
      }
    }
  }
}
