package org.aucmedi.xai.spi;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.aucmedi.xai.XAIException;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.GuidedGradients;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LayerGradients;
import org.aucmedi.xai.model.MissingCapabilityException;
import org.aucmedi.xai.model.RectifierRule;

/**
 * What the models of all engines share: batches and seeds are checked and copied into the engine, a
 * model does one thing at a time, and results go to the caller's manager while everything else is
 * freed.
 *
 * <p>A subclass implements the passes it has {@linkplain #capabilities() capabilities} for. A pass
 * gets a scope that closes after it, and private copies of the batch and the seeds in that scope;
 * it returns arrays of any manager.
 */
public abstract class EngineModel implements ExplainableModel {

  private final String engineName;
  private final ChannelLayout layout;
  private final ReentrantLock lock = new ReentrantLock();

  /**
   * Constructs a model.
   *
   * @param engineName DJL's name of the engine
   * @param layout where the model expects channels
   */
  protected EngineModel(String engineName, ChannelLayout layout) {
    this.engineName = engineName;
    this.layout = layout;
  }

  /**
   * Runs the model on a batch.
   *
   * @param scope the pass's own manager
   * @param batch the inputs
   * @return the model's output
   */
  protected abstract NDArray forward(NDManager scope, NDArray batch);

  /**
   * Implements {@link #layers(NDArray)}.
   *
   * @param scope the pass's own manager
   * @param batch the inputs
   * @return the layers that ran, in the order in which they finished
   */
  protected List<Layer> traceLayers(NDManager scope, NDArray batch) {
    throw new MissingCapabilityException(this, Capability.LAYERS);
  }

  /**
   * Implements {@link #layerActivations}; unless overridden, a layer pass without seeds.
   *
   * @param scope the pass's own manager
   * @param batch the inputs
   * @param layerName the layer
   * @return its output
   */
  protected NDArray activate(NDManager scope, NDArray batch, String layerName) {
    return differentiateLayer(scope, batch, new NDList(), layerName).activations();
  }

  /**
   * Implements {@link #inputGradients(NDArray, NDList)}.
   *
   * @param scope the pass's own manager
   * @param batch the inputs
   * @param seeds the seeds
   * @return one gradient per seed
   */
  protected NDList differentiate(NDManager scope, NDArray batch, NDList seeds) {
    throw new MissingCapabilityException(this, Capability.INPUT_GRADIENTS);
  }

  /**
   * Implements {@link #layerGradients}.
   *
   * @param scope the pass's own manager
   * @param batch the inputs
   * @param seeds the seeds, maybe none
   * @param layerName the layer
   * @return output, activations and one gradient per seed
   */
  protected LayerGradients differentiateLayer(
      NDManager scope, NDArray batch, NDList seeds, String layerName) {
    throw new MissingCapabilityException(this, Capability.LAYER_GRADIENTS);
  }

  /**
   * Implements {@link #guidedGradients}.
   *
   * @param scope the pass's own manager
   * @param batch the inputs
   * @param seeds the seeds
   * @param rule how gradients pass a rectifier
   * @return one gradient per seed and the number of rectifiers
   */
  protected GuidedGradients differentiateGuided(
      NDManager scope, NDArray batch, NDList seeds, RectifierRule rule) {
    throw new MissingCapabilityException(this, Capability.GUIDED_GRADIENTS);
  }

  /**
   * Copies an array into a pass's scope; nothing a model does to the copy reaches the original.
   *
   * <p>This default goes through the JVM's memory. An engine overrides it for its own arrays.
   *
   * @param scope the pass's own manager
   * @param array an array of any engine
   * @return the copy, on this model's engine and device
   */
  protected NDArray copy(NDManager scope, NDArray array) {
    return scope.create(FloatBuffer.wrap(array.toFloatArray()), array.getShape());
  }

  @Override
  public final String engineName() {
    return engineName;
  }

  @Override
  public final ChannelLayout channelLayout() {
    return layout;
  }

  @Override
  public final NDArray predict(NDArray batch) {
    return run(
        Capability.PREDICTION,
        batch,
        new NDList(),
        (scope, input, none) ->
            handOver(
                checkOutput(forward(scope, input), input).toType(DataType.FLOAT32, false), batch));
  }

  @Override
  public final List<Layer> layers(NDArray batch) {
    return run(
        Capability.LAYERS, batch, new NDList(), (scope, input, none) -> traceLayers(scope, input));
  }

