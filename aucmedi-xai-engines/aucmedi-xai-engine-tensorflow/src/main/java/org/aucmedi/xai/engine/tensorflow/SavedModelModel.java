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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.aucmedi.xai.XAIException;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.GuidedGradients;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LayerGradients;
import org.aucmedi.xai.model.LayerNotFoundException;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.OutputGradient;
import org.aucmedi.xai.model.RectifierRule;
import org.aucmedi.xai.spi.EngineModel;
import org.jspecify.annotations.Nullable;
import org.tensorflow.exceptions.TensorFlowException;

/**
 * A Keras or TensorFlow SavedModel.
 *
 * <p>A pass with gradients first runs the model and keeps what the backward pass needs, as autograd
 * does elsewhere; then the backward pass runs once per seed from what was kept.
 */
final class SavedModelModel extends EngineModel {

  private final Model model;
  private final boolean ownsModel;
  private final LoadedGraph graph;

  SavedModelModel(Model model, LoadedGraph graph, LoadOptions options, boolean ownsModel) {
    super(model.getNDManager(), options, ChannelLayout.CHANNELS_LAST);
    this.model = model;
    this.graph = graph;
    this.ownsModel = ownsModel;
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.allOf(Capability.class);
  }

  @Override
  public @Nullable Shape inputShape() {
    return graph.signature().inputShape();
  }

  @Override
  protected List<Layer> declareLayers() {
    requireModelOpen();
    return graph.layers();
  }

  @Override
  protected List<Layer> traceLayers(NDManager scope, NDArray batch) {
    List<Endpoint> shapes = graph.layerShapes();
    try (Tensors found = run(batch, shapes)) {
      List<Layer> layers = new ArrayList<>();
      for (Layer layer : graph.layers()) {
        List<Integer> sizes = found.ints(shapes.get(layers.size()));
        Shape shape = new Shape(sizes.stream().mapToLong(Integer::longValue).toArray());
        layers.add(new Layer(layer.name(), layer.kind(), shape));
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
      return found.array(scope, layer);
    }
  }

  @Override
  protected NDList differentiate(NDManager scope, NDArray batch, OutputGradient scores) {
    return pass(scope, batch, scores, graph.model().input(), BackwardRule.PLAIN, List.of())
        .gradients();
  }

  @Override
  protected LayerGradients differentiateLayer(
      NDManager scope, NDArray batch, OutputGradient scores, String layerName) {
    Endpoint layer = layer(layerName);
    Endpoint activations = graph.asFloat(layer);
    Pass pass = pass(scope, batch, scores, layer, BackwardRule.PLAIN, List.of(activations));
    return new LayerGradients(pass.output(), pass.wanted().get(0), pass.gradients());
  }

  @Override
  protected GuidedGradients differentiateGuided(
      NDManager scope, NDArray batch, OutputGradient scores, RectifierRule rule) {
    BackwardRule backward = BackwardRule.of(rule);
    Pass pass = pass(scope, batch, scores, graph.model().input(), backward, List.of());
    return new GuidedGradients(pass.gradients(), graph.backward(backward).rectifiers());
  }

  private record Pass(NDArray output, List<NDArray> wanted, NDList gradients) {}

  private Pass pass(
      NDManager scope,
      NDArray batch,
      OutputGradient scores,
      Endpoint target,
      BackwardRule rule,
      List<Endpoint> wanted) {
    Backward backward = graph.backward(rule);
    Endpoint gradient = backward.gradient(target);
    if (gradient == null && target.equals(graph.model().input())) {
      throw new XAIException(
          this
              + " has no differentiable path from its input to its output; look for argmax,"
              + " rounding or tf.stop_gradient in it");
    }
    Endpoint output = graph.model().output();
    Map<Endpoint, Endpoint> saved = gradient == null ? Map.of() : backward.saved(gradient);
    List<Endpoint> kept = new ArrayList<>(saved.values());
    kept.add(output);
    kept.addAll(wanted);
    try (Tensors values = run(batch, kept)) {
      NDArray result = values.array(scope, output);
      NDList gradients = new NDList();
      for (NDArray seed : outputGradients(scope, result, batch, scores)) {
        gradients.add(
            gradient == null
                ? scope.zeros(values.shape(wanted.get(0)))
                : backward(scope, values, seed, backward, gradient));
      }
      List<NDArray> arrays = wanted.stream().map(tensor -> values.array(scope, tensor)).toList();
      return new Pass(result, arrays, gradients);
    } catch (TensorFlowException e) {
      throw cannotRun(batch, Failures.firstLine(e), e);
    }
  }

  private NDArray backward(
      NDManager scope, Tensors values, NDArray seed, Backward backward, Endpoint gradient) {
    Map<Endpoint, Endpoint> fed = new LinkedHashMap<>(backward.saved(gradient));
    fed.put(backward.seed(), backward.seed());
    values.put(backward.seed(), seed);
    Endpoint asFloat = graph.asFloat(gradient);
    try (Tensors found = values.run(fed, List.of(asFloat))) {
      return found.array(scope, asFloat);
    }
  }

  private Tensors run(NDArray batch, List<Endpoint> wanted) {
    requireModelOpen();
    requireShape(batch.getShape());
    Endpoint placeholder = graph.model().placeholder();
    try (Tensors input = new Tensors(graph.model().graph())) {
      input.put(placeholder, batch);
      return input.run(Map.of(placeholder, placeholder), wanted);
    } catch (TensorFlowException | IllegalArgumentException e) {
      throw cannotRun(batch, Failures.firstLine(e), e);
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
          this + " takes batches of shape " + declared + ", got one of shape " + shape);
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

  /** Running a closed session would end the process. */
  private void requireModelOpen() {
    if (model.getBlock() == null) {
      throw new IllegalStateException(this + " is closed");
    }
  }

  /** Nothing writes to what is fed, so this engine's own arrays need no copy. */
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
