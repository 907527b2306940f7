package org.aucmedi.xai.importer.keras;

import ai.djl.ndarray.types.Shape;
import com.google.common.primitives.Longs;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.importer.Constant;
import org.aucmedi.xai.importer.Graph;
import org.aucmedi.xai.importer.LayerBuilder;
import org.aucmedi.xai.importer.Operation;
import org.aucmedi.xai.importer.Operations;
import org.aucmedi.xai.importer.Value;
import org.aucmedi.xai.importer.keras.Calls.Call;
import org.aucmedi.xai.importer.keras.WeightStore.Part;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.jspecify.annotations.Nullable;

/** One call of one layer, which a {@link LayerRule} translates. */
final class LayerCall {

  private final KerasFile file;
  private final Graph.Builder graph;
  private final String name;
  private final String className;
  private final JsonObject config;
  private final Call call;
  private final List<Value> inputs;
  private final WeightStore.OfLayer weights;
  private final Map<String, Constant> constants;
  private @Nullable LayerBuilder layer;

  LayerCall(
      KerasFile file,
      Graph.Builder graph,
      String name,
      String className,
      JsonObject config,
      Call call,
      List<Value> inputs,
      WeightStore.OfLayer weights,
      Map<String, Constant> constants) {
    this.file = file;
    this.graph = graph;
    this.name = name;
    this.className = className;
    this.config = config;
    this.call = call;
    this.inputs = inputs;
    this.weights = weights;
    this.constants = constants;
  }

  /**
   * A layer inside this one, whose operations are this layer's.
   *
   * @param json its class and configuration
   * @param attribute the attribute of this layer that it is
   * @param input what it is called with
   */
  LayerCall inner(JsonObject json, String attribute, Value input) {
    LayerCall inner =
        new LayerCall(
            file,
            graph,
            name,
            json.get("class_name").getAsString(),
            json.getAsJsonObject("config"),
            new Call(List.of(), Map.of()),
            List.of(input),
            (part, role) -> weights.next(part.of(attribute), role),
            constants);
    inner.layer = layer();
    return inner;
  }

  /**
   * A part of this layer that becomes a layer of its own, before it, so that its output can be
   * seen; this layer itself if it has begun, as one inside another has.
   *
   * @param part its name within this layer
   * @param torchClass says its kind
   */
  LayerCall part(String part, String torchClass) {
    if (layer != null) {
      return this;
    }
    LayerCall own =
        new LayerCall(
            file, graph, name + "/" + part, className, config, call, inputs, weights, constants);
    own.start(torchClass);
    return own;
  }

  List<Value> compile() {
    if (className.equals("InputLayer")) {
      return inputs;
    }
    LayerRule rule = LayerRules.of(className);
    if (rule == null) {
      throw unsupported("is not supported; " + LayerRules.remedy(className, localName()));
    }
    if (inputs.isEmpty()) {
      throw unsupported("has no input");
    }
    try {
      return rule.apply(this);
    } catch (IllegalArgumentException e) {
      throw new XAIException(
          file.path()
              + ": layer '"
              + name
              + "' of the type "
              + className
              + " cannot be built: "
              + e.getMessage()
              + "; copy the file again, or save the model anew",
          e);
    }
  }

  UnsupportedModelException unsupported(String what) {
    return new UnsupportedModelException(
        file.path() + ": layer '" + name + "' of the type " + className + " " + what);
  }

  boolean isKeras3() {
    return file.isKeras3();
  }

  String name() {
    return name;
  }

  /** The name without those of the models that it is nested in. */
  private String localName() {
    return text("name", name);
  }

  /** The class without the package that it is registered in, as an identifier. */
  private String simpleName() {
    return className.substring(className.lastIndexOf('>') + 1).replaceAll("\\W", "_");
  }

  String className() {
    return className;
  }

  JsonObject config() {
    return config;
  }

  Call call() {
    return call;
  }

  List<Value> inputs() {
    return inputs;
  }

  /**
   * The tensors and numbers that the layer is called with, in their order; {@code name} is the
   * function's own.
   */
  List<Value> operands() {
    List<Object> arguments = new ArrayList<>(call.arguments());
    call.named()
        .forEach(
            (key, argument) -> {
              if (!key.equals("name")) {
                arguments.add(argument);
              }
            });
    if (arguments.isEmpty()) {
      return inputs;
    }
    List<Value> operands = new ArrayList<>();
    int tensor = 0;
    for (Object argument : arguments) {
      if (!(argument instanceof JsonElement element)) {
        operands.add(inputs.get(tensor++));
      } else if (!element.isJsonNull()) {
        operands.add(literal("constant" + operands.size(), element));
      }
    }
    return operands;
  }

