package org.aucmedi.xai.engine.pytorch;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import java.util.function.Supplier;
import org.aucmedi.xai.engine.support.BlockEngine;
import org.aucmedi.xai.engine.support.EngineModel;
import org.aucmedi.xai.error.XAIException;
import org.jspecify.annotations.Nullable;

/**
 * DJL's blocks on PyTorch.
 *
 * <p>A recording holds DJL's collector, of which there is only one per JVM. So the weights cannot
 * be trained meanwhile, and a collector that is already open is an error.
 */
final class TorchBlocks implements BlockEngine {

  @Override
  public @Nullable NDArray copy(NDManager scope, NDArray array) {
    return TorchAutograd.copy(scope, array);
  }

  @Override
  public <T> T withoutGraph(Supplier<T> work) {
    return GradMode.with(false, work);
  }

  @Override
  public Recording record(EngineModel model, NDManager scope, String start) {
    NumberKeeper numbers = new NumberKeeper();
    try {
      return new HeldCollector(model, start, numbers, openCollector(model, scope));
    } catch (RuntimeException e) {
      numbers.close();
      throw e;
    }
  }

  private static GradientCollector openCollector(EngineModel model, NDManager scope) {
    try {
      // If the collector is refused, it leaves the gradient mode on.
      return GradMode.with(true, () -> scope.getEngine().newGradientCollector());
    } catch (IllegalStateException e) {
      throw new XAIException(
          "a GradientCollector is open in this JVM and would collect gradients of the weights;"
              + " close it before explaining "
              + model,
          e);
    }
  }

  @Override
  public XAIException refused(EngineModel model, NDArray batch, EngineException failure) {
    return TorchErrors.refused(model, batch, failure);
  }

  private static final class HeldCollector extends TorchAutograd implements Recording {

    private final NumberKeeper numbers;
    private final GradientCollector collector;

    HeldCollector(
        EngineModel model, String start, NumberKeeper numbers, GradientCollector collector) {
      super(model, start);
      this.numbers = numbers;
      this.collector = collector;
    }

    @Override
    public Runnable freeze(NDArray weight) {
      weight.setRequiresGradient(false);
      return () -> weight.setRequiresGradient(true);
    }

    @Override
    public <T> T run(Supplier<T> work) {
      return GradMode.with(true, work);
    }

    @Override
    public void close() {
      try {
        collector.close();
      } finally {
        numbers.close();
      }
    }
  }
}
