package org.aucmedi.xai.engine.onnxruntime;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.onnxruntime.OrtException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.aucmedi.xai.engine.onnxruntime.OnnxLayers.Entry;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LayerNotFoundException;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.jspecify.annotations.Nullable;

/**
 * Computes the outputs of layers, with a second session on the model's file in which the requested
 * tensors are outputs.
 *
 * <p>There is at most one such session, for the last requested layer, created on first use, since
 * it holds a second copy of the weights.
 */
final class LayerTap implements AutoCloseable {

  /** How much predictions with the same weights may differ, relative to the largest. */
  private static final float SAME = 1e-3f;

  private final OnnxModel model;
  private final OnnxFile file;
  private final String output;
  private final OnnxLayers layers;
  private final boolean channelsLast;
  private @Nullable TappedSession session;
  private boolean trusted;

  /**
   * Constructs a tap without opening a session.
   *
   * @param model the model
   * @param file the file it was loaded from
   * @param output the name of the output to explain; nodes that it does not depend on are not
   *     layers
   * @param trusted whether the file is certain; otherwise predictions are compared before the first
   *     use
   */
  LayerTap(OnnxModel model, OnnxFile file, String output, boolean trusted) {
    this.model = model;
    this.trusted = trusted;
    this.file = file;
    this.output = output;
    this.layers = new OnnxLayers(file.graph().upTo(output), model.channelLayout());
    this.channelsLast = model.channelLayout() == ChannelLayout.CHANNELS_LAST;
  }

  List<Layer> layers() {
    return layers.layers();
  }

  /** Lists the layers with their shapes; the outputs of all layers are in memory meanwhile. */
  List<Layer> trace(NDManager scope, NDArray batch) {
    Set<String> tensors = new LinkedHashSet<>();
    layers.entries().forEach(entry -> tensors.add(entry.tensor()));
    NDList outputs;
    try {
      outputs = run(scope, batch, tensors);
    } finally {
      closeSession(); // a pass for one layer must not keep all the others
    }
    List<Layer> found = new ArrayList<>();
    for (Entry entry : layers.entries()) {
      NDArray array = outputs.get(entry.tensor());
      if (array != null && array.getDataType().isFloating()) {
        Shape shape = array.getShape();
        found.add(
            new Layer(
                entry.name(),
                entry.kind(),
                moves(entry, shape) ? Batches.channelsLast(shape) : shape));
      }
    }
    return found;
  }

  /** Computes the output of a layer, in the channel layout of the model. */
  NDArray activate(NDManager scope, NDArray batch, String layerName) {
    Entry entry = layers.find(layerName);
    if (entry == null) {
      throw new LayerNotFoundException(layerName, layers());
    }
    NDArray found = run(scope, batch, Set.of(entry.tensor())).get(entry.tensor());
    if (found == null || !found.getDataType().isFloating()) {
      throw new UnsupportedModelException(
          "layer '"
              + layerName
              + "' of "
              + model
              + " does not output a float array; choose another layer");
    }
    NDArray activations = Batches.toFloat32(scope, found);
    return moves(entry, activations.getShape())
        ? Batches.channelsLast(scope, activations)
        : activations;
  }

  /** Networks exported from Keras take images with channels last and transpose them internally. */
  private boolean moves(Entry entry, Shape shape) {
    return channelsLast && entry.channelsFirst() && shape.dimension() >= 4;
  }

  private NDList run(NDManager scope, NDArray batch, Set<String> tensors) {
    if (session == null || !session.has(tensors)) {
      closeSession();
      session = open(batch, tensors);
    }
    try {
      NDList outputs = session.run(scope, model.input(scope, batch));
      if (!trusted) {
        trust(scope, batch, outputs);
      }
      return outputs;
    } catch (EngineException | UnsupportedOperationException e) {
      throw model.refused(batch, e);
    }
  }

  private TappedSession open(NDArray batch, Set<String> tensors) {
    NDManager manager = model.newManager();
    try {
      return TappedSession.open(file, tensors, manager);
    } catch (OrtException e) {
      manager.close();
      throw model.refused(batch, e);
    } catch (XAIException e) {
      manager.close();
      throw e;
    }
  }

  /** DJL does not tell which file it loaded, and another file may have layers of the same names. */
  private void trust(NDManager scope, NDArray batch, NDList outputs) {
    float[] expected = model.forward(scope, batch).toFloatArray();
    float[] found = Batches.toFloat32(scope, outputs.get(output)).toFloatArray();
    float largest = 0;
    float difference = found.length == expected.length ? 0 : Float.POSITIVE_INFINITY;
    for (int i = 0; i < expected.length && difference < Float.POSITIVE_INFINITY; i++) {
      largest = Math.max(largest, Math.abs(expected[i]));
      difference = Math.max(difference, Math.abs(expected[i] - found[i]));
    }
    if (!(difference <= SAME * largest)) {
      throw new XAIException(
          model
              + " predicts differently from "
              + file.path()
              + ", so its layers are unknown; open its file with ExplainableModel.load");
    }
    trusted = true;
  }

  private void closeSession() {
    if (session != null) {
      session.close();
      session = null;
    }
  }

  @Override
  public void close() {
    closeSession();
  }
}
