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
 * The passes into the inside of a model built from DJL's blocks, for any engine that has {@link
 * Autograd}.
 *
 * <p><b>What is a layer.</b> Every block below a {@link ai.djl.nn.SequentialBlock} or a {@link
 * ai.djl.nn.ParallelBlock}, however deep, these composites included; the name is the path of child
 * names, joined by slashes, for instance {@code 05ParallelBlock/01SequentialBlock/02BatchNorm}. A
 * block instance that is used in several places is a layer in each. A parallel block whose function
 * sums its branches is of kind {@link LayerKind#ADD}; where the function also rectifies the sum, as
 * in the residual units of DJL's ResNet, the sum is a layer {@code add} below it.
 *
 * <p><b>What is none.</b> A block with code of its own, among them a composite that overrides its
 * forward function, is one layer: nobody else knows what it does with its children. Those wrapped
 * in a {@link org.aucmedi.xai.model.TapBlock} are layers. A block whose output is not one float
 * array is none.
 *
 * <p><b>What is a ReLU.</b> Blocks without parameters and the functions of parallel blocks are
 * tried with values, so a ReLU or ReLU6 is found whatever its name; functions may hence be called
 * more often than the model runs. A ReLU inside a block's own code, or inside a function that does
 * more than to sum and rectify, is not found and keeps its derivative.
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

  /** Runs a forward pass, and makes what the engine throws an {@link XAIException}. */
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
   * Looks for the model's last operation. Functions are tried with a few values.
   *
   * @param manager any manager of the model's engine, no graph being recorded
   * @return the activation, {@link OutputActivation#UNKNOWN} behind code that is not DJL's
   */
  OutputActivation activation(NDManager manager) {
    return BlockActivation.of(root, manager);
  }

  /**
   * Lists the layers for the input that the model was initialised with, by a pass over one image of
   * zeros; where there is no such pass, as far as the blocks tell, without shapes.
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
        // Weights may have been loaded for inputs of another size than the block was written for.
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
   * @param batch the inputs, no graph being recorded
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
   * @param batch the inputs, no graph being recorded
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
   * Differentiates the output with respect to a layer's output. The graph starts at the layer.
   *
   * @param autograd the engine, which is recording
   * @param batch the inputs
   * @param scores gives, for an output, the derivatives of the scores with respect to it
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
   * Differentiates the output with respect to the input, with another rule at every ReLU.
   *
   * @param autograd the engine, which is recording
   * @param batch the inputs
   * @param scores gives, for an output, the derivatives of the scores with respect to it
   * @param rule how gradients pass a ReLU
   * @return one gradient per score and the number of ReLUs that ran
   */
  GuidedGradients guidedGradients(
      Autograd autograd, NDArray batch, Function<NDArray, NDList> scores, ReluRule rule) {
    NDArray input = autograd.leaf(batch);
    ReluTape tape = new ReluTape(autograd);
    // A model may change its input in place, which a leaf does not bear.
    NDArray output = run(tape, input.add(0));
    NDList gradients = new NDList();
    for (NDArray outputGradient : scores.apply(output)) {
      gradients.add(tape.gradient(output, typed(outputGradient, output), input, rule));
    }
    int failures = probe.takeFailures();
    if (failures > 0) {
      logger.warn(
          "guided gradients take functions that fail on test values ({} here) for no ReLU; if one"
              + " is, use Activation.reluBlock() (the log at level debug names their layers)",
          failures);
    }
    return new GuidedGradients(gradients, tape.size());
  }

  private NDArray run(BlockObserver observer, NDArray input) {
    BlockRun run = new BlockRun(root, probe, observer, input);
    return forward.run(() -> run.run(input), input);
  }

  /** The gradient follows the output's type: converting the output would take another graph. */
  static NDArray typed(NDArray outputGradient, NDArray output) {
    return outputGradient.toType(output.getDataType(), false);
  }

  /** Takes what a leaf has collected, zeros if nothing. */
  static NDArray taken(Autograd autograd, NDArray leaf) {
    NDArray taken = autograd.take(leaf);
    return taken == null ? leaf.getManager().zeros(leaf.getShape(), leaf.getDataType()) : taken;
  }

  /** Notes the layers that run; of several runs of one layer the last counts. */
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

  /** Keeps the output of one layer, and hands on a copy that the model may change. */
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
