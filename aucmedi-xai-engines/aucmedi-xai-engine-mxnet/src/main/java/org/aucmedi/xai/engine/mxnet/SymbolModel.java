package org.aucmedi.xai.engine.mxnet;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import com.google.common.collect.ImmutableList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.aucmedi.xai.engine.mxnet.SymbolGraph.Entry;
import org.aucmedi.xai.engine.support.EngineModel;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.GuidedGradients;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LayerGradients;
import org.aucmedi.xai.model.LayerKind;
import org.aucmedi.xai.model.LayerNotFoundException;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.OutputActivation;
import org.aucmedi.xai.model.OutputGradient;
import org.aucmedi.xai.model.ReluRule;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.jspecify.annotations.Nullable;

/**
 * An MXNet symbol with its weights.
 *
 * <p>The symbol is compiled separately for each kind of pass, cut where gradients are needed or
 * modified. Weights are shared with their owner, and only read.
 */
final class SymbolModel extends EngineModel {

  /**
   * The number of compiled programs to keep; each costs no weights, only the plans of its passes.
   */
  private static final int PROGRAMS = 16;

  private final String name;
  private final NDManager manager;
  private final LoadedSymbol symbol;
  private final Function<String, NDArray> weights;
  private final Map<String, Program> programs = new LinkedHashMap<>(16, 0.75f, true);

  /**
   * Constructs a model.
   *
   * @param name its name in messages
   * @param manager the model's own manager, which it closes
   * @param symbol the symbol
   * @param weights returns a weight by its name
   * @param options settings that override what the model declares
   */
  SymbolModel(
      String name,
      NDManager manager,
      LoadedSymbol symbol,
      Function<String, NDArray> weights,
      LoadOptions options) {
    super(manager, options, ChannelLayout.CHANNELS_FIRST);
    this.name = name;
    this.manager = manager;
    this.symbol = symbol;
    this.weights = weights;
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.complementOf(EnumSet.of(Capability.PROPAGATION));
  }

  @Override
  protected NDArray copy(NDManager scope, NDArray array) {
    NDArray copy = MxAutograd.copy(scope, array);
    return copy == null ? super.copy(scope, array) : copy;
  }

  @Override
  protected List<Layer> declareLayers() {
    ImmutableList.Builder<Layer> layers = ImmutableList.builder();
    symbol.layers().forEach((layer, id) -> layers.add(new Layer(layer, kind(id), null)));
    return layers.build();
  }

  private LayerKind kind(int id) {
    return SymbolLayers.kind(id, symbol.graph().node(id));
  }

  @Override
  protected NDArray forward(NDManager scope, NDArray batch) {
    return run(scope, whole(), batch, false).output();
  }

  @Override
  protected List<Layer> traceLayers(NDManager scope, NDArray batch) {
    Set<Entry> entries = new LinkedHashSet<>();
    symbol.layers().values().forEach(id -> entries.add(new Entry(id, 0)));
    // Kept only for this call: it holds the memory of every layer.
    try (Program program = Program.revealing(manager, symbol.graph(), symbol.data(), entries)) {
      Pass pass = run(scope, program, batch, false);
      ImmutableList.Builder<Layer> layers = ImmutableList.builder();
      symbol
          .layers()
          .forEach(
              (layer, id) -> {
                NDArray value = pass.get(new Entry(id, 0));
                MxAutograd.await(value);
                if (value.getDataType() == DataType.FLOAT32) {
                  layers.add(new Layer(layer, kind(id), value.getShape()));
                }
              });
      return layers.build();
    }
  }

  @Override
  protected OutputActivation findActivation() {
    return LastOperation.of(symbol.graph());
  }

  @Override
  protected NDArray activate(NDManager scope, NDArray batch, String layerName) {
    Program program = behind(layer(layerName));
    NDArray activations = run(scope, program, batch, false).get(program.source());
    MxAutograd.await(activations);
    return activations;
  }

  @Override
  protected NDArray forwardFrom(
      NDManager scope, NDArray batch, String layerName, NDArray activations) {
    Pass.Replacement replacement =
        new Pass.Replacement(
            activations, output -> checkReplaces(layerName, activations.getShape(), output));
    return run(scope, behind(layer(layerName)), batch, replacement, false).output();
  }

