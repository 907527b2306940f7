package org.aucmedi.xai.engine.mxnet;

import ai.djl.engine.EngineException;
import ai.djl.mxnet.jna.JnaUtils;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.IdentityHashMap;
import java.util.function.Supplier;
import org.aucmedi.xai.engine.mxnet.MxAutograd.Mark;
import org.aucmedi.xai.engine.support.BlockEngine;
import org.aucmedi.xai.engine.support.EngineModel;
import org.aucmedi.xai.engine.support.NativeMessages;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.jspecify.annotations.Nullable;

/**
 * DJL's blocks on MXNet.
 *
 * <p>An open collector in the calling thread is an error, since freezing the weights would remove
 * them from its graph.
 */
final class MxBlocks implements BlockEngine {

  @Override
  public @Nullable NDArray copy(NDManager scope, NDArray array) {
    return MxAutograd.copy(scope, array);
  }

  @Override
  public <T> T withoutGraph(Supplier<T> work) {
    return MxAutograd.with(false, work);
  }

  @Override
  public Recording record(EngineModel model, NDManager scope, String start) {
    OneDnn.requireOff(scope);
    if (JnaUtils.autogradIsRecording()) {
      throw new XAIException(
          "a GradientCollector is open in this thread, and a pass would remove the weights from its"
              + " graph; close it before explaining "
              + model);
    }
    return new Graph(model, scope);
  }

  @Override
  public XAIException refused(EngineModel model, NDArray batch, EngineException failure) {
    return NativeMessages.cannotRun(model, batch, MxErrors.reason(failure), failure);
  }

  @Override
  public void await(NDArray output) {
    MxAutograd.await(output);
  }

  @Override
  public void awaitAll() {
    MxAutograd.awaitAll();
  }

  private static final class Graph implements Recording {

    private final EngineModel model;
    private final NDManager scope;
    private final IdentityHashMap<NDArray, NDArray> gradients = new IdentityHashMap<>();

    Graph(EngineModel model, NDManager scope) {
      this.model = model;
      this.scope = scope;
    }

    @Override
    public Runnable freeze(NDArray weight) {
      NDArray gradient = weight.getGradient();
      gradient.attach(scope);
      MxAutograd.mark(weight, Mark.FROZEN, scope.zeros(new Shape(1)));
      return () -> MxAutograd.mark(weight, Mark.WRITTEN, gradient);
    }

    @Override
    public <T> T run(Supplier<T> work) {
      return MxAutograd.with(true, work);
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
        throw MxErrors.cannotDifferentiate(model, e);
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
            try {
              MxAutograd.await(taken);
            } catch (EngineException e) {
              throw MxErrors.cannotDifferentiate(model, e);
            }
            return taken;
          });
    }

    /** MXNet does not distinguish a missing gradient from a zero gradient. */
    @Override
    public UnsupportedModelException unreached() {
      return MxErrors.cannotDifferentiate(
          model, new EngineException("no gradient reaches the start of the graph"));
    }

    @Override
    public void close() {
      // The leaves are freed with the scope.
    }
  }
}