  @Override
  public final NDArray layerActivations(NDArray batch, String layerName) {
    return run(
        Capability.LAYER_ACTIVATIONS,
        batch,
        new NDList(),
        (scope, input, none) -> handOver(activate(scope, input, layerName), batch));
  }

  @Override
  public final NDList inputGradients(NDArray batch, NDList seeds) {
    return run(
        Capability.INPUT_GRADIENTS,
        batch,
        seeds,
        (scope, input, local) -> handOver(differentiate(scope, input, local), batch));
  }

  @Override
  public final LayerGradients layerGradients(NDArray batch, NDList seeds, String layerName) {
    return run(
        Capability.LAYER_GRADIENTS,
        batch,
        seeds,
        (scope, input, local) -> {
          LayerGradients found = differentiateLayer(scope, input, local, layerName);
          return new LayerGradients(
              handOver(found.output(), batch),
              handOver(found.activations(), batch),
              handOver(found.gradients(), batch));
        });
  }

  @Override
  public final GuidedGradients guidedGradients(NDArray batch, NDList seeds, RectifierRule rule) {
    return run(
        Capability.GUIDED_GRADIENTS,
        batch,
        seeds,
        (scope, input, local) -> {
          GuidedGradients found = differentiateGuided(scope, input, local, rule);
          return new GuidedGradients(handOver(found.gradients(), batch), found.rectifiers());
        });
  }

  private <T> T run(Capability needed, NDArray batch, NDList seeds, Pass<T> pass) {
    if (!capabilities().contains(needed)) {
      throw new MissingCapabilityException(this, needed);
    }
    checkBatch(batch);
    lock.lock();
    try (NDManager scope = newManager()) {
      NDList local = new NDList();
      for (NDArray seed : seeds) {
        local.add(copy(scope, seed));
      }
      return pass.run(scope, copy(scope, batch), local);
    } finally {
      lock.unlock();
    }
  }

  private NDList handOver(NDList results, NDArray batch) {
    NDList handed = new NDList();
    for (NDArray result : results) {
      handed.add(handOver(result, batch));
    }
    return handed;
  }

  /**
   * Makes a result the caller's.
   *
   * <p>This default moves it to the manager of the batch; an array of another engine goes through
   * the JVM's memory.
   *
   * @param result an array of this engine
   * @param batch the caller's batch
   * @return the result, owned by the manager of the batch
   */
  protected NDArray handOver(NDArray result, NDArray batch) {
    NDManager owner = batch.getManager();
    if (owner.getEngine().getEngineName().equals(engineName)) {
      result.attach(owner);
      return result;
    }
    return owner.create(FloatBuffer.wrap(result.toFloatArray()), result.getShape());
  }

  /**
   * Checks that an output is a classifier's.
   *
   * @param output the model's output
   * @param batch the inputs
   * @return the output
   * @throws XAIException if it is not (N, classes)
   */
  protected final NDArray checkOutput(NDArray output, NDArray batch) {
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

  /**
   * Checks that seeds have the shape of the output.
   *
   * @param seeds the seeds
   * @param output the model's output
   * @throws IllegalArgumentException if one has another shape
   */
  protected static void checkSeeds(NDList seeds, NDArray output) {
    for (NDArray seed : seeds) {
      if (!seed.getShape().equals(output.getShape())) {
        throw new IllegalArgumentException(
            "a seed has the output's shape " + output.getShape() + ", got " + seed.getShape());
      }
    }
  }

  /**
   * Makes the error for a batch that the engine refuses.
   *
   * @param batch the inputs
   * @param reason what the engine says
   * @param cause the engine's exception
   * @return the exception to throw
   */
  protected final XAIException cannotRun(NDArray batch, String reason, Throwable cause) {
    return new XAIException(
        this + " cannot run on a batch of shape " + batch.getShape() + ": " + reason, cause);
  }

  private static void checkBatch(NDArray batch) {
    if (batch.getDataType() != DataType.FLOAT32) {
      throw new IllegalArgumentException(
          "a batch is float32, got "
              + batch.getDataType()
              + "; convert it with toType(DataType.FLOAT32, false)");
    }
  }

  @FunctionalInterface
  private interface Pass<T> {
    T run(NDManager scope, NDArray batch, NDList seeds);
  }
}
