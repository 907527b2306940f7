package org.aucmedi.xai.engine.pytorch;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.aucmedi.xai.XAIException;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.spi.BlockLayers;

/**
 * A model built from DJL blocks.
 *
 * <p>The weights are the caller's own arrays. A pass stops them from collecting gradients and puts
 * that back afterwards. DJL's collector is held meanwhile: it is one per JVM, so nobody can train
 * on the same weights during a pass, and a collector that is already open is an error.
 */
final class BlockModel extends PyTorchModel {

  /** DJL's collector is one per JVM, so passes of all block models take turns. */
  private static final ReentrantLock COLLECTOR = new ReentrantLock();

  private final Block block;

  BlockModel(Model model, ChannelLayout layout) {
    super(model, layout);
    this.block = model.getBlock();
    if (!block.isInitialized()) {
      throw new IllegalArgumentException(
          "the block of model '" + model.getName() + "' is not initialised; load or initialise it");
    }
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.of(Capability.PREDICTION, Capability.LAYERS, Capability.INPUT_GRADIENTS);
  }

  @Override
  public List<Layer> layers() {
    return BlockLayers.of(block);
  }

  @Override
  NDList infer(NDArray input) {
    return block.forward(new ParameterStore(input.getManager(), false), new NDList(input), false);
  }

  @Override
  GradientScope openGradients() {
    COLLECTOR.lock();
    try {
      List<NDArray> weights = trainableWeights();
      return new FrozenPass(openCollector(), weights);
    } catch (RuntimeException e) {
      COLLECTOR.unlock();
      throw e;
    }
  }

  private List<NDArray> trainableWeights() {
    return block.getParameters().values().stream()
        .map(Parameter::getArray)
        .filter(NDArray::hasGradient)
        .toList();
  }

  private GradientCollector openCollector() {
    try {
      // A refused collector leaves the gradient mode on.
      return GradMode.with(true, () -> model.getNDManager().getEngine().newGradientCollector());
    } catch (IllegalStateException e) {
      throw new XAIException(
          "a GradientCollector is open in this JVM, and weights cannot be kept out of its gradients;"
              + " close it before explaining "
              + this,
          e);
    }
  }

  @Override
  public void close() {
    // The model is the caller's.
  }

  @Override
  public String toString() {
    return "DJL block model '" + model.getName() + "'";
  }

  /** Holds the collector, with every weight frozen. */
  private final class FrozenPass implements GradientScope {

    private final GradientCollector collector;
    private final List<NDArray> weights;

    FrozenPass(GradientCollector collector, List<NDArray> weights) {
      this.collector = collector;
      this.weights = weights;
      weights.forEach(weight -> weight.setRequiresGradient(false));
    }

    @Override
    public NDList forward(NDArray input) {
      return infer(input);
    }

    @Override
    public void close() {
      try (collector) {
        weights.forEach(weight -> weight.setRequiresGradient(true));
      } finally {
        COLLECTOR.unlock();
      }
    }
  }
}
