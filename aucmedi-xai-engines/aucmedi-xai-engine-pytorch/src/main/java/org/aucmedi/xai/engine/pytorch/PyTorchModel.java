package org.aucmedi.xai.engine.pytorch;

import ai.djl.Model;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.nio.FloatBuffer;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.aucmedi.xai.XAIException;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;

/**
 * What TorchScript modules and DJL blocks share: libtorch's autograd, driven without DJL's {@code
 * GradientCollector}, which is one per JVM and cannot keep a graph for a second seed.
 */
abstract class PyTorchModel implements ExplainableModel {

  final Model model;
  private final ChannelLayout layout;
  private final ReentrantLock lock = new ReentrantLock();

  PyTorchModel(Model model, ChannelLayout layout) {
    this.model = Objects.requireNonNull(model, "model");
    this.layout = layout;
  }

  @Override
  public final String engineName() {
    return "PyTorch";
  }

  @Override
  public final ChannelLayout channelLayout() {
    return layout;
  }

  @Override
  public final NDManager newManager() {
    return model.getNDManager().newSubManager();
  }

  @Override
  public final NDArray predict(NDArray batch) {
    checkBatch(batch);
    lock.lock();
    try (NDManager scope = newManager()) {
      return GradMode.with(
          false,
          () -> {
            NDArray output = firstOutput(() -> infer(copy(scope, batch)), batch);
            return handOver(output.toType(DataType.FLOAT32, false), batch);
          });
    } finally {
      lock.unlock();
    }
  }

  @Override
  public final NDList inputGradients(NDArray batch, NDList seeds) {
    checkBatch(batch);
    lock.lock();
    try (NDManager scope = newManager();
        GradientScope gradients = openGradients()) {
      return GradMode.with(true, () -> differentiate(scope, gradients, batch, seeds));
    } finally {
      lock.unlock();
    }
  }

  private NDList differentiate(
      NDManager scope, GradientScope gradients, NDArray batch, NDList seeds) {
    PtNDArray leaf = freshLeaf(scope, batch);
    // A model may change its input in place, which autograd forbids on a leaf, so it gets the leaf
    // plus zero. Times one would not do: the graph would keep DJL's array of the factor, whose
    // memory
    // the garbage collector takes back before the backward pass.
    PtNDArray output = (PtNDArray) firstOutput(() -> gradients.forward(leaf.add(0)), batch);
    NDList results = new NDList();
    for (int k = 0; k < seeds.size(); k++) {
      NDArray local = onDevice(scope, checkSeed(seeds.get(k), output.getShape()));
      // The seed follows the output's type, since converting the output would cut the graph.
      PtNDArray seed = (PtNDArray) local.toType(output.getDataType(), false);
      if (k > 0) {
        JniUtils.zeroGrad(leaf);
      }
      backward(output, seed, k < seeds.size() - 1);
      // The engine adds later passes to the same array, so each result is a copy.
      results.add(handOver(leaf.getGradient().duplicate(), batch));
    }
    return results;
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

  /** Gradients add up on a leaf that is used twice, so every pass has its own. */
  private PtNDArray freshLeaf(NDManager scope, NDArray batch) {
    PtNDArray leaf = (PtNDArray) copy(scope, batch).stopGradient();
    leaf.setRequiresGradient(true);
    return leaf;
  }

  /** What a model changes in place, or hands on as its output, is never the caller's batch. */
  private NDArray copy(NDManager scope, NDArray batch) {
    NDArray copy = onDevice(scope, batch).duplicate();
    copy.attach(scope);
    return copy;
  }

  private NDArray onDevice(NDManager scope, NDArray array) {
    NDArray local =
        array instanceof PtNDArray
            ? array
            : scope.create(FloatBuffer.wrap(array.toFloatArray()), array.getShape());
    // A copy of the handle in our scope: whatever the engine derives from it is freed with the
    // scope.
    NDArray moved =
        local.getDevice().equals(scope.getDevice())
            ? JniUtils.detachGradient((PtNDArray) local)
            : local.toDevice(scope.getDevice(), true);
    moved.attach(scope);
    return moved;
  }

  private static NDArray handOver(NDArray result, NDArray batch) {
    if (batch instanceof PtNDArray) {
      result.attach(batch.getManager());
      return result;
    }
    return batch.getManager().create(FloatBuffer.wrap(result.toFloatArray()), result.getShape());
  }

  private NDArray firstOutput(Forward forward, NDArray batch) {
    NDList outputs;
    try {
      outputs = forward.run();
    } catch (EngineException e) {
      throw new XAIException(
          this
              + " cannot run on a batch of shape "
              + batch.getShape()
              + ": "
              + NativeErrors.firstLine(e),
          e);
    }
    NDArray output = outputs.head();
    Shape shape = output.getShape();
    if (shape.dimension() != 2 || shape.get(0) != batch.getShape().get(0)) {
      throw new XAIException(
          this
              + " gives an output of shape "
              + shape
              + " for a batch of shape "
              + batch.getShape()
              + "; a classifier gives (N, classes)");
    }
    return output;
  }

  /** Asking DJL beforehand is no way: requiresGrad is false, and naming the function may crash. */
  private void backward(PtNDArray output, PtNDArray seed, boolean keepGraph) {
    try {
      JniUtils.backward(output, seed, keepGraph, false);
    } catch (EngineException e) {
      throw new XAIException(
          this
              + " has no differentiable path from its input to its output ("
              + NativeErrors.firstLine(e)
              + "); look for no_grad, detach or argmax in its forward",
          e);
    }
  }

  private static void checkBatch(NDArray batch) {
    if (batch.getDataType() != DataType.FLOAT32) {
      throw new IllegalArgumentException(
          "a batch is float32, got "
              + batch.getDataType()
              + "; convert it with toType(DataType.FLOAT32, false)");
    }
  }

  private static NDArray checkSeed(NDArray seed, Shape output) {
    if (!seed.getShape().equals(output)) {
      throw new IllegalArgumentException(
          "a seed has the output's shape " + output + ", got " + seed.getShape());
    }
    return seed;
  }

  @FunctionalInterface
  private interface Forward {
    NDList run();
  }
}
