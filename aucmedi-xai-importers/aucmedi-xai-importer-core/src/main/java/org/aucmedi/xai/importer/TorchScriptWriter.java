package org.aucmedi.xai.importer;

import ai.djl.ndarray.types.Shape;
import com.google.common.base.CharMatcher;
import com.google.common.base.Joiner;
import com.google.common.primitives.Longs;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes a {@link Graph} as a TorchScript archive: a zip of the pickled tree of modules, the code
 * of their classes, and the weights. Every layer becomes a module under its own name, of a class
 * that holds its operations.
 *
 * <p>An additional entry, {@code extra/aucmedi-xai.properties}, tells what TorchScript cannot:
 * where the input has its channels, its shape, and which of several outputs is the default one.
 */
public final class TorchScriptWriter {

  /** A tensor that a layer owns. */
  record Weight(Value value, Constant constant, boolean parameter) {}

  /** A module: the layers of one name, code and weights, which are calls of it. */
  private record Module(String name, String className, Map<String, Weight> weights) {

    boolean holds(Map<String, Weight> others) {
      return weights.entrySet().stream()
          .allMatch(own -> others.get(own.getKey()).constant() == own.getValue().constant());
    }
  }

  private static final Pattern PLACEHOLDER = Pattern.compile("\\{(\\d+)}");

  /** The characters that have a meaning in the code's strings. */
  private static final CharMatcher UNPRINTABLE =
      CharMatcher.anyOf("\"'\\").or(CharMatcher.javaIsoControl());

  /** Stands for the name of a class in its own code. */
  private static final String OWN_CLASS = "\0";

  /** Names that the main module has for something else. */
  private static final Set<String> RESERVED = Set.of("", "training", "forward");

  private static final LocalDateTime EPOCH = LocalDateTime.of(1980, 1, 1, 0, 0);
  private static final int CHUNK = 1 << 16;

  private final Graph graph;

  /** The full names of the classes by their code, in which the name itself is left open. */
  private final Map<String, String> classes = new LinkedHashMap<>();

  /** The modules by name, in the order in which they are first called. */
  private final Map<String, Module> modules = new LinkedHashMap<>();

  /** The variables of the main module's code. */
  private final Map<Value, String> variables = new HashMap<>();

  private final Map<Constant, Integer> storages = new HashMap<>();
  private final List<Constant> stored = new ArrayList<>();

  /** The values that an output is, or that a layer takes from another. */
  private final Set<Value> taken = new HashSet<>();

  private TorchScriptWriter(Graph graph) {
    this.graph = graph;
    taken.addAll(graph.outputs().values());
    for (LayerBuilder layer : graph.layers()) {
      for (LayerBuilder.Statement statement : layer.statements()) {
        statement.inputs().stream().filter(value -> value.layer() != layer).forEach(taken::add);
      }
    }
  }

  /**
   * Writes a graph.
   *
   * @param graph the graph
   * @param file where to; overwritten
   * @throws IOException if the file cannot be written
   */
  public static void write(Graph graph, Path file) throws IOException {
    new TorchScriptWriter(graph).write(file);
  }

