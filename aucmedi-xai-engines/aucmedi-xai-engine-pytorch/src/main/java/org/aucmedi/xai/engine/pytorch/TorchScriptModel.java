package org.aucmedi.xai.engine.pytorch;

import ai.djl.Model;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.ParameterStore;
import java.io.IOException;
import java.nio.channels.Channels;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.aucmedi.xai.XAIException;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.GuidedGradients;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LayerGradients;
import org.aucmedi.xai.model.LayerNotFoundException;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.OutputGradient;
import org.aucmedi.xai.model.RectifierRule;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A TorchScript module, scripted or traced.
 *
 * <p>DJL usually loads a module in libtorch's inference mode, where nothing can be differentiated,
 * and its training forward would switch dropout and batch statistics on. So what differentiates is
 * a private copy, made from the file or through libtorch's own serialisation the first time it is
 * needed: a {@link Probe}, in evaluation mode, without gradients for weights. A module that this
 * library loaded itself needs no copy for input gradients. The caller's module is never changed.
 */
final class TorchScriptModel extends PyTorchModel {

  private static final Logger logger = LoggerFactory.getLogger(TorchScriptModel.class);

  private final PtSymbolBlock block;
  private final @Nullable ModuleFile file;
  private final boolean ownsModel;
  private final NDManager manager;
  private @Nullable Probe probe;

  /** Whether this network needs {@link Probe.Mode#RECTIFIERS_WITH_CARE}. */
  private boolean careful;

  /** The file is what this library loaded the model from, or null for a user's own model. */
  TorchScriptModel(Model model, LoadOptions options, @Nullable ModuleFile file) {
    super(model, options);
    this.block = (PtSymbolBlock) model.getBlock();
    this.file = file;
    this.ownsModel = file != null;
    this.manager = model.getNDManager().newSubManager();
    if (ownsModel) {
      freeze(block);
    }
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.allOf(Capability.class);
  }

  @Override
  protected List<Layer> declareLayers() {
    return probe().declared();
  }

  @Override
  NDList infer(NDArray input) {
    return block.forward(new ParameterStore(manager, false), new NDList(input), false);
  }

  @Override
  GradientScope openGradients() {
    PtSymbolBlock module = ownsModel ? block : probe().module();
    return new GradientScope() {
      @Override
      public NDList forward(NDArray input) {
        return IValueUtils.forward(module, new NDList(input), true);
      }

      @Override
      public void close() {}
    };
  }

  @Override
  protected List<Layer> traceLayers(NDManager scope, NDArray batch) {
    return record(
        scope,
        false,
        tape -> {
          output(() -> tape.run(batch, Probe.Mode.SIZES, -1), batch);
          return tape.sizes(scope);
        });
  }

  @Override
  protected NDArray activate(NDManager scope, NDArray batch, String layerName) {
    return record(
        scope,
        false,
        tape -> {
          runToLayer(tape, scope, batch, layerName);
          return tape.activations(scope);
        });
  }

  @Override
  protected LayerGradients differentiateLayer(
      NDManager scope, NDArray batch, OutputGradient scores, String layerName) {
    return record(
        scope,
        true,
        tape -> {
          NDArray output = runToLayer(tape, scope, batch, layerName);
          NDList gradients = new NDList();
          for (NDArray seed : outputGradients(scope, output, batch, scores)) {
            gradients.add(
                differentiable(() -> tape.layerGradient(scope, seed), "layer '" + layerName + "'"));
          }
          return new LayerGradients(output, tape.activations(scope), gradients);
        });
  }

  private NDArray runToLayer(Probe tape, NDManager scope, NDArray batch, String layerName) {
    List<String> names = tape.declared().stream().map(Layer::name).toList();
    int layer = names.indexOf(layerName);
    if (layer < 0) {
      throw new LayerNotFoundException(layerName, tape.declared());
    }
    NDArray output = output(() -> tape.run(batch, Probe.Mode.LAYER, layer), batch);
    if (!tape.tapped(scope)) {
      throw new LayerNotFoundException(layerName, traceLayers(scope, batch));
    }
    return output;
  }

  @Override
  protected GuidedGradients differentiateGuided(
      NDManager scope, NDArray batch, OutputGradient scores, RectifierRule rule) {
    return record(
        scope,
        true,
        tape -> {
          NDArray output = output(() -> runToRectifiers(tape, batch), batch);
          NDList gradients = new NDList();
          for (NDArray seed : outputGradients(scope, output, batch, scores)) {
            gradients.add(
                differentiable(() -> tape.guidedGradient(scope, seed, rule), "its input"));
          }
          return new GuidedGradients(gradients, tape.rectifiers(scope));
        });
  }

  private NDList runToRectifiers(Probe tape, NDArray batch) {
    if (!careful) {
      try {
        return tape.run(batch, Probe.Mode.RECTIFIERS, -1);
      } catch (EngineException e) {
        logger.debug("{} works in place on a rectifier's output or a view", this, e);
      }
    }
    NDList output = tape.run(batch, Probe.Mode.RECTIFIERS_WITH_CARE, -1);
    careful = true;
    return output;
  }

  private <T> T record(NDManager scope, boolean gradients, Recording<T> recording) {
    Probe tape = probe();
    return GradMode.with(
        gradients,
        () -> {
          try {
            return recording.from(tape);
          } finally {
            tape.clear(scope);
          }
        });
  }

  @FunctionalInterface
  private interface Recording<T> {
    T from(Probe tape);
  }

  private synchronized Probe probe() {
    if (probe == null) {
      try {
        Probe copy = copy();
        freeze(copy.module());
        probe = copy;
      } catch (IOException | EngineException e) {
        throw new XAIException(
            this + " cannot be opened for layers and gradients: " + NativeErrors.whyNotLoaded(e),
            e);
      }
    }
    return probe;
  }

  /** From the file, which takes no memory, or from the module as libtorch writes it. */
  private Probe copy() throws IOException {
    if (file != null && file.isUnchanged()) {
      try (ModuleArchive archive = ModuleArchive.open(file.path())) {
        return Probe.of(archive, (PtNDManager) manager);
      } catch (IOException e) {
        logger.debug("{} may be written by hand; libtorch writes it again", file.path(), e);
      }
    }
    MemoryChannel serialised = new MemoryChannel();
    JniUtils.writeModule(block, Channels.newOutputStream(serialised), false);
    try (ModuleArchive archive = ModuleArchive.open(serialised)) {
      return Probe.of(archive, (PtNDManager) manager);
    }
  }

  /** Evaluation mode, and no gradients for weights. */
  private void freeze(PtSymbolBlock module) {
    JniUtils.enableInferenceMode(module);
    try (NDManager scope = manager.newSubManager()) {
      for (NDArray weight : JniUtils.moduleGetParams(module, (PtNDManager) scope)) {
        weight.setRequiresGradient(false);
      }
    }
  }

  @Override
  protected void release() {
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
