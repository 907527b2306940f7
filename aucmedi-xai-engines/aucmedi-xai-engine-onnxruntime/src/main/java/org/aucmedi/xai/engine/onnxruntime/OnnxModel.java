package org.aucmedi.xai.engine.onnxruntime;

import ai.djl.Model;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.onnxruntime.engine.OrtNDArray;
import ai.djl.training.ParameterStore;
import com.google.common.collect.ImmutableSet;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Set;
import org.aucmedi.xai.engine.onnxruntime.OnnxGraph.Value;
import org.aucmedi.xai.engine.support.EngineModel;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.OutputActivation;
import org.jspecify.annotations.Nullable;

/** A model that DJL's ONNX Runtime engine loaded. */
final class OnnxModel extends EngineModel {

  /** The capabilities of a model whose file is available; without it, it only predicts. */
  static final ImmutableSet<Capability> CAPABILITIES =
      ImmutableSet.of(
          Capability.PREDICTION,
          Capability.LAYERS,
          Capability.LAYER_ACTIVATIONS,
          Capability.PREDICTION_FROM_LAYER);

  private final Model model;
  private final boolean ownsModel;
  private final @Nullable OnnxFile file;
  private final @Nullable Value output;
  private final @Nullable LayerTap tap;
  private @Nullable Shape tracedShape;
  private List<Layer> traced = List.of();

  /**
   * Constructs a model.
   *
   * @param model a loaded model
   * @param options settings that override what the model declares
   * @param file the file it was loaded from, or null if unknown
   * @param output the output to explain, or null without a file
   * @param ownsModel whether closing this closes the model
   */
  OnnxModel(
      Model model,
      LoadOptions options,
      @Nullable OnnxFile file,
      @Nullable Value output,
      boolean ownsModel) {
    super(model.getNDManager(), options, ChannelLayout.CHANNELS_FIRST);
    this.model = model;
    this.file = file;
    this.output = output;
    this.tap =
        file == null || output == null ? null : new LayerTap(this, file, output.name(), ownsModel);
    this.ownsModel = ownsModel;
  }

  @Override
  public Set<Capability> capabilities() {
    return tap == null ? ImmutableSet.of(Capability.PREDICTION) : CAPABILITIES;
  }

  @Override
  public @Nullable Shape inputShape() {
    return file == null ? null : file.input().shape();
  }

  @Override
  protected List<Layer> declareLayers() {
    return tap == null ? super.declareLayers() : tap.layers();
  }

  @Override
  protected OutputActivation findActivation() {
    return file == null || output == null
        ? OutputActivation.UNKNOWN
        : LastOperation.of(file.graph(), output.name());
  }

  /** The batch in the element type that the file declares. */
  OrtNDArray input(NDManager scope, NDArray batch) {
    return Batches.convert(scope, batch, file == null ? ElementType.FLOAT32 : file.input().type());
  }

  @Override
  protected NDArray forward(NDManager scope, NDArray batch) {
    try {
      NDList outputs =
          model
              .getBlock()
              .forward(new ParameterStore(scope, false), new NDList(input(scope, batch)), false);
      outputs.attach(scope);
      NDArray found = output == null ? choose(outputs) : named(outputs, output.name());
      return found.getDataType().isFloating() ? Batches.toFloat32(scope, found) : found;
    } catch (EngineException | IllegalArgumentException | UnsupportedOperationException e) {
      throw refused(batch, e);
    }
  }

  private static NDArray named(NDList outputs, String name) {
    NDArray found = outputs.get(name);
    if (found == null) {
      throw new UnsupportedOperationException("output '" + name + "' is not a tensor");
    }
    return found;
  }

  XAIException refused(NDArray batch, Exception e) {
    String reason = OrtErrors.oneLine(e);
    boolean guessed =
        options().layout() == null
            && ChannelLayout.ofDeclared(inputShape(), ChannelLayout.CHANNELS_FIRST)
                != ChannelLayout.ofDeclared(inputShape(), ChannelLayout.CHANNELS_LAST);
    if (guessed && batch.getShape().dimension() >= 4 && reason.contains("channel")) {
      reason +=
          "; if the model expects channels last, set the layout (--layout channels-last,"
              + " LoadOptions)";
    }
    return cannotRun(batch, reason, e);
  }

  @Override
  protected List<Layer> traceLayers(NDManager scope, NDArray batch) {
    if (tap == null) {
      return super.traceLayers(scope, batch);
    }
    if (!batch.getShape().equals(tracedShape)) {
      traced = tap.trace(scope, batch);
      tracedShape = batch.getShape();
    }
    return traced;
  }

  @Override
  protected NDArray activate(NDManager scope, NDArray batch, String layerName) {
    return tap == null
        ? super.activate(scope, batch, layerName)
        : tap.activate(scope, batch, layerName);
  }

  @Override
  protected NDArray forwardFrom(
      NDManager scope, NDArray batch, String layerName, NDArray activations) {
    return tap == null
        ? super.forwardFrom(scope, batch, layerName, activations)
        : tap.outputFrom(scope, batch, layerName, activations);
  }

  /** Refuses activations that are not shaped like a layer's output. */
  static void check(String layerName, NDArray activations, Shape output) {
    checkReplaces(layerName, activations.getShape(), output);
  }

  @Override
  protected NDArray copy(NDManager scope, NDArray array) {
    return array instanceof OrtNDArray own
        ? own
        : super.copy(scope, array); // inputs stay unchanged
  }

  @Override
  protected NDArray handOver(NDArray result, NDArray batch) {
    // After DJL's attach, an operation that this engine lacks would recurse forever; a new array
    // rejects it with a clear message.
    return batch.getManager().create(FloatBuffer.wrap(result.toFloatArray()), result.getShape());
  }

  @Override
  protected void release() {
    if (tap != null) {
      tap.close();
    }
    if (ownsModel && model.getNDManager().isOpen()) { // DJL's model cannot be closed twice
      model.close();
    }
  }

  @Override
  public String toString() {
    return "ONNX model '" + model.getName() + "'";
  }
}
