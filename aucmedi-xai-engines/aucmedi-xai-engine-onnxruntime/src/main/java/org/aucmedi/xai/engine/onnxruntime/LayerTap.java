package org.aucmedi.xai.engine.onnxruntime;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
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
 * tensors are outputs; and what follows from given outputs, with a session in which a tensor is an
 * input.
 *
 * <p>There is at most one session of each kind, for the last requested layer, created on first use,
 * since it holds another copy of the weights.
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
  private @Nullable TappedSession replacing;
  private @Nullable Replaced replaced;
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
        found.add(new Layer(entry.name(), entry.kind(), moved(entry, shape)));
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
      throw notFloat(layerName);
    }
    NDArray activations = Batches.toFloat32(scope, found);
    return moves(entry, activations.getShape())
        ? Batches.channelsLast(scope, activations)
        : activations;
  }

  /** What is known of the layer that was last replaced: its output for a shape of batch. */
  private record Replaced(String layer, Shape batch, ElementType type, Shape output) {}

  /** Computes the output that follows from the output of a layer, in the model's layout. */
  NDArray outputFrom(NDManager scope, NDArray batch, String layerName, NDArray activations) {
    Entry entry = layers.find(layerName);
    if (entry == null) {
      throw new LayerNotFoundException(layerName, layers());
    }
    Replaced known = replaced(scope, batch, entry);
    OnnxModel.check(layerName, activations, moved(entry, known.output));
    NDArray own =
        moves(entry, known.output) ? Batches.channelsFirst(scope, activations) : activations;
    if (entry.tensor().equals(output)) {
      return own;
    }
    try {
      if (replacing == null || !replacing.has(Set.of(entry.tensor()))) {
        closeReplacing();
        replacing = openFrom(entry.tensor(), known.type);
      }
      NDArray found =
          replacing
              .run(scope, model.input(scope, batch), Batches.convert(scope, own, known.type))
              .get(output);
      return Batches.toFloat32(scope, found);
    } catch (OrtException | EngineException | UnsupportedOperationException e) {
      throw model.refused(batch, e);
    }
  }

  /** Runs the model up to the layer, unless the last batch had the same shape. */
  private Replaced replaced(NDManager scope, NDArray batch, Entry entry) {
    Replaced known = replaced;
    if (known == null
        || !known.layer.equals(entry.name())
        || !known.batch.equals(batch.getShape())) {
      NDArray found = run(scope, batch, Set.of(entry.tensor())).get(entry.tensor());
      known =
          new Replaced(
              entry.name(), batch.getShape(), typeOf(entry.name(), found), found.getShape());
      replaced = known;
    }
    return known;
  }

  private ElementType typeOf(String layerName, @Nullable NDArray found) {
    DataType type = found == null ? DataType.UNKNOWN : found.getDataType();
    return switch (type) {
      case FLOAT32 -> ElementType.FLOAT32;
      case FLOAT16 -> ElementType.FLOAT16;
      case BFLOAT16 -> ElementType.BFLOAT16;
      case FLOAT64 -> ElementType.FLOAT64;
      default -> throw notFloat(layerName);
    };
  }

  private UnsupportedModelException notFloat(String layerName) {
    return new UnsupportedModelException(
        "layer '"
            + layerName
            + "' of "
            + model
            + " does not output a float array; choose another layer");
  }

  private TappedSession openFrom(String tensor, ElementType type) throws OrtException {
    NDManager manager = model.newManager();
    try {
      return TappedSession.openFrom(file, tensor, type, manager);
    } catch (OrtException | XAIException e) {
      manager.close();
      throw e;
    }
  }

  private Shape moved(Entry entry, Shape shape) {
    return moves(entry, shape) ? Batches.channelsLast(shape) : shape;
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

  private void closeReplacing() {
    if (replacing != null) {
      replacing.close();
      replacing = null;
    }
  }

  @Override
  public void close() {
    closeReplacing();
    closeSession();
  }
}
