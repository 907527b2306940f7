package org.aucmedi.xai.engine.pytorch;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.ParameterStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.aucmedi.xai.engine.pytorch.PropagationAnalysis.Purpose;
import org.aucmedi.xai.engine.support.EngineModel;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.BiasGradients;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.GuidedGradients;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LayerGradients;
import org.aucmedi.xai.model.LayerNotFoundException;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.Multipliers;
import org.aucmedi.xai.model.OutputActivation;
import org.aucmedi.xai.model.OutputGradient;
import org.aucmedi.xai.model.RelevanceRules;
import org.aucmedi.xai.model.Relevances;
import org.aucmedi.xai.model.ReluRule;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A TorchScript module, scripted or traced.
 *
 * <p>DJL usually loads a module in libtorch's inference mode, where nothing can be differentiated,
 * and its training forward would enable dropout and batch statistics. So gradients are computed on
 * a private copy, a {@link Probe} in evaluation mode without gradients for weights, made from the
 * file or through libtorch's own serialisation when first needed. A module that this library loaded
 * itself needs no copy for input gradients. The caller's module is never changed.
 */
final class TorchScriptModel extends EngineModel {

  /** Libtorch's codes of the types that weights may have; DJL does not know bfloat16. */
  private static final Map<DataType, Long> TYPES =
      Map.of(
          DataType.FLOAT16, 5L,
          DataType.FLOAT32, 6L,
          DataType.FLOAT64, 7L,
          DataType.BFLOAT16, 15L,
          DataType.UNKNOWN, 15L);

  private static final long FLOAT32 = 6;
  private static final Logger logger = LoggerFactory.getLogger(TorchScriptModel.class);

  /** How many announced images pay for making and comparing the optimised copy. */
  private static final long WORTHWHILE = 128;

  private final Model model;
  private final PtSymbolBlock block;
  private final @Nullable ModuleFile file;
  private final boolean ownsModel;
  private final NDManager manager;
  private @Nullable Probe probe;
  private @Nullable Propagator propagator;
  private @Nullable ModuleCode code;
  private boolean codeSought;
  private long announced;
  private @Nullable OptimizedModule optimized;
  private long type;

  /** How often a layer ran when its output was last replaced. */
  private final Map<String, Integer> runsOf = new HashMap<>();

  /** Whether the module itself returns a single float32 tensor, as far as is known. */
  private boolean plain;

  /** The fastest way to record ReLUs that libtorch has not rejected for this network. */
  private Probe.Mode reluMode = Probe.Mode.RELUS_AND_WINDOWS;

  /**
   * The file is the one from which this library loaded the model, or null for a user's own model.
   */
  TorchScriptModel(Model model, LoadOptions options, @Nullable ModuleFile file) {
    super(model.getNDManager(), options, ChannelLayout.CHANNELS_FIRST);
    this.model = model;
    this.block = (PtSymbolBlock) model.getBlock();
    this.file = file;
    this.ownsModel = file != null;
    this.manager = model.getNDManager().newSubManager();
    this.plain = options.output() == null;
    if (ownsModel) {
      freeze(block);
    }
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.allOf(Capability.class);
  }

  @Override
  public @Nullable Shape inputShape() {
    return file == null ? null : file.properties().inputShape();
  }

  @Override
  protected List<Layer> declareLayers() {
    return probe().declared();
  }

  @Override
  protected NDArray copy(NDManager scope, NDArray array) {
    NDArray copy = TorchAutograd.copy(scope, array);
    return copy == null ? super.copy(scope, array) : copy;
  }

  @Override
  protected NDArray forward(NDManager scope, NDArray batch) {
    return GradMode.with(false, () -> output(() -> infer(batch), batch));
  }

  private NDList infer(NDArray input) {
    // Tensors that libtorch computes once in its inference mode and keeps cannot be used by a graph
    // later. So only the user's own module, of which graphs use a copy, runs in that mode.
    Supplier<NDList> original =
        () ->
            ownsModel
                ? IValueUtils.forward(block, new NDList(input), true)
                : block.forward(new ParameterStore(manager, false), new NDList(input), false);
    OptimizedModule faster = optimized;
    return run(input, faster == null ? original : () -> faster.forward(input, original));
  }

