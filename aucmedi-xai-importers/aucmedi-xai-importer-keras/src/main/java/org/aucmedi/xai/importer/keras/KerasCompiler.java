package org.aucmedi.xai.importer.keras;

import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.importer.Constant;
import org.aucmedi.xai.importer.ElementType;
import org.aucmedi.xai.importer.Graph;
import org.aucmedi.xai.importer.TensorType;
import org.aucmedi.xai.importer.Value;
import org.aucmedi.xai.importer.keras.Calls.Call;
import org.aucmedi.xai.importer.keras.Calls.Reference;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.jspecify.annotations.Nullable;

/** Describes a Keras model as a {@link Graph}. */
final class KerasCompiler {

  private final KerasFile file;
  private final Graph.Builder graph = Graph.builder();

  /** The weights that have been read, by layer and name: a layer may be called several times. */
  private final Map<String, Constant> constants = new HashMap<>();

  private KerasCompiler(KerasFile file) {
    this.file = file;
  }

  /**
   * Compiles a model.
   *
   * @throws UnsupportedModelException if a layer is not supported
   * @throws XAIException if the file is damaged
   */
  static Graph compile(KerasFile file) {
    try {
      return new KerasCompiler(file).compile();
    } catch (XAIException e) {
      throw e;
    } catch (JsonParseException
        | IllegalStateException
        | ClassCastException
        | NullPointerException
        | NumberFormatException
        | UnsupportedOperationException
        | IndexOutOfBoundsException e) {
      throw new XAIException(
          file.path() + " has an architecture that cannot be read: " + e + "; copy it again", e);
    } catch (RuntimeException e) {
      throw KerasFile.damaged(file.path(), e);
    }
  }

  private Graph compile() {
    JsonObject model = file.model();
    JsonObject config = config(model);
    if (!isModel(model)) {
      throw new UnsupportedModelException(
          file.path()
              + " is a model of the Python class "
              + className(model)
              + ", whose code is not in the file; build it with keras.Model(inputs, outputs) and"
              + " save that");
    }
    Shape shape = inputShape(config);
    Value input = graph.input(inputName(config), new TensorType(ElementType.FLOAT32, shape));
    graph.layout(ChannelLayout.ofDeclared(shape, ChannelLayout.CHANNELS_LAST));
    List<Value> outputs = call(model, layers(model, "", file.weights().model()), List.of(input));
    List<String> names = outputNames(model);
    for (int i = 0; i < outputs.size(); i++) {
      String name = i < names.size() ? names.get(i) : "output_" + i;
      graph.output(names.indexOf(name) < i ? name + "_" + i : name, outputs.get(i));
    }
    graph.defaultOutput(names.get(0));
    return graph.build();
  }

  private static String className(JsonObject layer) {
    return layer.get("class_name").getAsString();
  }

  private static JsonObject config(JsonObject layer) {
    JsonElement config = layer.get("config");
    JsonObject object = new JsonObject();
    if (config.isJsonArray()) {
      // The oldest Sequential models are lists of layers.
      object.add("layers", config);
      return object;
    }
    return config.getAsJsonObject();
  }

  private static boolean isModel(JsonObject layer) {
    JsonElement config = layer.get("config");
    return config.isJsonArray()
        || (config.isJsonObject()
            && config.getAsJsonObject().has("layers")
            && config.getAsJsonObject().get("layers").isJsonArray());
  }

  private static boolean isFunctional(JsonObject config) {
    return config.has("output_layers");
  }

  private String inputName(JsonObject config) {
    if (isFunctional(config)) {
      List<Reference> inputs = Calls.ends(config.get("input_layers"));
      if (inputs.size() != 1) {
        throw new UnsupportedModelException(
            file.path()
                + " has "
                + inputs.size()
                + " inputs, "
                + inputs.stream().map(Reference::layer).toList()
                + "; models with one image input are supported");
      }
      return inputs.get(0).layer();
    }
    return "input";
  }

  private List<String> outputNames(JsonObject model) {
    JsonObject config = config(model);
    if (isFunctional(config)) {
      return Calls.ends(config.get("output_layers")).stream().map(Reference::layer).toList();
    }
    JsonArray layers = config.getAsJsonArray("layers");
    return List.of(name(layers.get(layers.size() - 1).getAsJsonObject()));
  }

  private static String name(JsonObject layer) {
    return (layer.has("name") ? layer : config(layer)).get("name").getAsString();
  }

  /** The shape of a batch, of any number of images. */
  private Shape inputShape(JsonObject config) {
    JsonElement shape = isFunctional(config) ? null : config.get("build_input_shape");
    String wanted = isFunctional(config) ? inputName(config) : null;
    for (JsonElement element : config.getAsJsonArray("layers")) {
      JsonObject layer = element.getAsJsonObject();
      if (wanted == null || wanted.equals(name(layer))) {
        JsonObject own = config(layer);
        if (isModel(layer)) {
          return inputShape(own);
        }
        JsonElement declared =
            own.has("batch_shape") ? own.get("batch_shape") : own.get("batch_input_shape");
        shape = declared == null ? shape : declared;
        break;
      }
    }
    if (shape == null || !shape.isJsonArray()) {
      throw new UnsupportedModelException(
          file.path() + " does not say the shape of its input; build the model before saving it");
    }
    JsonArray dimensions = shape.getAsJsonArray();
    if (!dimensions.isEmpty() && dimensions.get(0).isJsonArray()) {
      dimensions = dimensions.get(0).getAsJsonArray();
    }
    long[] sizes = new long[dimensions.size()];
    for (int axis = 0; axis < sizes.length; axis++) {
      boolean open = axis == 0 || dimensions.get(axis).isJsonNull();
      sizes[axis] = open ? -1 : dimensions.get(axis).getAsLong();
    }
    return new Shape(sizes);
  }

