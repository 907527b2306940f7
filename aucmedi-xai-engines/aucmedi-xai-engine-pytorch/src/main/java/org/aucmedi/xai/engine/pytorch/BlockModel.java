package org.aucmedi.xai.engine.pytorch;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.aucmedi.xai.XAIException;
import org.aucmedi.xai.engine.support.Autograd;
import org.aucmedi.xai.engine.support.BlockPasses;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.GuidedGradients;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LayerGradients;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.OutputActivation;
import org.aucmedi.xai.model.OutputGradient;
import org.aucmedi.xai.model.RectifierRule;
import org.jspecify.annotations.Nullable;

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
  private final BlockPasses passes;

  BlockModel(Model model, LoadOptions options) {
    super(model, options);
    this.block = model.getBlock();
    if (!block.isInitialized()) {
      throw new IllegalArgumentException(
          "the block of model '" + model.getName() + "' is not initialised; load or initialise it");
    }
    this.passes = new BlockPasses(block, this::output);
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.allOf(Capability.class);
  }

  @Override
  protected OutputActivation findActivation() {
    try (NDManager manager = newManager()) {
      return GradMode.with(false, () -> passes.activation(manager));
    }
  }

  @Override
  protected List<Layer> declareLayers() {
    return passes.layers(this);
  }

  @Override
  protected List<Layer> traceLayers(NDManager scope, NDArray batch) {
    return GradMode.with(false, () -> passes.layers(batch));
  }

  @Override
  protected NDArray activate(NDManager scope, NDArray batch, String layerName) {
    return GradMode.with(false, () -> passes.activations(batch, layerName));
  }

  @Override
  protected LayerGradients differentiateLayer(
      NDManager scope, NDArray batch, OutputGradient scores, String layerName) {
    return record(
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
      NDManager scope, NDArray batch, OutputGradient scores, RectifierRule rule) {
    return record(
        "its input",
        autograd ->
            passes.guidedGradients(
                autograd, batch, output -> outputGradients(scope, output, batch, scores), rule));
  }

  /** Runs a pass whose graph starts at a place that messages name. */
  private <T> T record(String start, Function<Autograd, T> work) {
    try (FrozenPass pass = openPass(start)) {
      return GradMode.with(true, () -> work.apply(pass));
    }
  }

  @Override
  NDList infer(NDArray input) {
    return block.forward(new ParameterStore(input.getManager(), false), new NDList(input), false);
  }

  @Override
  GradientScope openGradients() {
    return openPass("its input");
  }

  private FrozenPass openPass(String start) {
    FrozenPass pass = new FrozenPass(start);
    try {
      pass.open();
      return pass;
    } catch (RuntimeException e) {
      pass.close();
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
  protected void release() {
    // The model is the caller's.
  }

  @Override
  public String toString() {
    return "DJL block model '" + model.getName() + "'";
  }

  /** Holds the collector, with every weight frozen. */
  private final class FrozenPass implements GradientScope, Autograd {

    private final String start;
    private final List<NDArray> frozen = new ArrayList<>();
    private @Nullable NumberKeeper numbers;
    private @Nullable GradientCollector collector;

    FrozenPass(String start) {
      this.start = start;
      COLLECTOR.lock();
    }

    /** What fails half-way is put back by closing. */
    void open() {
      List<NDArray> weights = trainableWeights();
      numbers = new NumberKeeper();
      collector = openCollector();
      for (NDArray weight : weights) {
        weight.setRequiresGradient(false);
        frozen.add(weight);
      }
    }

    @Override
    public NDList forward(NDArray input) {
      return infer(input);
    }

    @Override
    public NDArray leaf(NDArray values) {
      values.setRequiresGradient(true);
      return values;
    }

    @Override
    public void backward(NDArray output, NDArray gradient, boolean keepGraph) {
      BlockModel.this.backward((PtNDArray) output, (PtNDArray) gradient, keepGraph, start);
    }

    @Override
    public NDArray take(NDArray leaf) {
      PtNDArray own = (PtNDArray) leaf;
      try (PtNDArray gradient = JniUtils.getGradient(own)) {
        if (gradient == null) {
          return leaf.getManager().zeros(leaf.getShape(), leaf.getDataType());
        }
        // The engine adds later passes to the same array, so the result is a copy.
        NDArray taken = gradient.duplicate();
        JniUtils.zeroGrad(own);
        return taken;
      }
    }

    @Override
    public void close() {
      try {
        frozen.forEach(weight -> weight.setRequiresGradient(true));
      } finally {
        if (collector != null) {
          collector.close();
        }
        if (numbers != null) {
          numbers.close();
        }
        COLLECTOR.unlock();
      }
    }
  }
}
