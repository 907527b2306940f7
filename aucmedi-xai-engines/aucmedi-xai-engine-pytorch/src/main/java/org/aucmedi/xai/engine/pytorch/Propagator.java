package org.aucmedi.xai.engine.pytorch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.aucmedi.xai.engine.pytorch.PropagationAnalysis.Purpose;
import org.aucmedi.xai.model.PropagationRule;
import org.aucmedi.xai.model.RelevanceRules;
import org.aucmedi.xai.model.UnsupportedModelException;

/**
 * A copy of a TorchScript module whose derivatives are propagation rules, see {@code
 * propagation.py}. Batch normalisations are part of the convolutions before them, see {@link
 * OptimizedCode}.
 *
 * <p>It computes what the original computes. Between {@link #relevances} and {@link #clear} it
 * remembers one pass, so one thread uses it at a time.
 */
final class Propagator {

  private final String model;
  private final PtSymbolBlock module;
  private final ModuleCode code;
  private final Set<String> modules;
  private final List<String> paths;
  private final Map<Purpose, PropagationAnalysis> analyses = new HashMap<>();

  private Propagator(
      String model,
      PtSymbolBlock module,
      ModuleCode code,
      Set<String> modules,
      List<String> paths) {
    this.model = model;
    this.module = module;
    this.code = code;
    this.modules = modules;
    this.paths = paths;
  }

  /**
   * Creates the copy.
   *
   * @param model the name of the model in messages
   * @param archive the module's archive
   * @param purpose what is to go back first
   * @param manager the manager that owns the copy
   * @param freeze sets a module to inference
   * @return the propagator
   * @throws IOException if the archive cannot be read or rewritten
   * @throws UnsupportedModelException if an operation has no rule; the message names it
   */
  static Propagator of(
      String model,
      ModuleArchive archive,
      Purpose purpose,
      PtNDManager manager,
      Consumer<PtSymbolBlock> freeze)
      throws IOException {
    byte[] pickle = archive.read("data.pkl");
    Map<String, String> files = archive.code();
    Map<String, String> folded = OptimizedCode.rewrite(files, pickle, Integer.MAX_VALUE);
    Map<String, String> used = folded.isEmpty() ? files : folded;
    Set<String> modules = CodeRewriter.moduleClasses(used);
    ModuleTree tree = ModuleTree.read(pickle, modules);
    ModuleCode code = ModuleCode.of(used, tree.rootClass());
    PropagationAnalysis analysis = PropagationAnalysis.of(model, code, modules, purpose);

    CodeRewriter.Style style = CodeRewriter.Style.propagation(analysis);
    Map<String, byte[]> replaced = new HashMap<>();
    CodeRewriter.rewrite(used, code, style)
        .forEach((path, text) -> replaced.put(path, text.getBytes(StandardCharsets.UTF_8)));
    replaced.put("data.pkl", tree.withTape(style.state()));
    PtSymbolBlock module = Probe.load(archive, replaced, manager);
    freeze.accept(module);
    Propagator propagator = new Propagator(model, module, code, modules, tree.paths());
    propagator.analyses.put(purpose, analysis);
    if (!folded.isEmpty()) {
      try (NDManager scope = manager.newSubManager()) {
        propagator.call(OptimizedCode.FOLD, scope.create(0f));
      }
    }
    return propagator;
  }

  private PropagationAnalysis analysis(Purpose purpose) {
    return analyses.computeIfAbsent(
        purpose, key -> PropagationAnalysis.of(model, code, modules, key));
  }

  /**
   * Runs the module for relevance to go back.
   *
   * @param batch the inputs, float32
   * @param type libtorch's number of the type that the module computes in
   * @param rules the rules
   * @return the module's outputs with their names
   * @throws UnsupportedModelException if the rules do not fit the module
   */
  NDList relevances(NDArray batch, long type, RelevanceRules rules) {
    PropagationAnalysis analysis = analysis(Purpose.RELEVANCE);
    NDManager scope = batch.getManager();
    PropagationRule input = rules.input();
    long[] first = {};
    if (input != null) {
      first = numbers(analysis, input);
    }
    float[] numbers = new float[9];
    write(rules.dense(), numbers, 0);
    write(rules.convolution(), numbers, 3);
    write(input == null ? rules.convolution() : input, numbers, 6);
    NDArray settings = scope.create(numbers);
    return named(
        call("aucmedi_relevances", batch, settings, scope.create(first), scope.create(type)),
        scope);
  }

