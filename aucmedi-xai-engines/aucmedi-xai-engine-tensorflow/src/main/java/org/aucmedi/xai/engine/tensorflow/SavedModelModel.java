package org.aucmedi.xai.engine.tensorflow;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.tensorflow.engine.TfNDArray;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.aucmedi.xai.engine.support.EngineModel;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.GuidedGradients;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LayerGradients;
import org.aucmedi.xai.model.LayerNotFoundException;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.OutputActivation;
import org.aucmedi.xai.model.OutputGradient;
import org.aucmedi.xai.model.ReluRule;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.jspecify.annotations.Nullable;
import org.tensorflow.exceptions.TensorFlowException;

/**
 * A Keras or TensorFlow SavedModel.
 *
 * <p>A pass with gradients first runs the model and keeps the tensors that the backward pass needs,
 * as other engines' autograd does; then the backward pass runs on them once per score.
 */
final class SavedModelModel extends EngineModel {

  private final Model model;
  private final boolean ownsModel;
  private final LoadedGraph graph;
  private final ChannelAxes channels;

  /** The shapes of the layers whose outputs were replaced. */
  private final Map<LayerOfBatch, Shape> shapes = new HashMap<>();

  private record LayerOfBatch(String layer, Shape batch) {}

  SavedModelModel(Model model, LoadedGraph graph, LoadOptions options, boolean ownsModel) {
    super(model.getNDManager(), options, ChannelLayout.CHANNELS_LAST);
    this.model = model;
    this.graph = graph;
    this.channels = graph.channels(channelLayout());
    this.ownsModel = ownsModel;
  }

  LoadedGraph graph() {
    return graph;
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.complementOf(EnumSet.of(Capability.PROPAGATION));
  }

  @Override
  public @Nullable Shape inputShape() {
    return graph.signature().inputShape();
  }

  @Override
  protected OutputActivation findActivation() {
    return graph.activation();
  }

  @Override
  protected List<Layer> declareLayers() {
    requireModelOpen();
    return graph.layers().stream().map(layer -> withShape(layer, layer.outputShape())).toList();
  }

  private Layer withShape(Layer layer, @Nullable Shape shape) {
    List<Integer> order = shape == null ? List.of() : order(layer.name(), shape);
    Shape arranged =
        order.isEmpty() ? shape : new Shape(order.stream().mapToLong(shape::get).toArray());
    return new Layer(layer.name(), layer.kind(), arranged);
  }

  /** The permutation that moves the channels of a layer's output to where the input has them. */
  private List<Integer> order(String layer, Shape shape) {
    ChannelLayout own = channels.of(graph.nodeOf(layer));
    int rank = shape.dimension();
    if (own == channelLayout() || rank < 4) {
      return List.of();
    }
    return own == ChannelLayout.CHANNELS_LAST
        ? ChannelAxes.toFirst(rank)
        : ChannelAxes.toLast(rank);
  }

  /** Undoes {@link #arranged}. */
  private NDArray asComputed(String layer, NDArray array) {
    List<Integer> order = order(layer, array.getShape());
    return order.isEmpty()
        ? array
        : array.transpose(IntStream.range(0, order.size()).map(order::indexOf).toArray());
  }

  private NDArray arranged(String layer, NDArray array) {
    List<Integer> order = order(layer, array.getShape());
    return order.isEmpty()
        ? array
        : array.transpose(order.stream().mapToInt(Integer::intValue).toArray());
  }

  @Override
  protected List<Layer> traceLayers(NDManager scope, NDArray batch) {
    List<Endpoint> shapes = graph.layerShapes();
    try (Tensors found = run(batch, shapes)) {
      List<Layer> layers = new ArrayList<>();
      for (Layer layer : graph.layers()) {
        List<Integer> sizes = found.ints(shapes.get(layers.size()));
        Shape shape = new Shape(sizes.stream().mapToLong(Integer::longValue).toArray());
        layers.add(withShape(layer, shape));
      }
      return layers;
    }
  }

  @Override
  protected NDArray forward(NDManager scope, NDArray batch) {
    Endpoint output = graph.model().output();
    try (Tensors found = run(batch, List.of(output))) {
      return found.array(scope, output);
    }
  }