  @Override
  protected NDList differentiate(NDManager scope, NDArray batch, OutputGradient scores) {
    requireDerivative(symbol.data(), "its input");
    Pass pass = run(scope, whole(), batch, true);
    NDList outputGradients = outputGradients(scope, pass.output(), batch, scores);
    return gradients(pass, outputGradients, ReluRule.GUIDED);
  }

  @Override
  protected LayerGradients differentiateLayer(
      NDManager scope, NDArray batch, OutputGradient scores, String layerName) {
    int id = layer(layerName);
    requireDerivative(id, "layer '" + layerName + "'");
    Program program = behind(id);
    Pass pass = run(scope, program, batch, true);
    NDList outputGradients = outputGradients(scope, pass.output(), batch, scores);
    return new LayerGradients(
        pass.output(),
        pass.get(program.source()),
        gradients(pass, outputGradients, ReluRule.GUIDED));
  }

  @Override
  protected GuidedGradients differentiateGuided(
      NDManager scope, NDArray batch, OutputGradient scores, ReluRule rule) {
    requireDerivative(symbol.data(), "its input");
    Map<Integer, Relu> relus = symbol.relus();
    Program program =
        program("guided", () -> Program.guided(manager, symbol.graph(), symbol.data(), relus));
    Pass pass = run(scope, program, batch, true);
    NDList outputGradients = outputGradients(scope, pass.output(), batch, scores);
    return new GuidedGradients(gradients(pass, outputGradients, rule), relus.size());
  }

  private int layer(String name) {
    Integer id = symbol.layers().get(name);
    if (id == null) {
      throw new LayerNotFoundException(name, declareLayers());
    }
    return id;
  }

  private void requireDerivative(int source, String what) {
    Set<String> blockers = DifferentiablePaths.blockers(symbol.graph(), source);
    if (!blockers.isEmpty()) {
      throw new UnsupportedModelException(
          this
              + " has no differentiable path from its output to "
              + what
              + ": gradients cannot pass through "
              + String.join(", ", blockers)
              + "; choose another output or layer, or a method without gradients, such as"
              + " occlusion");
    }
  }

  private Program behind(int id) {
    return program(
        "behind " + id, () -> Program.behind(manager, symbol.graph(), symbol.data(), id));
  }

  private Program whole() {
    return program("", () -> Program.whole(manager, symbol.graph(), symbol.data()));
  }

  /** Returns a compiled program; evicts the least recently used one if necessary. */
  private Program program(String key, Supplier<Program> compiler) {
    Program program = programs.get(key);
    if (program == null) {
      try {
        program = compiler.get();
      } catch (EngineException e) {
        // MXNet compiles the backward pass together with the forward pass.
        throw new UnsupportedModelException(
            this
                + " cannot be compiled by MXNet: "
                + MxErrors.reason(e)
                + "; export it without that operator",
            e);
      }
      programs.put(key, program);
      if (programs.size() > PROGRAMS) {
        var eldest = programs.entrySet().iterator();
        eldest.next().getValue().close();
        eldest.remove();
      }
    }
    return program;
  }

  private Pass run(NDManager scope, Program program, NDArray batch, boolean recording) {
    return run(scope, program, batch, null, recording);
  }

  private Pass run(
      NDManager scope,
      Program program,
      NDArray batch,
      Pass.@Nullable Replacement replacement,
      boolean recording) {
    if (recording) {
      OneDnn.requireOff(scope);
    }
    try {
      return Pass.run(scope, program, weights, batch, replacement, recording);
    } catch (EngineException e) {
      throw cannotRun(batch, MxErrors.reason(e), e);
    }
  }

  /** The rule applies to the ReLUs of a guided pass; other passes have not cut out any. */
  private NDList gradients(Pass pass, NDList outputGradients, ReluRule rule) {
    NDList gradients = new NDList();
    try {
      for (int i = 0; i < outputGradients.size(); i++) {
        gradients.add(pass.gradient(outputGradients.get(i), rule, i < outputGradients.size() - 1));
      }
    } catch (EngineException e) {
      throw MxErrors.cannotDifferentiate(this, e);
    }
    return gradients;
  }

  @Override
  protected void release() {
    MxAutograd.awaitAll();
    manager.close();
  }

  @Override
  public String toString() {
    return name;
  }
}
