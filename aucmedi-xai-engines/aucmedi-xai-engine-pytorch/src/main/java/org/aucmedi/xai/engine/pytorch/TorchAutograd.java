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
 * Libtorch's autograd, driven without DJL's {@code GradientCollector}, which is one per JVM and
 * cannot keep a graph for a second backward pass.
 */
class TorchAutograd implements Autograd {

  private final EngineModel model;
  private final String start;

  /**
   * Constructs an autograd for one pass.
   *
   * @param model the model, for messages
   * @param start where the graph starts, for messages
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

  /** Asking DJL beforehand is no way: requiresGrad is false, and naming the function may crash. */
  @Override
  public void backward(NDArray output, NDArray gradient, boolean keepGraph) {
    try {
      JniUtils.backward((PtNDArray) output, (PtNDArray) gradient, keepGraph, false);
    } catch (EngineException e) {
      throw TorchErrors.noPath(model, start, whatToLookFor(), e);
    }
  }

  /** DJL would give zeros for a gradient that never came. */
  @Override
  public @Nullable NDArray take(NDArray leaf) {
    PtNDArray own = (PtNDArray) leaf;
    try (PtNDArray gradient = JniUtils.getGradient(own)) {
      if (gradient == null) {
        return null;
      }
      // The engine adds later passes to the same array, so the result is a copy.
      NDArray taken = gradient.duplicate();
      JniUtils.zeroGrad(own);
      return taken;
    }
  }

  @Override
  public final UnsupportedModelException unreached() {
    return TorchErrors.noPath(model, start, whatToLookFor(), null);
  }

  /** Tells what may have cut a gradient. */
  String whatToLookFor() {
    return TorchErrors.CUTS;
  }

  /** Copies an array of libtorch's into a scope, or returns null for one of another engine. */
  static @Nullable NDArray copy(NDManager scope, NDArray array) {
    if (!(array instanceof PtNDArray own)) {
      return null;
    }
    // What the engine derives from an array lands in that array's manager: first a handle of ours.
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