  @Override
  protected NDArray activate(NDManager scope, NDArray batch, String layerName) {
    Endpoint layer = graph.asFloat(layer(layerName));
    try (Tensors found = run(batch, List.of(layer))) {
      return arranged(layerName, found.array(scope, layer));
    }
  }

  @Override
  protected NDArray forwardFrom(
      NDManager scope, NDArray batch, String layerName, NDArray activations) {
    Endpoint layer = layer(layerName);
    Endpoint output = graph.model().output();
    checkReplaces(layerName, activations.getShape(), shapeOf(layerName, batch));
    NDArray given = asComputed(layerName, activations);
    if (layer.equals(output)) { // a tensor cannot be fed and fetched
      return given.duplicate();
    }
    requireValues(batch);
    Endpoint placeholder = graph.model().placeholder();
    try (Tensors fed = new Tensors(graph.model().graph())) {
      fed.put(placeholder, batch);
      fed.put(layer, given.toType(graph.typeOf(layer), false));
      Map<Endpoint, Endpoint> both = Map.of(placeholder, placeholder, layer, layer);
      try (Tensors found = fed.run(both, List.of(output))) {
        return found.array(scope, output);
      }
    } catch (TensorFlowException | IllegalArgumentException e) {
      throw cannotRun(batch, TensorFlowErrors.firstLine(e), e);
    }
  }

  /** The shape of a layer's output, which takes a pass up to the layer the first time. */
  private Shape shapeOf(String layerName, NDArray batch) {
    return shapes.computeIfAbsent(
        new LayerOfBatch(layerName, batch.getShape()),
        key -> {
          try (NDArray found = activate(batch.getManager(), batch, layerName)) {
            return found.getShape();
          }
        });
  }

  @Override
  protected NDList differentiate(NDManager scope, NDArray batch, OutputGradient scores) {
    return pass(scope, batch, scores, null, BackwardRule.PLAIN).gradients();
  }

  @Override
  protected LayerGradients differentiateLayer(
      NDManager scope, NDArray batch, OutputGradient scores, String layerName) {
    Pass pass = pass(scope, batch, scores, layerName, BackwardRule.PLAIN);
    NDList gradients = new NDList();
    pass.gradients().forEach(gradient -> gradients.add(arranged(layerName, gradient)));
    return new LayerGradients(pass.output(), arranged(layerName, pass.activations()), gradients);
  }

  @Override
  protected GuidedGradients differentiateGuided(
      NDManager scope, NDArray batch, OutputGradient scores, ReluRule rule) {
    BackwardRule backward = BackwardRule.of(rule);
    Pass pass = pass(scope, batch, scores, null, backward);
    return new GuidedGradients(pass.gradients(), graph.backward(backward).relus());
  }

  /** Gradients with respect to the input or a layer; the activations are the layer's. */
  private record Pass(NDArray output, NDArray activations, NDList gradients) {}

  private Pass pass(
      NDManager scope,
      NDArray batch,
      OutputGradient scores,
      @Nullable String layerName,
      BackwardRule rule) {
    Endpoint target = layerName == null ? graph.model().input() : layer(layerName);
    Backward backward = graph.backward(rule);
    Endpoint gradient = backward.gradient(target);
    if (gradient == null) {
      throw noGradient(layerName, backward.obstacle(target));
    }
    Endpoint output = graph.model().output();
    // The input is available.
    Endpoint activations = layerName == null ? output : graph.asFloat(target);
    List<Endpoint> kept = new ArrayList<>(backward.saved(gradient).values());
    kept.add(output);
    kept.add(activations);
    try (Tensors values = run(batch, kept)) {
      NDArray result = values.array(scope, output);
      NDList gradients = new NDList();
      for (NDArray outputGradient : outputGradients(scope, result, batch, scores)) {
        gradients.add(backward(scope, values, outputGradient, backward, gradient));
      }
      return new Pass(result, values.array(scope, activations), gradients);
    } catch (TensorFlowException e) {
      throw cannotRun(batch, TensorFlowErrors.firstLine(e), e);
    }
  }

