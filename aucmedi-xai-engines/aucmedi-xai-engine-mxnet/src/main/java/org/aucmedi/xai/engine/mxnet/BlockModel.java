package org.aucmedi.xai.engine.mxnet;

import ai.djl.Model;
import ai.djl.engine.EngineException;
import ai.djl.mxnet.jna.JnaUtils;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.aucmedi.xai.XAIException;
import org.aucmedi.xai.engine.mxnet.MxAutograd.Mark;
import org.aucmedi.xai.engine.support.Autograd;
import org.aucmedi.xai.engine.support.BlockPasses;
import org.aucmedi.xai.model.GuidedGradients;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LayerGradients;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.OutputActivation;
import org.aucmedi.xai.model.OutputGradient;
import org.aucmedi.xai.model.RectifierRule;

/**
 * A model built from DJL blocks.
 *
 * <p>The weights are the caller's own arrays. A pass stops them from collecting gradients, and puts
 * the arrays of their gradients back afterwards with what was in them. Nobody may train on the same
 * weights meanwhile; a collector that is open in the calling thread is an error.
 */
final class BlockModel extends MxNetModel {

  /** Two models may share weights, so passes that freeze them take turns. */
  private static final ReentrantLock FREEZING = new ReentrantLock();

  private final Block block;
  private final BlockPasses passes;

  BlockModel(Model model, LoadOptions options) {
    super(
        "DJL block model '" + model.getName() + "'", model.getNDManager().newSubManager(), options);
    this.block = model.getBlock();
    this.passes = new BlockPasses(block, this::output);
  }

  @Override
  protected OutputActivation findActivation() {
    try (NDManager manager = newManager()) {
      return MxAutograd.with(false, () -> passes.activation(manager));
    }
  }

  @Override
  protected List<Layer> declareLayers() {
    return passes.layers(this);
  }

  @Override
  protected NDArray forward(NDManager scope, NDArray batch) {
    return MxAutograd.with(false, () -> output(() -> infer(batch), batch));
  }

  @Override
  protected List<Layer> traceLayers(NDManager scope, NDArray batch) {
    return MxAutograd.with(false, () -> passes.layers(batch));
  }

  @Override
  protected NDArray activate(NDManager scope, NDArray batch, String layerName) {
    return MxAutograd.with(false, () -> passes.activations(batch, layerName));
  }

  @Override
  protected NDList differentiate(NDManager scope, NDArray batch, OutputGradient scores) {
    return record(
        scope,
        autograd -> {
          NDArray leaf = autograd.leaf(batch);
          // A model may change its input in place, which MXNet forbids on a leaf.
          NDArray output = output(() -> infer(leaf.add(0)), batch);
          NDList seeds = outputGradients(scope, output, batch, scores);
          NDList gradients = new NDList();
          for (int k = 0; k < seeds.size(); k++) {
            NDArray seed = seeds.get(k).toType(output.getDataType(), false);
            autograd.backward(output, seed, k < seeds.size() - 1);
            gradients.add(autograd.take(leaf));
          }
          return gradients;
        });
  }

  @Override
  protected LayerGradients differentiateLayer(
      NDManager scope, NDArray batch, OutputGradient scores, String layerName) {
    return record(
        scope,
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
        scope,
        autograd ->
            passes.guidedGradients(
                autograd, batch, output -> outputGradients(scope, output, batch, scores), rule));
  }

  private NDList infer(NDArray input) {
    return block.forward(new ParameterStore(input.getManager(), false), new NDList(input), false);
  }

  private NDArray output(Supplier<NDList> forward, NDArray batch) {
    try {
      NDArray output = choose(forward.get());
      MxAutograd.await(output);
      return output;
    } catch (EngineException e) {
      throw cannotRun(batch, NativeErrors.reason(e), e);
    }
  }

  private <T> T record(NDManager scope, Function<Autograd, T> work) {
    OneDnn.requireOff(scope);
    if (JnaUtils.autogradIsRecording()) {
      throw new XAIException(
          "a GradientCollector is open in this thread, and a pass would cut the weights out of its"
              + " graph; close it before explaining "
              + this);
    }
    FREEZING.lock();
    try (FrozenPass pass = new FrozenPass(scope)) {
      return MxAutograd.with(true, () -> work.apply(pass));
    } finally {
      FREEZING.unlock();
    }
  }

  /** One pass with a graph; closing it lets the weights collect gradients again. */
  private final class FrozenPass implements Autograd, AutoCloseable {

    private final NDManager scope;
    private final IdentityHashMap<NDArray, NDArray> weights = new IdentityHashMap<>();
    private final IdentityHashMap<NDArray, NDArray> gradients = new IdentityHashMap<>();

    FrozenPass(NDManager scope) {
      this.scope = scope;
      NDArray none = scope.zeros(new Shape(1));
      for (Parameter parameter : block.getParameters().values()) {
        NDArray weight = parameter.getArray();
        if (weight.hasGradient()) {
          NDArray gradient = weight.getGradient();
          gradient.attach(scope);
          weights.put(weight, gradient);
          MxAutograd.mark(weight, Mark.FROZEN, none);
        }
      }
    }

    @Override
    public NDArray leaf(NDArray values) {
      NDArray gradient =
          MxAutograd.with(false, () -> scope.zeros(values.getShape(), values.getDataType()));
      NDArray leaf = MxAutograd.leaf(scope, values, Mark.ADDED, gradient);
      gradients.put(leaf, gradient);
      return leaf;
    }

    @Override
    public void backward(NDArray output, NDArray gradient, boolean keepGraph) {
      try {
        MxAutograd.backward(output, gradient, keepGraph);
      } catch (EngineException e) {
        throw cannotDifferentiate(e);
      }
    }

    @Override
    public NDArray take(NDArray leaf) {
      NDArray gradient = gradients.get(leaf);
      return MxAutograd.with(
          false,
          () -> {
            NDArray taken = gradient.duplicate();
            try (NDArray zeros = gradient.zerosLike()) {
              zeros.copyTo(gradient);
            }
            awaited(taken);
            return taken;
          });
    }

    private void awaited(NDArray array) {
      try {
        MxAutograd.await(array);
      } catch (EngineException e) {
        throw cannotDifferentiate(e);
      }
    }

    @Override
    public void close() {
      weights.forEach((weight, gradient) -> MxAutograd.mark(weight, Mark.WRITTEN, gradient));
    }
  }
}
