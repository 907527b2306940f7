package org.aucmedi.xai.engine.pytorch;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.ParameterStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.aucmedi.xai.XAIException;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.Layer;
import org.jspecify.annotations.Nullable;

/**
 * A TorchScript module, scripted or traced.
 *
 * <p>DJL usually loads a module in libtorch's inference mode, where nothing can be differentiated,
 * and its training forward would switch dropout and batch statistics on. So the first gradient pass
 * takes a private copy through libtorch's own serialisation: loaded for autograd, in evaluation
 * mode, without gradients for weights. The caller's module is never changed.
 */
final class TorchScriptModel extends PyTorchModel {

  private final PtSymbolBlock block;
  private final boolean ownsModel;
  private final NDManager manager;
  private @Nullable PtSymbolBlock differentiable;
  private @Nullable List<Layer> layers;

  TorchScriptModel(Model model, ChannelLayout layout, boolean ownsModel) {
    super(model, layout);
    this.block = (PtSymbolBlock) model.getBlock();
    this.ownsModel = ownsModel;
    this.manager = model.getNDManager().newSubManager();
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.of(Capability.PREDICTION, Capability.LAYERS, Capability.INPUT_GRADIENTS);
  }

  @Override
  public synchronized List<Layer> layers() {
    if (layers == null) {
      layers = TorchScriptLayers.of(this, serialise());
    }
    return layers;
  }

  @Override
  NDList infer(NDArray input) {
    return block.forward(new ParameterStore(manager, false), new NDList(input), false);
  }

  @Override
  GradientScope openGradients() {
    PtSymbolBlock module = differentiable();
    return new GradientScope() {
      @Override
      public NDList forward(NDArray input) {
        return IValueUtils.forward(module, new NDList(input), true);
      }

      @Override
      public void close() {}
    };
  }

  private PtSymbolBlock differentiable() {
    if (differentiable == null) {
      PtSymbolBlock copy = new PtSymbolBlock((PtNDManager) manager);
      try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(serialise()))) {
        copy.loadParameters(manager, in);
      } catch (IOException | MalformedModelException e) {
        throw new XAIException(this + " cannot be copied for gradients: " + e.getMessage(), e);
      }
      JniUtils.enableInferenceMode(copy);
      try (NDManager scope = manager.newSubManager()) {
        for (NDArray weight : JniUtils.moduleGetParams(copy, (PtNDManager) scope)) {
          weight.setRequiresGradient(false);
        }
      }
      differentiable = copy;
    }
    return differentiable;
  }

  /** The module as DJL writes it: a version byte, a length, then a TorchScript archive. */
  private byte[] serialise() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      block.saveParameters(out);
    } catch (IOException e) {
      throw new XAIException(this + " cannot be serialised: " + e.getMessage(), e);
    }
    return bytes.toByteArray();
  }

  @Override
  public void close() {
    manager.close();
    if (ownsModel) {
      model.close();
    }
  }

  @Override
  public String toString() {
    return "TorchScript model '" + model.getName() + "'";
  }
}
