package org.aucmedi.xai.engine.tensorflow;

import ai.djl.ndarray.types.Shape;
import ai.djl.tensorflow.engine.SavedModelBundle;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.aucmedi.xai.engine.tensorflow.FlatGraph.Ref;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.OutputActivation;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.DataType;

/**
 * The operations that this module adds to a loaded model's graph, and what it knows about the
 * graph. Several explainable models of one DJL model share it, so additions are locked.
 */
final class LoadedGraph {

  private final Signature signature;
  private final ModelGraph model;
  private final OpBuilder ops;
  private final KerasLayers keras;
  private final List<Layer> layers;
  private final Map<Endpoint, Endpoint> floats = new HashMap<>();
  private final List<Endpoint> shapes = new ArrayList<>();

  LoadedGraph(SavedModelBundle bundle, Signature signature, FlatGraph flat, String name) {
    this.signature = signature;
    this.model = new ModelGraph(new NativeGraph(bundle), flat, signature.input());
    this.ops = new OpBuilder(model);
    ModelState state = new ModelState(model, ops);
    Set<String> active = new HashSet<>();
    for (ModelGraph.Step step : model.steps()) {
      if (step.values().stream().anyMatch(model::isDifferentiable)) {
        active.add(step.node().name());
      }
    }
    this.keras = new KerasLayers(flat, active);
    List<Layer> found = new ArrayList<>();
    for (KerasLayers.Found layer : keras.layers().values()) {
      Endpoint output = model.value(layer.output());
      shapes.add(ops.shape(output));
      long[] sizes = model.graph().shape(output);
      Shape shape = sizes == null ? null : new Shape(sizes);
      found.add(new Layer(layer.name(), layer.kind(), shape));
    }
    this.layers = List.copyOf(found);
    state.requireVariables(name); // Runs the graph, so everything else is added before.
    state.warnOfRandomNumbers(keras, name);
  }

  Signature signature() {
    return signature;
  }

  ModelGraph model() {
    return model;
  }

  List<Layer> layers() {
    return layers;
  }

  /** Returns where the outputs of operations have their channels. */
  ChannelAxes channels(ChannelLayout input) {
    return new ChannelAxes(model.flat(), input, model::constant);
  }

  /** Returns the name of the operation that a layer's, or a node's, output comes from. */
  String nodeOf(String layer) {
    return keras.output(layer).node();
  }

  OutputActivation activation() {
    return LastOperation.of(model.flat());
  }

  /** Returns the run-time shapes of the layers, as tensors. */
  List<Endpoint> layerShapes() {
    return shapes;
  }

  /** Returns the output of a layer or a node, or null if there is none of that name. */
  @Nullable Endpoint layer(String name) {
    Ref output = keras.output(name);
    return output == null ? null : model.value(output);
  }

  /** Returns the type of a floating-point tensor. */
  ai.djl.ndarray.types.DataType typeOf(Endpoint tensor) {
    return switch (ops.type(tensor)) {
      case DT_HALF -> ai.djl.ndarray.types.DataType.FLOAT16;
      case DT_BFLOAT16 -> ai.djl.ndarray.types.DataType.BFLOAT16;
      case DT_DOUBLE -> ai.djl.ndarray.types.DataType.FLOAT64;
      default -> ai.djl.ndarray.types.DataType.FLOAT32;
    };
  }

  /** Returns a tensor as float32. */
  synchronized Endpoint asFloat(Endpoint tensor) {
    return ops.type(tensor) == DataType.DT_FLOAT
        ? tensor
        : floats.computeIfAbsent(tensor, key -> ops.cast(key, DataType.DT_FLOAT));
  }

  synchronized Backward backward(BackwardRule rule) {
    return model.backward(rule);
  }
}
