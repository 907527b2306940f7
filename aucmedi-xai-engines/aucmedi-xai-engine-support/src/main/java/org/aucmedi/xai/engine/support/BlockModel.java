package org.aucmedi.xai.engine.support;

import ai.djl.Model;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.aucmedi.xai.engine.support.BlockEngine.Recording;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.GuidedGradients;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LayerGradients;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.OutputActivation;
import org.aucmedi.xai.model.OutputGradient;
import org.aucmedi.xai.model.ReluRule;

/**
 * A model built from DJL's blocks, on any engine with automatic differentiation.
 *
 * <p>The weights are the caller's own arrays. A pass stops them from collecting gradients, and
 * afterwards restores the gradients collected before. The weights must not be trained meanwhile; an
 * open gradient collector is an error.
 */
public final class BlockModel extends EngineModel {

  /** Two models may share weights, so passes that freeze them take turns. */
  private static final ReentrantLock FREEZING = new ReentrantLock();

  private final String name;
  private final Block block;
  private final BlockEngine engine;
  private final BlockPasses passes;

  /**
   * Constructs a model.
   *
   * @param model a DJL model with an initialised block; the caller still owns it
   * @param options settings that override what the model declares
   * @param engine how the model's engine runs and differentiates blocks
   * @throws IllegalArgumentException if the block is not initialised
   */
  public BlockModel(Model model, LoadOptions options, BlockEngine engine) {
    super(model.getNDManager(), options, ChannelLayout.CHANNELS_FIRST);
    if (!model.getBlock().isInitialized()) {
      throw new IllegalArgumentException(
          "the block of model '" + model.getName() + "' is not initialised; load or initialise it");
    }
    this.name = "DJL block model '" + model.getName() + "'";
    this.block = model.getBlock();
    this.engine = engine;
    this.passes = new BlockPasses(block, this::output);
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.complementOf(EnumSet.of(Capability.PROPAGATION));
  }

  @Override
  protected OutputActivation findActivation() {
    try (NDManager manager = newManager()) {
      return engine.withoutGraph(() -> passes.activation(manager));
    }
  }

  @Override
  protected List<Layer> declareLayers() {
    return passes.layers(this);
  }

  @Override
  protected NDArray forward(NDManager scope, NDArray batch) {
    return engine.withoutGraph(() -> output(() -> infer(batch), batch));
  }

  @Override
  protected List<Layer> traceLayers(NDManager scope, NDArray batch) {
    return engine.withoutGraph(() -> passes.layers(batch));
  }

  @Override
  protected NDArray activate(NDManager scope, NDArray batch, String layerName) {
    return engine.withoutGraph(() -> passes.activations(batch, layerName));
  }

  @Override
  protected NDArray forwardFrom(
      NDManager scope, NDArray batch, String layerName, NDArray activations) {
    return engine.withoutGraph(() -> passes.outputFrom(batch, layerName, activations));
  }

  @Override
  protected NDList differentiate(NDManager scope, NDArray batch, OutputGradient scores) {
    return record(
        scope,
        "its input",
        autograd ->
            differentiate(
                autograd, scope, batch, scores, input -> output(() -> infer(input), batch)));
  }

  @Override
  protected LayerGradients differentiateLayer(
      NDManager scope, NDArray batch, OutputGradient scores, String layerName) {
    return record(
        scope,
        "layer '" + layerName + "'",
        autograd ->
            passes.layerGradients(
                autograd,
                batch,
                output -> outputGradients(scope, output, batch, scores),
                layerName));
  }

  @Override
  protected GuidedGradients differentiateGuided(
      NDManager scope, NDArray batch, OutputGradient scores, ReluRule rule) {
    return record(
        scope,
        "its input",
        autograd ->
            passes.guidedGradients(
                autograd, batch, output -> outputGradients(scope, output, batch, scores), rule));
  }

  @Override
  protected NDArray copy(NDManager scope, NDArray array) {
    NDArray copy = engine.copy(scope, array);
    return copy == null ? super.copy(scope, array) : copy;
  }

  private NDList infer(NDArray input) {
    return block.forward(new ParameterStore(input.getManager(), false), new NDList(input), false);
  }

  /** Runs a forward pass and chooses the output to explain. */
  private NDArray output(Supplier<NDList> forward, NDArray batch) {
    try {
      NDArray output = choose(forward.get());
      engine.await(output);
      return output;
    } catch (EngineException e) {
      throw engine.refused(this, batch, e);
    }
  }

  /** Runs a pass with a graph whose start is named in messages. */
  private <T> T record(NDManager scope, String start, Function<Autograd, T> work) {
    FREEZING.lock();
    try {
      List<NDArray> weights =
          block.getParameters().values().stream()
              .map(Parameter::getArray)
              .filter(NDArray::hasGradient)
              .toList();
      try (Recording recording = engine.record(this, scope, start)) {
        List<Runnable> thaw = new ArrayList<>();
        try {
          weights.forEach(weight -> thaw.add(recording.freeze(weight)));
          return recording.run(() -> work.apply(recording));
        } finally {
          thaw.forEach(Runnable::run);
        }
      }
    } finally {
      FREEZING.unlock();
    }
  }

  @Override
  protected void release() {
    // The caller owns the model.
    engine.awaitAll();
  }

  @Override
  public String toString() {
    return name;
  }
}