  /**
   * Makes the optimised copy once enough images are announced. A user's own module has none, since
   * its weights may change.
   */
  @Override
  protected void prepare(long images) {
    announced += images;
    if (optimized != null
        || announced < WORTHWHILE
        || !ownsModel
        || !options().optimize()
        || !manager.getDevice().equals(Device.cpu())) {
      return;
    }
    try (ModuleArchive archive = archive()) {
      optimized =
          OptimizedModule.of(
              toString(), archive, OptimizedCode.LARGE_IMAGE, (PtNDManager) manager, this::freeze);
    } catch (IOException | RuntimeException e) {
      logger.info("{} has no optimised copy: {}", this, e.getMessage());
      optimized = OptimizedModule.none(toString());
    }
  }

  /** Returns whether predictions come from the optimised copy. */
  boolean isOptimized() {
    return optimized != null && optimized.isUsed();
  }

  @Override
  protected NDList differentiate(NDManager scope, NDArray batch, OutputGradient scores) {
    requireDerivatives();
    PtSymbolBlock module = ownsModel ? block : probe().module();
    TorchAutograd autograd =
        new TorchAutograd(this, "its input") {
          @Override
          String whatToLookFor() {
            return TorchScriptModel.this.whatToLookFor();
          }
        };
    return GradMode.with(
        true,
        () ->
            differentiate(
                autograd,
                scope,
                batch,
                scores,
                input ->
                    output(
                        () ->
                            run(input, () -> IValueUtils.forward(module, new NDList(input), true)),
                        batch)));
  }

  /** Runs a forward pass and selects the output to explain. */
  private NDArray output(Supplier<NDList> forward, NDArray batch) {
    return choose(outputs(forward, batch));
  }

  private NDList outputs(Supplier<NDList> forward, NDArray batch) {
    try {
      return forward.get();
    } catch (EngineException e) {
      throw TorchErrors.refused(this, batch, e);
    }
  }

  /** Runs a backward pass; libtorch rejects it if the graph does not reach its start. */
  private <T> T differentiable(Supplier<T> backward, String start) {
    try {
      return backward.get();
    } catch (EngineException e) {
      throw TorchErrors.noPath(this, start, whatToLookFor(), e);
    }
  }

  /**
   * Runs the module itself if it takes and returns a single float32 tensor, else the copy, which
   * converts types and unpacks nested outputs.
   */
  private NDList run(NDArray input, Supplier<NDList> module) {
    if (plain && type() == FLOAT32) {
      try {
        NDList outputs = module.get();
        if (outputs.size() == 1 && outputs.head().getDataType() == DataType.FLOAT32) {
          return outputs;
        }
      } catch (UnsupportedOperationException e) {
        logger.debug("{} returns a value that DJL cannot convert", this, e);
      }
      plain = false;
    }
    Probe tape = probe();
    try {
      return run(tape, input, Probe.Mode.OUTPUTS, -1);
    } finally {
      tape.clear(input.getManager());
    }
  }

  private NDList run(Probe tape, NDArray input, Probe.Mode mode, int layer) {
    NDList outputs = tape.run(input, type(), mode, layer);
    requireTensor(tape, outputs);
    return outputs;
  }

  private void requireTensor(Probe tape, NDList outputs) {
    if (outputs.isEmpty()) {
      throw new UnsupportedModelException(
          this
              + " returns no tensor, its forward returns "
              + tape.code().returned()
              + "; return the logits or probabilities, (N, classes)");
    }
  }

  /** The type of the first weight, which the first operation expects. */
  private long type() {
    if (type == 0) {
      type = FLOAT32;
      try (NDManager scope = manager.newSubManager()) {
        for (NDArray weight : JniUtils.moduleGetParams(block, (PtNDManager) scope)) {
          Long known = TYPES.get(weight.getDataType());
          if (known != null) {
            type = known;
            break;
          }
        }
      }
    }
    return type;
  }

  /** Quantized operations return undefined or incomplete gradients without an error. */
  private void requireDerivatives() {
    ModuleCode known = code();
    String quantized = known == null ? null : known.quantized();
    if (quantized != null) {
      throw new UnsupportedModelException(
          this
              + " has no gradients: its operation "
              + quantized
              + " has no derivative; explain the model before it was quantized, or use a method"
              + " without gradients");
    }
  }

  /** Describes what may have blocked a gradient. */
  private String whatToLookFor() {
    ModuleCode known = code();
    return known == null || known.cuts().isEmpty()
        ? TorchErrors.CUTS
        : "of its operations, these have no derivative: " + String.join(", ", known.cuts());
  }

  @Override
  protected OutputActivation findActivation() {
    ModuleCode known = code();
    try {
      return known == null ? OutputActivation.UNKNOWN : LastOperation.of(known, options().output());
    } catch (RuntimeException e) {
      logger.debug("cannot parse the code of {}", this, e);
      return OutputActivation.UNKNOWN;
    }
  }