  private long[] numbers(PropagationAnalysis analysis, PropagationRule rule) {
    Set<String> layers = analysis.firstLayers();
    String why = analysis.whyNoInputRule();
    if (why.isEmpty() && !paths.containsAll(layers)) {
      why = "a layer that takes it has several names";
    }
    if (!why.isEmpty()) {
      throw new UnsupportedModelException(
          model
              + " cannot have the rule "
              + rule
              + " for its input: "
              + why
              + "; choose rules without one for the input");
    }
    return LongStream.concat(
            LongStream.of(Long.parseLong(PropagationCalls.FIRST)),
            layers.stream().mapToLong(paths::indexOf))
        .toArray();
  }

  private static void write(PropagationRule rule, float[] numbers, int at) {
    if (rule instanceof PropagationRule.Epsilon epsilon) {
      put(numbers, at, 0, epsilon.epsilon(), 0);
    } else if (rule instanceof PropagationRule.Gamma gamma) {
      put(numbers, at, 1, gamma.gamma(), 0);
    } else if (rule instanceof PropagationRule.AlphaBeta shares) {
      put(numbers, at, 2, shares.alpha(), 0);
    } else if (rule instanceof PropagationRule.Box box) {
      put(numbers, at, 4, box.low(), box.high());
    } else {
      put(numbers, at, 3, 0, 0);
    }
  }

  private static void put(float[] numbers, int at, int kind, double one, double two) {
    numbers[at] = kind;
    numbers[at + 1] = (float) one;
    numbers[at + 2] = (float) two;
  }

  /**
   * Runs the module for differences to go back.
   *
   * @param batch the inputs, float32
   * @param reference as many inputs to compare with
   * @param type libtorch's number of the type that the module computes in
   * @return the module's outputs with their names
   */
  NDList differences(NDArray batch, NDArray reference, long type) {
    NDManager scope = batch.getManager();
    analysis(Purpose.DIFFERENCE);
    return named(call("aucmedi_differences", batch, reference, scope.create(type)), scope);
  }

  /**
   * Runs the module for gradients to go back to all that is added on the way.
   *
   * @param batch the inputs, float32
   * @param type libtorch's number of the type that the module computes in
   * @param channelsLast whether the module's values have their channels last
   * @return the module's outputs with their names
   */
  NDList constants(NDArray batch, long type, boolean channelsLast) {
    NDManager scope = batch.getManager();
    analysis(Purpose.CONSTANTS);
    NDArray last = scope.create(channelsLast ? 1L : 0L);
    return named(call("aucmedi_constants", batch, last, scope.create(type)), scope);
  }

  /** Returns the outputs for the reference of the differences. */
  NDList references(NDManager scope) {
    return named(call("aucmedi_references", scope.create(0f)), scope);
  }

  /**
   * Goes back.
   *
   * @param output the output of the pass
   * @param reference the output of the reference, or zeros
   * @param seed what to start with at the output, shaped like it
   * @return what arrives at the input, the score of each image, and what biases have taken of it;
   *     after {@link #constants} also what each constant adds to the score
   */
  NDList back(NDArray output, NDArray reference, NDArray seed) {
    return call("aucmedi_back", output, reference, seed);
  }

  /** Forgets the pass. */
  void clear(NDManager scope) {
    call("aucmedi_clear", scope.create(0f));
  }

  private NDList named(NDList outputs, NDManager scope) {
    if (outputs.size() > 1) {
      try (IValue any = IValue.from((PtNDArray) scope.create(0f));
          IValue found = IValueUtils.runMethod(module, "aucmedi_names", any)) {
        Probe.name(outputs, found.toStringValue());
      }
    }
    return outputs;
  }

  private NDList call(String method, NDArray... arguments) {
    NDArray name = arguments[0].getManager().create(0f);
    name.setName("module_method:" + method);
    NDList inputs = new NDList(arguments);
    inputs.add(name);
    return IValueUtils.forward(module, inputs, true);
  }
}