  private List<Layer> layers(JsonObject model, String prefix, WeightStore.OfModel weights) {
    List<Layer> layers = new ArrayList<>();
    for (JsonElement element : config(model).getAsJsonArray("layers")) {
      layers.add(new Layer(element.getAsJsonObject(), prefix, weights));
    }
    return layers;
  }

  /** Calls a model on inputs. */
  private List<Value> call(JsonObject model, List<Layer> layers, List<Value> inputs) {
    JsonObject config = config(model);
    return isFunctional(config)
        ? callFunctional(config, layers, inputs)
        : callSequential(layers, inputs);
  }

  private List<Value> callSequential(List<Layer> layers, List<Value> inputs) {
    List<Value> values = inputs;
    for (Layer layer : layers) {
      values = layer.call(new Call(List.of(), Map.of()), values);
    }
    return values;
  }

  private List<Value> callFunctional(JsonObject config, List<Layer> layers, List<Value> inputs) {
    Map<Reference, Value> known = new HashMap<>();
    List<Reference> starts = Calls.ends(config.get("input_layers"));
    if (starts.size() != inputs.size()) {
      throw new UnsupportedModelException(
          file.path()
              + ": a nested model is called with "
              + inputs.size()
              + " inputs, not "
              + starts.size());
    }
    for (int i = 0; i < starts.size(); i++) {
      known.put(starts.get(i), inputs.get(i));
    }
    // Layers come in any order; a layer is called once what it takes is known.
    Deque<Pending> pending = new ArrayDeque<>();
    for (Layer layer : layers) {
      for (int call = 0; call < layer.calls.size(); call++) {
        pending.add(new Pending(layer, call));
      }
    }
    for (int waiting = 0; !pending.isEmpty(); ) {
      Pending next = pending.poll();
      Call call = next.layer.calls.get(next.call);
      List<Value> taken = new ArrayList<>();
      for (Reference reference : call.references()) {
        Value value = known.get(reference);
        if (value != null) {
          taken.add(value);
        }
      }
      if (taken.size() < call.references().size()) {
        pending.add(next);
        if (++waiting > pending.size()) {
          throw new XAIException(
              file.path()
                  + ": layer '"
                  + next.layer.name
                  + "' takes the output of a layer that is missing or comes after it; copy the file"
                  + " again");
        }
        continue;
      }
      waiting = 0;
      List<Value> results = next.layer.call(call, taken);
      int first = next.layer.weights == null ? firstCall(config, layers, next.layer) : 0;
      for (int i = 0; i < results.size(); i++) {
        known.put(new Reference(next.layer.localName, first + next.call, i), results.get(i));
      }
    }
    List<Value> outputs = new ArrayList<>();
    for (Reference reference : Calls.ends(config.get("output_layers"))) {
      Value value = known.get(reference);
      if (value == null) {
        throw new XAIException(
            file.path() + ": its output '" + reference.layer() + "' is missing; copy it again");
      }
      outputs.add(value);
    }
    return outputs;
  }

  /**
   * The number that others have for the first call of a nested model. It may be 1: a functional
   * model has a call of its own, with its inputs, before all others.
   */
  private static int firstCall(JsonObject config, List<Layer> layers, Layer nested) {
    return Stream.concat(
                layers.stream()
                    .flatMap(layer -> layer.calls.stream())
                    .flatMap(call -> call.references().stream()),
                Calls.ends(config.get("output_layers")).stream())
            .anyMatch(
                reference ->
                    reference.layer().equals(nested.localName)
                        && reference.call() == nested.calls.size())
        ? 1
        : 0;
  }

  private record Pending(Layer layer, int call) {}

  /** A layer, or a nested model. */
  private final class Layer {

    private final JsonObject json;
    private final String localName;
    private final String name;
    private final List<Call> calls;
    private final WeightStore.@Nullable OfLayer weights;

    /** Those of a nested model; empty for a layer. */
    private final List<Layer> inner;

    Layer(JsonObject json, String prefix, WeightStore.OfModel model) {
      this.json = json;
      this.localName = KerasCompiler.name(json);
      this.name = prefix + localName;
      this.calls = Calls.of(json);
      boolean nested = isModel(json);
      this.inner =
          nested ? layers(json, name + "/", model.model(className(json), localName)) : List.of();
      this.weights = nested ? null : model.layer(className(json), localName);
    }

    List<Value> call(Call call, List<Value> inputs) {
      return weights == null
          ? KerasCompiler.this.call(json, inner, inputs)
          : new LayerCall(
                  file,
                  graph,
                  name,
                  className(json),
                  config(json),
                  call,
                  inputs,
                  weights,
                  constants)
              .compile();
    }
  }
}