  @Override
  protected List<Layer> traceLayers(NDManager scope, NDArray batch) {
    return record(
        scope,
        false,
        tape -> {
          outputs(() -> run(tape, batch, Probe.Mode.SIZES, -1), batch);
          return tape.sizes(scope);
        });
  }

  @Override
  protected NDArray activate(NDManager scope, NDArray batch, String layerName) {
    return record(
        scope,
        false,
        tape -> {
          NDList outputs = runToLayer(tape, scope, batch, layerName);
          if (outputs.size() == 1) {
            // If the model mixes the images of a batch, its output has another length.
            outputGradients(scope, outputs.head(), batch, rows -> List.of());
          }
          return tape.activations(scope);
        });
  }

  @Override
  protected NDArray forwardFrom(
      NDManager scope, NDArray batch, String layerName, NDArray activations) {
    return record(
        scope,
        false,
        tape -> {
          int layer = indexOf(tape, layerName);
          int turn = runsOf.getOrDefault(layerName, 1);
          NDList outputs = runFrom(tape, batch, layer, activations, turn);
          int runs = tape.runs(scope);
          if (runs == 0) {
            throw new LayerNotFoundException(layerName, traceLayers(scope, batch));
          }
          if (runs != turn) {
            runsOf.put(layerName, runs);
            outputs = runFrom(tape, batch, layer, activations, runs);
          }
          for (Layer found : tape.sizes(scope)) {
            checkReplaces(
                layerName, activations.getShape(), Objects.requireNonNull(found.outputShape()));
          }
          return choose(outputs);
        });
  }

  private NDList runFrom(Probe tape, NDArray batch, int layer, NDArray activations, int turn) {
    NDList outputs = outputs(() -> tape.runFrom(batch, type(), layer, activations, turn), batch);
    requireTensor(tape, outputs);
    return outputs;
  }

  @Override
  protected LayerGradients differentiateLayer(
      NDManager scope, NDArray batch, OutputGradient scores, String layerName) {
    requireDerivatives();
    return record(
        scope,
        true,
        tape -> {
          NDArray output = choose(runToLayer(tape, scope, batch, layerName));
          NDList gradients = new NDList();
          for (NDArray outputGradient : outputGradients(scope, output, batch, scores)) {
            gradients.add(
                differentiable(
                    () -> tape.layerGradient(scope, output, outputGradient),
                    "layer '" + layerName + "'"));
          }
          return new LayerGradients(output, tape.activations(scope), gradients);
        });
  }

  private NDList runToLayer(Probe tape, NDManager scope, NDArray batch, String layerName) {
    int layer = indexOf(tape, layerName);
    NDList outputs = outputs(() -> run(tape, batch, Probe.Mode.LAYER, layer), batch);
    if (!tape.tapped(scope)) {
      throw new LayerNotFoundException(layerName, traceLayers(scope, batch));
    }
    return outputs;
  }

  private static int indexOf(Probe tape, String layerName) {
    int layer = tape.declared().stream().map(Layer::name).toList().indexOf(layerName);
    if (layer < 0) {
      throw new LayerNotFoundException(layerName, tape.declared());
    }
    return layer;
  }

  @Override
  protected GuidedGradients differentiateGuided(
      NDManager scope, NDArray batch, OutputGradient scores, ReluRule rule) {
    requireDerivatives();
    return record(
        scope,
        true,
        tape -> {
          NDArray output = output(() -> runToRelus(tape, batch), batch);
          NDList gradients = new NDList();
          for (NDArray outputGradient : outputGradients(scope, output, batch, scores)) {
            gradients.add(
                differentiable(
                    () -> tape.guidedGradient(scope, output, outputGradient, rule), "its input"));
          }
          return new GuidedGradients(gradients, tape.relus(scope));
        });
  }

  private NDList runToRelus(Probe tape, NDArray batch) {
    Probe.Mode last = Probe.Mode.RELUS_WITH_CARE;
    for (Probe.Mode mode : EnumSet.range(reluMode, last)) {
      try {
        NDList output = run(tape, batch, mode, -1);
        reluMode = mode;
        return output;
      } catch (EngineException e) {
        if (mode == last) {
          throw e;
        }
        logger.debug("{} works in place on what was cut, or on a view", this, e);
      }
    }
    throw new IllegalStateException("no mode is left");
  }

