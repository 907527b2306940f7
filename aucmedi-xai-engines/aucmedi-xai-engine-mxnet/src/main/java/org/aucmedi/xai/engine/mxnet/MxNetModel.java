package org.aucmedi.xai.engine.mxnet;

import ai.djl.engine.EngineException;
import ai.djl.mxnet.engine.MxNDArray;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.EnumSet;
import java.util.Set;
import org.aucmedi.xai.XAIException;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.spi.EngineModel;

/** What symbols and DJL blocks share. */
abstract class MxNetModel extends EngineModel {

  static final String ENGINE = "MXNet";

  private final String name;
  final NDManager manager;

  /**
   * Constructs a model.
   *
   * @param name what messages call it
   * @param manager the model's own, which it closes
   * @param layout where the model expects channels
   */
  MxNetModel(String name, NDManager manager, ChannelLayout layout) {
    super(ENGINE, layout);
    this.name = name;
    this.manager = manager;
  }

  @Override
  public final Set<Capability> capabilities() {
    return EnumSet.allOf(Capability.class);
  }

  @Override
  public final NDManager newManager() {
    return manager.newSubManager();
  }

  @Override
  protected final NDArray copy(NDManager scope, NDArray array) {
    // Operators only read their inputs, so another handle to the same memory is as good as a copy.
    return array instanceof MxNDArray && array.getDevice().equals(scope.getDevice())
        ? MxAutograd.detached(scope, array)
        : super.copy(scope, array);
  }

  final XAIException cannotDifferentiate(EngineException e) {
    return new XAIException(this + " cannot be differentiated: " + NativeErrors.reason(e), e);
  }

  @Override
  public final void close() {
    manager.close();
  }

  @Override
  public final String toString() {
    return name;
  }
}
