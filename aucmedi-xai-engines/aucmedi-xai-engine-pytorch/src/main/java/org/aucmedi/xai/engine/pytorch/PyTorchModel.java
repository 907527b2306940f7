package org.aucmedi.xai.engine.pytorch;

import ai.djl.Model;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.function.Supplier;
import org.aucmedi.xai.engine.support.EngineModel;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.OutputGradient;
import org.aucmedi.xai.model.UnsupportedModelException;

/**
 * What TorchScript modules and DJL blocks share: libtorch's autograd, driven without DJL's {@code
 * GradientCollector}, which is one per JVM and cannot keep a graph for a second seed.
 */
abstract class PyTorchModel extends EngineModel {

  final Model model;

  PyTorchModel(Model model, LoadOptions options) {
    super(model.getNDManager(), options, ChannelLayout.CHANNELS_FIRST);
    this.model = model;
  }

  @Override
  protected final NDArray forward(NDManager scope, NDArray batch) {
    return GradMode.with(false, () -> output(() -> infer(batch), batch));
  }

  @Override
  protected final NDList differentiate(NDManager scope, NDArray batch, OutputGradient scores) {
    try (GradientScope gradients = openGradients()) {
      return GradMode.with(true, () -> differentiate(scope, gradients, batch, scores));
    }
  }

  private NDList differentiate(
      NDManager scope, GradientScope gradients, NDArray batch, OutputGradient scores) {
    PtNDArray leaf = (PtNDArray) batch;
    leaf.setRequiresGradient(true);
    // A model may change its input in place, which autograd forbids on a leaf, so it gets the leaf
    // plus zero. Times one would not do: the graph would keep DJL's array of the factor, and the
    // garbage collector takes its memory back before the backward pass.
    PtNDArray output = (PtNDArray) output(() -> gradients.forward(leaf.add(0)), batch);
    NDList seeds = outputGradients(scope, output, batch, scores);
    NDList results = new NDList();
    for (int k = 0; k < seeds.size(); k++) {
      // The seed follows the output's type, since converting the output would cut the graph.
      PtNDArray seed = (PtNDArray) seeds.get(k).toType(output.getDataType(), false);
      if (k > 0) {
        JniUtils.zeroGrad(leaf);
      }
      backward(output, seed, k < seeds.size() - 1, "its input");
      results.add(gradient(leaf));
    }
    return results;
  }

  /** DJL would give zeros for a gradient that never came. */
  private NDArray gradient(PtNDArray leaf) {
    try (PtNDArray gradient = JniUtils.getGradient(leaf)) {
      if (gradient == null) {
        throw new UnsupportedModelException(noPath("its input", "the gradient does not reach it"));
      }
      // The engine adds later passes to the same array, so the result is a copy.
      return gradient.duplicate();
    }
  }

  /** Runs the model without a graph. */
  abstract NDList infer(NDArray input);

  /** Prepares a pass that records a graph for the input alone, never for the weights. */
  abstract GradientScope openGradients();

  /** One pass with a graph; closing it puts back whatever it changed. */
  interface GradientScope extends AutoCloseable {

    NDList forward(NDArray input);

    @Override
    void close();
  }

  @Override
  protected final NDArray copy(NDManager scope, NDArray array) {
    if (!(array instanceof PtNDArray own)) {
      return super.copy(scope, array);
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

  /** Runs a forward pass and chooses the output to explain. */
  final NDArray output(Supplier<NDList> forward, NDArray batch) {
    return choose(outputs(forward, batch));
  }

  /** Runs a forward pass. */
  final NDList outputs(Supplier<NDList> forward, NDArray batch) {
    try {
      return forward.get();
    } catch (EngineException e) {
      String reason = NativeErrors.firstLine(e);
      String remedy = Remedies.forModel(reason);
      if (remedy != null) {
        throw new UnsupportedModelException(
            this + " cannot run: " + remedy + " (" + reason + ")", e);
      }
      throw cannotRun(batch, reason + Remedies.forBatch(reason, batch, channelLayout()), e);
    }
  }

  /** Asking DJL beforehand is no way: requiresGrad is false, and naming the function may crash. */
  final void backward(PtNDArray output, PtNDArray seed, boolean keepGraph, String from) {
    differentiable(
        () -> {
          JniUtils.backward(output, seed, keepGraph, false);
          return output;
        },
        from);
  }

  /** Runs a backward pass; libtorch refuses it where the graph does not reach its end. */
  final <T> T differentiable(Supplier<T> backward, String from) {
    try {
      return backward.get();
    } catch (EngineException e) {
      throw new UnsupportedModelException(noPath(from, NativeErrors.firstLine(e)), e);
    }
  }

  private String noPath(String from, String reason) {
    String remedy = Remedies.forModel(reason);
    return this
        + " has no differentiable path from "
        + from
        + " to its output ("
        + reason
        + "); "
        + (remedy == null ? whatToLookFor() : remedy);
  }

  /** Tells what may have cut a gradient. */
  String whatToLookFor() {
    return "look for no_grad, detach or argmax in its forward";
  }
}