  /** A constant that the layer is called with, by its name or its position; null if it is not. */
  @Nullable JsonElement argument(String key, int position) {
    Object given = call.named().get(key);
    if (given == null && position < call.arguments().size()) {
      given = call.arguments().get(position);
    }
    return given instanceof JsonElement element && !element.isJsonNull() ? element : null;
  }

  /** The only input. */
  Value input() {
    if (inputs.size() != 1) {
      throw unsupported("is called with " + inputs.size() + " tensors, not 1");
    }
    return inputs.get(0);
  }

  /** The shape of an input. */
  static Shape shape(Value value) {
    return value.type().knownShape();
  }

  /** The number of axes of an input. */
  static int rank(Value value) {
    return shape(value).dimension();
  }

  /** The number of channels. */
  long size(Value value, int axis) {
    int counted = axis < 0 ? axis + rank(value) : axis;
    long size = shape(value).get(counted);
    if (size < 0) {
      throw unsupported("needs to know the size of axis " + counted + " of its input");
    }
    return size;
  }

  /** Starts the layer, whose class says what kind it is; one inside another is part of that. */
  LayerBuilder start(String torchClass) {
    if (layer == null) {
      layer = graph.layer(name, torchClass);
    }
    return layer;
  }

  private LayerBuilder layer() {
    return layer == null ? start("keras.layers." + simpleName()) : layer;
  }

  Value apply(Operation operation, Value... values) {
    return layer().apply(operation, values);
  }

  /** The next weight, as it is. */
  Value weight(String role, long... shape) {
    return weight(Part.SELF, role, role, constant -> constant, shape);
  }

  /** The next weight, changed. */
  Value weight(String role, UnaryOperator<Constant> change, long... shape) {
    return weight(Part.SELF, role, role, change, shape);
  }

  /**
   * The next weight.
   *
   * @param part the layer inside the layer that has it
   * @param role what it is
   * @param attribute its name in the result
   * @param change what is done to it
   * @param shape the shape it must have; -1 for any size
   */
  Value weight(
      Part part, String role, String attribute, UnaryOperator<Constant> change, long... shape) {
    Constant constant =
        constants.computeIfAbsent(
            name + "\0" + attribute, key -> change.apply(read(part, role, shape)));
    boolean statistics =
        role.startsWith("moving_") || role.equals("mean") || role.equals("variance");
    return statistics ? layer().buffer(attribute, constant) : layer().weight(attribute, constant);
  }

  private Constant read(Part part, String role, long... shape) {
    Constant constant = weights.next(part, role);
    if (constant == null) {
      throw new XAIException(
          file.path()
              + ": layer '"
              + name
              + "' of the type "
              + className
              + " has no weight '"
              + (part.attribute().isEmpty() ? role : part.attribute() + "/" + role)
              + "'; save the whole model, model.save('model.keras')");
    }
    long[] own = constant.shape().getShape();
    boolean fits = own.length == shape.length;
    for (int axis = 0; fits && axis < own.length; axis++) {
      fits = shape[axis] < 0 || own[axis] == shape[axis];
    }
    if (!fits) {
      throw new XAIException(
          file.path()
              + ": layer '"
              + name
              + "' of the type "
              + className
              + " has a weight '"
              + role
              + "' of shape "
              + Arrays.toString(own)
              + ", but its configuration asks for "
              + Arrays.toString(shape).replace("-1", "any")
              + "; the weights are those of another model");
    }
    return constant;
  }

  /** A constant that is no weight of the file. */
  Value constant(String attribute, float[] values, long... shape) {
    Constant constant =
        constants.computeIfAbsent(name + "\0" + attribute, key -> Constant.of(values, shape));
    return layer().buffer(attribute, constant);
  }