  @Override
  protected Relevances propagate(
      NDManager scope, NDArray batch, OutputGradient scores, RelevanceRules rules) {
    Propagator copy = propagator(Purpose.RELEVANCE);
    return GradMode.with(
        true,
        () -> {
          try {
            NDArray output = choose(outputs(() -> copy.relevances(batch, type(), rules), batch));
            return back(copy, scope, output, output.zerosLike(), batch, scores);
          } finally {
            copy.clear(scope);
          }
        });
  }

  @Override
  protected Multipliers compare(
      NDManager scope, NDArray batch, NDArray reference, OutputGradient scores) {
    Propagator copy = propagator(Purpose.DIFFERENCE);
    return GradMode.with(
        true,
        () -> {
          try {
            NDArray output =
                choose(outputs(() -> copy.differences(batch, reference, type()), batch));
            Relevances found =
                back(copy, scope, output, choose(copy.references(scope)), batch, scores);
            return new Multipliers(found.relevances(), found.scores());
          } finally {
            copy.clear(scope);
          }
        });
  }

  @Override
  protected BiasGradients separate(NDManager scope, NDArray batch, OutputGradient scores) {
    Propagator copy = propagator(Purpose.CONSTANTS);
    boolean last = channelLayout() == ChannelLayout.CHANNELS_LAST;
    return GradMode.with(
        true,
        () -> {
          try {
            NDArray output = choose(outputs(() -> copy.constants(batch, type(), last), batch));
            NDList gradients = new NDList();
            NDList values = new NDList();
            List<NDList> parts = new ArrayList<>();
            for (NDArray seed : outputGradients(scope, output, batch, scores)) {
              NDList found =
                  differentiable(() -> copy.back(output, output.zerosLike(), seed), "its input");
              gradients.add(found.get(0));
              values.add(found.get(1));
              parts.add(found.subNDList(3));
            }
            return new BiasGradients(gradients, values, parts);
          } finally {
            copy.clear(scope);
          }
        });
  }

  private Relevances back(
      Propagator copy,
      NDManager scope,
      NDArray output,
      NDArray reference,
      NDArray batch,
      OutputGradient scores) {
    NDList arrived = new NDList();
    NDList values = new NDList();
    NDList biases = new NDList();
    for (NDArray seed : outputGradients(scope, output, batch, scores)) {
      NDList found = differentiable(() -> copy.back(output, reference, seed), "its input");
      arrived.add(found.get(0));
      values.add(found.get(1));
      biases.add(found.get(2));
    }
    return new Relevances(arrived, values, biases);
  }

  private Propagator propagator(Purpose purpose) {
    requireDerivatives();
    if (propagator == null) {
      try (ModuleArchive archive = archive()) {
        propagator =
            Propagator.of(toString(), archive, purpose, (PtNDManager) manager, this::freeze);
      } catch (UnsupportedModelException e) {
        throw e;
      } catch (IOException | RuntimeException e) {
        throw new XAIException(
            this
                + " cannot be opened for propagation rules: "
                + TorchErrors.whyNotLoaded(e)
                + "; choose another gradient method, such as integrated gradients",
            e);
      }
    }
    return propagator;
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

  private Probe probe() {
    if (probe == null) {
      try {
        Probe copy = copy();
        freeze(copy.module());
        probe = copy;
      } catch (IOException | EngineException e) {
        throw new XAIException(
            this + " cannot be opened for layers and gradients: " + TorchErrors.whyNotLoaded(e), e);
      }
    }
    return probe;
  }

  /** From the file, which needs no memory, or from the module as serialised by libtorch. */
  private Probe copy() throws IOException {
    if (file != null && file.isUnchanged()) {
      try (ModuleArchive archive = ModuleArchive.open(file.path())) {
        return Probe.of(toString(), archive, (PtNDManager) manager);
      } catch (IOException e) {
        logger.debug(
            "{} may have been written by hand; libtorch serialises it again", file.path(), e);
      }
    }
    try (ModuleArchive archive = ModuleWriter.serialise(block)) {
      return Probe.of(toString(), archive, (PtNDManager) manager);
    }
  }

  private ModuleArchive archive() throws IOException {
    return file != null && file.isUnchanged()
        ? ModuleArchive.open(file.path())
        : ModuleWriter.serialise(block);
  }

  /** Returns the code, which needs no copy of a module that this library loaded, or null. */
  private @Nullable ModuleCode code() {
    if (!codeSought) {
      if (probe != null || file == null) {
        code = probe().code();
      } else {
        try (ModuleArchive archive = archive()) {
          code = ModuleCode.read(archive);
        } catch (IOException | RuntimeException e) {
          logger.debug("the code of {} cannot be read", this, e);
        }
      }
      codeSought = true;
    }
    return code;
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