  private UnsupportedModelException noGradient(
      @Nullable String layerName, @Nullable Obstacle obstacle) {
    String from = layerName == null ? "the values of its input" : "its layer '" + layerName + "'";
    String output = "output '" + graph.signature().outputName() + "'";
    if (obstacle == null) {
      return new UnsupportedModelException(
          this
              + " does not use "
              + from
              + " for its "
              + output
              + (layerName == null
                  ? "; explain another output (--output-name, LoadOptions)"
                  : "; name another layer"));
    }
    return new UnsupportedModelException(
        this
            + " has no differentiable path from "
            + from
            + " to its "
            + output
            + ": it ends at "
            + obstacle.operation()
            + obstacle.reason()
            + "; "
            + obstacle.remedy()
            + ", or use later layers or a method that only perturbs the image");
  }

  private NDArray backward(
      NDManager scope,
      Tensors values,
      NDArray outputGradient,
      Backward backward,
      Endpoint gradient) {
    Map<Endpoint, Endpoint> fed = new LinkedHashMap<>(backward.saved(gradient));
    fed.put(backward.outputGradient(), backward.outputGradient());
    values.put(backward.outputGradient(), outputGradient);
    Endpoint asFloat = graph.asFloat(gradient);
    try (Tensors found = values.run(fed, List.of(asFloat))) {
      return found.array(scope, asFloat);
    }
  }

  private Tensors run(NDArray batch, List<Endpoint> wanted) {
    requireModelOpen();
    requireShape(batch.getShape());
    requireValues(batch);
    Endpoint placeholder = graph.model().placeholder();
    try (Tensors input = new Tensors(graph.model().graph())) {
      input.put(placeholder, batch);
      return input.run(Map.of(placeholder, placeholder), wanted);
    } catch (TensorFlowException | IllegalArgumentException e) {
      throw cannotRun(batch, TensorFlowErrors.firstLine(e), e);
    }
  }

  /** Some of TensorFlow's operations end the process when the rank is not what they expect. */
  private void requireShape(Shape shape) {
    Shape declared = inputShape();
    boolean fits = declared == null || declared.dimension() == shape.dimension();
    for (int i = 0; fits && declared != null && i < declared.dimension(); i++) {
      fits = declared.get(i) < 0 || declared.get(i) == shape.get(i);
    }
    if (!fits) {
      throw new XAIException(
          this
              + " takes batches of shape "
              + declared
              + ", got one of shape "
              + shape
              + "; use images of that size, and set the layout if it differs (--resize, --layout)");
    }
  }

  /** The conversion to integers would wrap values that are out of range. */
  private void requireValues(NDArray batch) {
    if (!graph.signature().takesWholeNumbers()) {
      return;
    }
    float least = Float.POSITIVE_INFINITY;
    float most = Float.NEGATIVE_INFINITY;
    for (float value : batch.toFloatArray()) {
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
    if (!graph.signature().holds(least, most)) {
      throw new XAIException(
          this
              + " takes "
              + Signature.text(graph.signature().input().getDtype())
              + ", got values from "
              + least
              + " to "
              + most
              + "; use unscaled pixels (--standardize none)");
    }
  }

  private Endpoint layer(String name) {
    requireModelOpen();
    Endpoint layer = graph.layer(name);
    if (layer == null) {
      throw new LayerNotFoundException(name, layers());
    }
    return layer;
  }

  /** Running a closed session would crash the process. */
  private void requireModelOpen() {
    if (model.getBlock() == null) {
      throw new IllegalStateException(this + " is closed");
    }
  }

  /** Fed arrays are never written to, so this engine's own arrays need no copy. */
  @Override
  protected NDArray copy(NDManager scope, NDArray array) {
    return array instanceof TfNDArray && array.getDataType() == DataType.FLOAT32
        ? array
        : super.copy(scope, array);
  }

  @Override
  protected void release() {
    if (ownsModel && model.getNDManager().isOpen()) {
      model.close();
    }
  }

  @Override
  public String toString() {
    return "SavedModel '" + model.getName() + "'";
  }
}