  /** A number, or an array of numbers, that the configuration holds itself. */
  Value literal(String attribute, JsonElement element) {
    JsonElement value = element;
    if (element.isJsonObject()) {
      // {"class_name": "__numpy__", "config": {"value": [...]}}
      JsonElement inner = element.getAsJsonObject().get("config");
      value = inner != null && inner.isJsonObject() ? inner.getAsJsonObject().get("value") : null;
      value = value == null ? element.getAsJsonObject().get("value") : value;
    }
    if (value == null || value.isJsonNull() || value.isJsonObject()) {
      throw unsupported("is called with " + element + ", which is not supported");
    }
    List<Long> dimensions = new ArrayList<>();
    for (JsonElement part = value; part.isJsonArray(); part = part.getAsJsonArray().get(0)) {
      dimensions.add((long) part.getAsJsonArray().size());
    }
    long[] shape = Longs.toArray(dimensions);
    return constant(attribute, flat(value), shape.length == 0 ? new long[] {1} : shape);
  }

  private boolean has(String key) {
    return config.has(key) && !config.get(key).isJsonNull();
  }

  boolean flag(String key, boolean otherwise) {
    return has(key) ? config.get(key).getAsBoolean() : otherwise;
  }

  double number(String key, double otherwise) {
    return has(key) ? scalar(config.get(key)) : otherwise;
  }

  /** A number, which newer versions may wrap. */
  private static double scalar(JsonElement element) {
    return element.isJsonObject()
        ? scalar(
            element
                .getAsJsonObject()
                .get(element.getAsJsonObject().has("value") ? "value" : "config"))
        : element.getAsDouble();
  }

  String text(String key, String otherwise) {
    return has(key) && config.get(key).isJsonPrimitive()
        ? config.get(key).getAsString()
        : otherwise;
  }

  /** One number for each axis; one number alone counts for all. */
  int[] axes(String key, int count, int otherwise) {
    int[] values = new int[count];
    Arrays.fill(values, otherwise);
    if (has(key)) {
      JsonElement element = config.get(key);
      for (int axis = 0; axis < count; axis++) {
        values[axis] =
            element.isJsonArray()
                ? element.getAsJsonArray().get(axis).getAsInt()
                : element.getAsInt();
      }
    }
    return values;
  }

  /** A list of integers of any length, or one alone. */
  int[] list(String key, int... otherwise) {
    if (!has(key)) {
      return otherwise;
    }
    JsonElement element = config.get(key);
    if (!element.isJsonArray()) {
      return new int[] {element.getAsInt()};
    }
    JsonArray array = element.getAsJsonArray();
    int[] values = new int[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = array.get(i).getAsInt();
    }
    return values;
  }

  /** A list of numbers of any depth, or one alone. */
  float[] numbers(String key) {
    if (!has(key)) {
      return new float[0];
    }
    return flat(config.get(key));
  }

  static float[] flat(JsonElement element) {
    if (!element.isJsonArray()) {
      return new float[] {(float) scalar(element)};
    }
    float[] all = new float[0];
    for (JsonElement part : element.getAsJsonArray()) {
      float[] more = flat(part);
      int length = all.length;
      all = Arrays.copyOf(all, length + more.length);
      System.arraycopy(more, 0, all, length, more.length);
    }
    return all;
  }

  /** What lies before and after the image on each axis: one number, pairs, or one for each axis. */
  int[][] sides(String key, int count) {
    int[][] sides = new int[2][count];
    JsonElement element = config.get(key);
    for (int axis = 0; axis < count; axis++) {
      JsonElement own =
          element.isJsonArray() && (count > 1 || element.getAsJsonArray().get(0).isJsonArray())
              ? element.getAsJsonArray().get(axis)
              : element;
      boolean pair = own.isJsonArray();
      sides[0][axis] = pair ? own.getAsJsonArray().get(0).getAsInt() : own.getAsInt();
      sides[1][axis] = pair ? own.getAsJsonArray().get(1).getAsInt() : own.getAsInt();
    }
    return sides;
  }

  boolean isChannelsFirst() {
    return text("data_format", "channels_last").equals("channels_first");
  }

  /** The input with its channels at the second axis; a view. */
  Value toChannelsFirst(Value value) {
    return isChannelsFirst() ? value : apply(Operations.channelsFirst(rank(value)), value);
  }

  /** Back to the layer's own axes. */
  Value fromChannelsFirst(Value value) {
    return isChannelsFirst() ? value : apply(Operations.channelsLast(rank(value)), value);
  }

  /** Applies the activation that the layer has as an argument. */
  Value activated(Value value) {
    return has("activation") ? Activations.apply(this, config.get("activation"), value) : value;
  }
}
