package org.aucmedi.xai.engine.support;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.GuidedGradients;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LayerGradients;
import org.aucmedi.xai.model.LayerKind;
import org.aucmedi.xai.model.LayerNotFoundException;
import org.aucmedi.xai.model.OutputActivation;
import org.aucmedi.xai.model.ReluRule;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The passes that inspect a model built from DJL's blocks, for any engine with {@link Autograd}.
 *
 * <p><b>What counts as a layer.</b> Every block below a {@link ai.djl.nn.SequentialBlock} or a
 * {@link ai.djl.nn.ParallelBlock}, however deep, these composites included; the name is the path of
 * child names, joined by slashes, for instance {@code
 * 05ParallelBlock/01SequentialBlock/02BatchNorm}. A block instance that is used several times is a
 * separate layer each time. A parallel block whose function sums its branches is of kind {@link
 * LayerKind#ADD}; if the function also applies a ReLU to the sum, as in the residual units of DJL's
 * ResNet, the sum is a layer {@code add} below it.
 *
 * <p><b>What does not.</b> A block with custom code, including a composite that overrides its
 * forward function, is a single layer, since only its code knows what it does with its children.
 * Children wrapped in a {@link org.aucmedi.xai.model.TapBlock} are layers. A block whose output is
 * not a single float array is not a layer.
 *
 * <p><b>What counts as a ReLU.</b> Blocks without parameters and the functions of parallel blocks
 * are applied to test values, so a ReLU or ReLU6 is found whatever its name; hence functions may be
 * called more often than the model runs. A ReLU inside a block's own code, or inside a function
 * that does more than a sum and a ReLU, is not found and keeps its ordinary derivative.
 *
 * <p>The model's blocks are never changed. Not safe for use by several threads at a time.
 */
final class BlockPasses {

  private static final Logger logger = LoggerFactory.getLogger(BlockPasses.class);

  private final Block root;
  private final Forward forward;
  private final BlockProbe probe = new BlockProbe();

  /**
   * Constructs the passes of a model.
   *
   * @param root the model's block, initialised
   * @param forward how the engine runs a forward pass
   */
  BlockPasses(Block root, Forward forward) {
    this.root = root;
    this.forward = forward;
  }

  /** Runs a forward pass, and wraps the engine's exceptions in an {@link XAIException}. */
  @FunctionalInterface
  interface Forward {

    /**
     * Runs a forward pass.
     *
     * @param pass what to run
     * @param batch the inputs, for the message
     * @return the output to explain
     */
    NDArray run(Supplier<NDList> pass, NDArray batch);
  }

  /**
   * Finds the model's last operation. Functions are applied to a few values.
   *
   * @param manager any manager of the model's engine; no graph must be recorded
   * @return the activation, {@link OutputActivation#UNKNOWN} after custom code
   */
  OutputActivation activation(NDManager manager) {
    return BlockActivation.of(root, manager);
  }

  /**
   * Lists the layers for the input that the model was initialised with, by a pass over one image of
   * zeros; if that is not possible, those that the blocks show, without shapes.
   *
   * @param model the model that these passes belong to
   * @return the layers
   */
  List<Layer> layers(ExplainableModel model) {
    Shape shape = inputShape();
    if (shape != null) {
      try (NDManager manager = model.newManager()) {
        return model.layers(manager.zeros(shape));
      } catch (XAIException e) {
        // The weights may have been loaded for another input size than the block was built for.
      }
    }
    return BlockLayers.of(root);
  }

  private @Nullable Shape inputShape() {
    Shape[] shapes = root.getInputShapes();
    if (shapes == null || shapes.length != 1 || shapes[0].dimension() < 2) {
      return null;
    }
    Shape image = shapes[0].slice(1);
    return image.size() > 0 ? new Shape(1).addAll(image) : null;
  }

  /**
   * Lists the layers that run on a batch.
   *
   * @param batch the inputs; no graph must be recorded
   * @return the layers in the order in which they finish
   */
  List<Layer> layers(NDArray batch) {
    Trace trace = new Trace();
    run(trace, batch);
    return trace.layers();
  }

  /**
   * Computes the output of a layer.
   *
   * @param batch the inputs; no graph must be recorded
   * @param layerName the layer
   * @return its output
   * @throws LayerNotFoundException if no such layer runs
   */
  NDArray activations(NDArray batch, String layerName) {
    Tap tap = new Tap(layerName, NDArray::duplicate);
    run(tap, batch);
    return tap.tapped();
  }

  /**
   * Computes the output that follows from a given output of a layer.
   *
   * @param batch the inputs; no graph must be recorded
   * @param layerName the layer
   * @param activations what to go on from
   * @return the output to explain
   * @throws LayerNotFoundException if no such layer runs
   */
  NDArray outputFrom(NDArray batch, String layerName, NDArray activations) {
    Replacement once = new Replacement(layerName, activations, 1);
    NDArray output = run(once, batch);
    if (once.runs == 0) {
      throw new LayerNotFoundException(layerName, once.layers());
    }
    return once.runs == 1 ? output : run(new Replacement(layerName, activations, once.runs), batch);
  }

  /**
   * Differentiates the output with respect to a layer's output. The graph starts at the layer.
   *
   * @param autograd the engine, which is recording
   * @param batch the inputs
   * @param scores maps an output to the derivatives of the scores with respect to it
   * @param layerName the layer
   * @return output, activations and one gradient per score
   * @throws LayerNotFoundException if no such layer runs
   */
  LayerGradients layerGradients(
      Autograd autograd, NDArray batch, Function<NDArray, NDList> scores, String layerName) {
    Tap tap = new Tap(layerName, a -> autograd.leaf(a.stopGradient().duplicate()));
    NDArray output = run(tap, batch);
    NDArray leaf = tap.tapped();
    NDList outputGradients = scores.apply(output);
    NDList gradients = new NDList();
    for (int k = 0; k < outputGradients.size(); k++) {
      boolean more = k < outputGradients.size() - 1;
      autograd.backward(output, typed(outputGradients.get(k), output), more);
      gradients.add(taken(autograd, leaf));
    }
    return new LayerGradients(output.stopGradient(), leaf.stopGradient(), gradients);
  }

  /**
   * Differentiates the output with respect to the input, with a modified backward rule for every
   * ReLU.
   *
   * @param autograd the engine, which is recording
   * @param batch the inputs
   * @param scores maps an output to the derivatives of the scores with respect to it
   * @param rule how gradients pass through a ReLU
   * @return one gradient per score and the number of ReLUs that ran
   */
  GuidedGradients guidedGradients(
      Autograd autograd, NDArray batch, Function<NDArray, NDList> scores, ReluRule rule) {
    NDArray input = autograd.leaf(batch);
    ReluTape tape = new ReluTape(autograd);
    // A model may change its input in place, which is not possible with a leaf.
    NDArray output = run(tape, input.add(0));
    NDList gradients = new NDList();
    for (NDArray outputGradient : scores.apply(output)) {
      gradients.add(tape.gradient(output, typed(outputGradient, output), input, rule));
    }
    int failures = probe.takeFailures();
    if (failures > 0) {
      logger.warn(
          "guided gradients do not treat functions that fail on test values ({} here) as ReLUs; if"
              + " one is a ReLU, use Activation.reluBlock() (the debug log names their layers)",
          failures);
    }
    return new GuidedGradients(gradients, tape.size());
  }

  private NDArray run(BlockObserver observer, NDArray input) {
    BlockRun run = new BlockRun(root, probe, observer, input);
    return forward.run(() -> run.run(input), input);
  }

  /** The gradient has the output's type: converting the output would need another graph. */
  static NDArray typed(NDArray outputGradient, NDArray output) {
    return outputGradient.toType(output.getDataType(), false);
  }

  /** Takes the gradient of a leaf, or zeros if it has none. */
  static NDArray taken(Autograd autograd, NDArray leaf) {
    NDArray taken = autograd.take(leaf);
    return taken == null ? leaf.getManager().zeros(leaf.getShape(), leaf.getDataType()) : taken;
  }

  /** Records the layers that run; if a layer runs several times, the last run counts. */
  private static class Trace implements BlockObserver {

    private final Map<String, Layer> layers = new LinkedHashMap<>();

    @Override
    public NDArray layer(String name, LayerKind kind, NDArray output) {
      layers.remove(name);
      layers.put(name, new Layer(name, kind, output.getShape()));
      return output;
    }

    List<Layer> layers() {
      return List.copyOf(layers.values());
    }
  }

  /** Replaces the output of one run of a layer, by a copy that the model may change. */
  private static final class Replacement extends Trace {

    private final String wanted;
    private final NDArray activations;
    private final int turn;
    private int runs;

    /** Replaces the output of a run, counted from 1. */
    Replacement(String wanted, NDArray activations, int turn) {
      this.wanted = wanted;
      this.activations = activations;
      this.turn = turn;
    }

    @Override
    public NDArray layer(String name, LayerKind kind, NDArray output) {
      super.layer(name, kind, output);
      if (!name.equals(wanted) || ++runs != turn) {
        return output;
      }
      EngineModel.checkReplaces(name, activations.getShape(), output.getShape());
      return activations.toType(output.getDataType(), true);
    }
  }

  /** Keeps the output of one layer, and continues with a copy that the model may change. */
  private static final class Tap extends Trace {

    private final String wanted;
    private final UnaryOperator<NDArray> keep;
    private @Nullable NDArray kept;

    Tap(String wanted, UnaryOperator<NDArray> keep) {
      this.wanted = wanted;
      this.keep = keep;
    }

    @Override
    public NDArray layer(String name, LayerKind kind, NDArray output) {
      super.layer(name, kind, output);
      if (!name.equals(wanted)) {
        return output;
      }
      kept = keep.apply(output);
      return kept.add(0);
    }

    NDArray tapped() {
      if (kept == null) {
        throw new LayerNotFoundException(wanted, layers());
      }
      return kept;
    }
  }
}