  private void write(Path file) throws IOException {
    String main = mainCode();
    Map<String, String> code = new TreeMap<>();
    classes.forEach(
        (text, name) -> {
          int dot = name.lastIndexOf('.');
          String path = "code/" + name.substring(0, dot).replace('.', '/') + ".py";
          code.merge(path, text.replace(OWN_CLASS, name), String::concat);
        });
    code.put("code/__torch__.py", main);
    byte[] tree = tree();

    try (ZipOutputStream zip =
        new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(file), 1 << 16))) {
      put(zip, "data.pkl", ByteBuffer.wrap(tree));
      put(zip, "constants.pkl", ByteBuffer.wrap(new Pickler().emptyTuple().toBytes()));
      for (Map.Entry<String, String> entry : code.entrySet()) {
        put(zip, entry.getKey(), utf8(entry.getValue()));
      }
      put(zip, "extra/aucmedi-xai.properties", utf8(properties()));
      for (int i = 0; i < stored.size(); i++) {
        put(zip, "data/" + i, stored.get(i).bytes());
      }
      put(zip, "byteorder", utf8("little"));
      put(zip, "version", utf8("10\n"));
    }
  }

  private String mainCode() {
    List<String> arguments = new ArrayList<>();
    graph.inputs().values().forEach(input -> arguments.add(variable(variables, input, "x")));
    StringBuilder body = new StringBuilder();
    Map<String, String> fetched = new HashMap<>();
    for (LayerBuilder layer : graph.layers()) {
      addCall(layer, body, fetched);
    }
    StringBuilder code = new StringBuilder("class Model(Module):\n");
    code.append("  __parameters__ = []\n  __buffers__ = []\n  training : bool\n");
    for (Module module : modules.values()) {
      code.append("  __annotations__[\"%s\"] = %s\n".formatted(module.name(), module.className()));
    }
    boolean one = graph.outputs().size() == 1;
    code.append("  def forward(self: __torch__.Model")
        .append(typed(arguments))
        .append(one ? ") -> Tensor:\n" : ") -> Dict[str, Tensor]:\n")
        .append(body);
    String outputs =
        one
            ? variables.get(graph.outputs().values().iterator().next())
            : graph.outputs().entrySet().stream()
                .map(output -> quoted(output.getKey()) + ": " + variables.get(output.getValue()))
                .collect(Collectors.joining(", ", "{", "}"));
    return code.append("    return ").append(outputs).append('\n').toString();
  }

  private void addCall(LayerBuilder layer, StringBuilder body, Map<String, String> fetched) {
    Set<Value> arguments = new LinkedHashSet<>();
    Set<Value> own = new LinkedHashSet<>();
    layer.weights().values().forEach(weight -> own.add(weight.value()));
    for (LayerBuilder.Statement statement : layer.statements()) {
      statement.inputs().stream().filter(value -> !own.contains(value)).forEach(arguments::add);
      own.addAll(statement.results());
    }
    List<Value> results = own.stream().filter(taken::contains).toList();
    Module module = module(layer, code(layer, List.copyOf(arguments), results));
    String object =
        fetched.computeIfAbsent(
            module.name(),
            name -> {
              String variable = "layer" + fetched.size();
              body.append("    %s = getattr(self, \"%s\")\n".formatted(variable, name));
              return variable;
            });
    String left =
        results.stream()
            .map(value -> variable(variables, value, "v"))
            .collect(Collectors.joining(", "));
    body.append("    ")
        .append(left)
        .append(results.size() > 1 ? ", = (" : " = (")
        .append(object)
        .append(").forward(");
    arguments.forEach(argument -> body.append(variables.get(argument)).append(", "));
    body.append(")\n");
  }

  /** Writes the code of a layer's class. */
  private String code(LayerBuilder layer, List<Value> arguments, List<Value> results) {
    Map<Value, String> names = new HashMap<>();
    List<String> parameters = new ArrayList<>();
    arguments.forEach(argument -> parameters.add(variable(names, argument, "x")));
    StringBuilder body = new StringBuilder();
    layer
        .weights()
        .forEach(
            (name, weight) -> {
              names.put(weight.value(), name);
              body.append("    %s = self.%s\n".formatted(name, name));
            });
    for (LayerBuilder.Statement statement : layer.statements()) {
      List<String> inputs = statement.inputs().stream().map(names::get).toList();
      List<String> left =
          statement.results().stream().map(result -> variable(names, result, "_")).toList();
      body.append("    ")
          .append(Joiner.on(", ").join(left))
          .append(left.size() > 1 ? ", = " : " = ")
          .append(filled(statement.operation().expression(), inputs))
          .append('\n');
    }
    String returned = results.stream().map(names::get).collect(Collectors.joining(", "));
    String type =
        results.size() == 1
            ? "Tensor"
            : "Tuple[" + Joiner.on(", ").join(results.stream().map(r -> "Tensor").toList()) + "]";
    StringBuilder code = new StringBuilder();
    code.append("class ").append(simpleName(layer.torchClass())).append("(Module):\n");
    code.append("  __parameters__ = ").append(names(layer.weights(), true)).append('\n');
    code.append("  __buffers__ = ").append(names(layer.weights(), false)).append('\n');
    code.append("  training : bool\n");
    layer.weights().keySet().forEach(name -> code.append("  %s : Tensor\n".formatted(name)));
    code.append("  def forward(self: ").append(OWN_CLASS).append(typed(parameters));
    code.append(") -> ").append(type).append(":\n").append(body);
    code.append("    return ").append(results.size() == 1 ? returned : "(" + returned + ")");
    return code.append('\n').toString();
  }

  private static String names(Map<String, Weight> weights, boolean parameters) {
    return weights.entrySet().stream()
        .filter(weight -> weight.getValue().parameter() == parameters)
        .map(weight -> "\"" + weight.getKey() + "\", ")
        .collect(Collectors.joining("", "[", "]"));
  }

  private static String typed(List<String> arguments) {
    return arguments.stream()
        .map(argument -> ",\n    " + argument + ": Tensor")
        .collect(Collectors.joining());
  }

  private static String filled(String expression, List<String> inputs) {
    return PLACEHOLDER
        .matcher(expression)
        .replaceAll(
            found -> Matcher.quoteReplacement(inputs.get(Integer.parseInt(found.group(1)))));
  }

  private static String variable(Map<Value, String> names, Value value, String prefix) {
    return names.computeIfAbsent(value, key -> prefix + names.size());
  }

  /** Finds the module that a layer calls, or makes it. */
  private Module module(LayerBuilder layer, String code) {
    String className = classes.computeIfAbsent(code, text -> className(layer.torchClass()));
    String base = UNPRINTABLE.replaceFrom(layer.name(), '_');
    for (int i = 0; ; i++) {
      String name = i == 0 ? base : base + "_" + i;
      if (!RESERVED.contains(name)) {
        Module module =
            modules.computeIfAbsent(name, key -> new Module(key, className, layer.weights()));
        if (module.className().equals(className) && module.holds(layer.weights())) {
          return module;
        }
      }
    }
  }

  /** A class name that is not taken yet, with the package that PyTorch inserts for it. */
  private String className(String torchClass) {
    String name = "__torch__." + torchClass;
    if (!classes.containsValue(name)) {
      return name;
    }
    int dot = name.lastIndexOf('.');
    return name.substring(0, dot) + ".___torch_mangle_" + classes.size() + name.substring(dot);
  }

  private static String simpleName(String torchClass) {
    return torchClass.substring(torchClass.lastIndexOf('.') + 1);
  }

  /** Pickles the tree of modules. */
  private byte[] tree() {
    Pickler pickler = new Pickler().startObject("__torch__", "Model");
    pickler.string("training").bool(false);
    for (Module module : modules.values()) {
      int dot = module.className().lastIndexOf('.');
      pickler
          .string(module.name())
          .startObject(module.className().substring(0, dot), module.className().substring(dot + 1));
      pickler.string("training").bool(false);
      module
          .weights()
          .forEach(
              (name, weight) -> {
                Constant constant = weight.constant();
                int storage =
                    storages.computeIfAbsent(
                        constant,
                        key -> {
                          stored.add(key);
                          return stored.size() - 1;
                        });
                pickler.string(name).tensor(storage, constant.type(), weight.parameter());
              });
      pickler.endObject();
    }
    return pickler.endObject().toBytes();
  }

  private String properties() {
    StringBuilder text = new StringBuilder();
    if (graph.layout() != null) {
      text.append("layout=").append(graph.layout()).append('\n');
    }
    Shape shape = graph.inputShape();
    if (shape != null) {
      text.append("input-shape=").append(Joiner.on(',').join(Longs.asList(shape.getShape())));
      text.append('\n');
    }
    if (graph.outputs().size() == 1) {
      put(text, "only-output", graph.outputs().keySet().iterator().next());
    } else if (graph.defaultOutput() != null) {
      put(text, "default-output", graph.defaultOutput());
    }
    return text.toString();
  }

  /** Adds a line in the format of {@link java.util.Properties}, with a name as the code has it. */
  private static void put(StringBuilder text, String key, String name) {
    text.append(key).append('=').append(UNPRINTABLE.replaceFrom(name, '_')).append('\n');
  }

  private static String quoted(String text) {
    return '"' + UNPRINTABLE.replaceFrom(text, '_') + '"';
  }

  private static ByteBuffer utf8(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Adds an entry, uncompressed, as libtorch expects it. */
  private static void put(ZipOutputStream zip, String name, ByteBuffer content) throws IOException {
    // The name of the folder does not matter; without a date, equal models are equal files.
    ZipEntry entry = new ZipEntry("model/" + name);
    entry.setTimeLocal(EPOCH);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(content.remaining());
    CRC32 sum = new CRC32();
    sum.update(content.duplicate());
    entry.setCrc(sum.getValue());
    zip.putNextEntry(entry);
    ByteBuffer left = content.duplicate();
    byte[] chunk = new byte[Math.min(left.remaining(), CHUNK)];
    while (left.hasRemaining()) {
      int count = Math.min(left.remaining(), chunk.length);
      left.get(chunk, 0, count);
      zip.write(chunk, 0, count);
    }
    zip.closeEntry();
  }
}
