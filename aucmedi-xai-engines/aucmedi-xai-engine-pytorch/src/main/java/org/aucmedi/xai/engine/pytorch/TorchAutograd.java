package org.aucmedi.xai.engine.pytorch;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import org.aucmedi.xai.engine.support.Autograd;
import org.aucmedi.xai.engine.support.EngineModel;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.jspecify.annotations.Nullable;

/**
 * Libtorch's autograd, used without DJL's {@code GradientCollector}, of which there is only one per
 * JVM and which cannot keep a graph for a second backward pass.
 */
class TorchAutograd implements Autograd {

  private final EngineModel model;
  private final String start;

  /**
   * Constructs an autograd for one pass.
   *
   * @param model the model, for messages
   * @param start the start of the graph, for messages
   */
  TorchAutograd(EngineModel model, String start) {
    this.model = model;
    this.start = start;
  }

  @Override
  public NDArray leaf(NDArray values) {
    values.setRequiresGradient(true);
    return values;
  }

  /**
   * DJL cannot tell beforehand: requiresGrad is false, and querying the function's name may crash.
   */
  @Override
  public void backward(NDArray output, NDArray gradient, boolean keepGraph) {
    try {
      JniUtils.backward((PtNDArray) output, (PtNDArray) gradient, keepGraph, false);
    } catch (EngineException e) {
      throw TorchErrors.noPath(model, start, whatToLookFor(), e);
    }
  }

  /** DJL would return zeros for a missing gradient. */
  @Override
  public @Nullable NDArray take(NDArray leaf) {
    PtNDArray own = (PtNDArray) leaf;
    try (PtNDArray gradient = JniUtils.getGradient(own)) {
      if (gradient == null) {
        return null;
      }
      // Later passes add to the same array, so return a copy.
      NDArray taken = gradient.duplicate();
      JniUtils.zeroGrad(own);
      return taken;
    }
  }

  @Override
  public final UnsupportedModelException unreached() {
    return TorchErrors.noPath(model, start, whatToLookFor(), null);
  }

  /** Describes what may have blocked a gradient. */
  String whatToLookFor() {
    return TorchErrors.CUTS;
  }

  /** Copies an array of libtorch's into a scope, or returns null for one of another engine. */
  static @Nullable NDArray copy(NDManager scope, NDArray array) {
    if (!(array instanceof PtNDArray own)) {
      return null;
    }
    // Derived arrays belong to the manager of the original, so create our own handle first.
    NDArray handle = JniUtils.detachGradient(own);
    handle.attach(scope);
    NDArray copy =
        handle.getDevice().equals(scope.getDevice())
            ? handle.duplicate()
            : handle.toDevice(scope.getDevice(), true);
    copy.attach(scope);
    return copy;
  }
}
