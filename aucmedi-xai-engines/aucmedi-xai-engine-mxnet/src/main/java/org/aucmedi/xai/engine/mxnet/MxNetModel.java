package org.aucmedi.xai.engine.mxnet;

import ai.djl.engine.EngineException;
import ai.djl.mxnet.engine.MxNDArray;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.EnumSet;
import java.util.Set;
import org.aucmedi.xai.XAIException;
import org.aucmedi.xai.engine.support.EngineModel;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.UnsupportedModelException;

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
   * @param options what is not to be read from the model
   */
  MxNetModel(String name, NDManager manager, LoadOptions options) {
    super(manager, options, ChannelLayout.CHANNELS_FIRST);
    this.name = name;
    this.manager = manager;
  }

  @Override
  public final Set<Capability> capabilities() {
    return EnumSet.allOf(Capability.class);
  }

  @Override
  protected final NDArray copy(NDManager scope, NDArray array) {
    // Operators only read their inputs, so another handle to the same memory is as good as a copy.
    return array instanceof MxNDArray && array.getDevice().equals(scope.getDevice())
        ? MxAutograd.detached(scope, array)
        : super.copy(scope, array);
  }

  final XAIException cannotDifferentiate(EngineException e) {
    return new UnsupportedModelException(
        this
            + " cannot be differentiated: "
            + NativeErrors.reason(e)
            + "; choose a method without gradients, such as occlusion",
        e);
  }

  @Override
  protected final void release() {
    MxAutograd.awaitAll();
    manager.close();
  }

  @Override
  public final String toString() {
    return name;
  }
}
