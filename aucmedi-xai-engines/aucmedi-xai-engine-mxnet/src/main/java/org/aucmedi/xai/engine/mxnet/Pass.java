package org.aucmedi.xai.engine.mxnet;

import ai.djl.mxnet.engine.MxNDArray;
import ai.djl.mxnet.engine.MxNDManager;
import ai.djl.mxnet.jna.JnaUtils;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.aucmedi.xai.engine.mxnet.MxAutograd.Mark;
import org.aucmedi.xai.engine.mxnet.Program.Compiled;
import org.aucmedi.xai.engine.mxnet.Program.Step;
import org.aucmedi.xai.engine.mxnet.SymbolGraph.Entry;
import org.aucmedi.xai.model.ReluRule;
import org.jspecify.annotations.Nullable;

/**
 * One forward pass of a program, and any number of backward passes over it.
 *
 * <p>The native graph is cut between two segments: the later one starts from leaves. A backward
 * pass runs through the segments in reverse and propagates the gradients across the cuts, through
 * the ReLUs by the requested rule.
 */
final class Pass {

  private final NDManager scope;
  private final Program program;
  private final Function<String, NDArray> weights;
  private final @Nullable Replacement replacement;
  private final Map<Entry, NDArray> values = new HashMap<>();
  private final List<Recorded> recorded = new ArrayList<>();

  /** A step that ran; without leaves it does not depend on the source. */
  private record Recorded(Step step, List<Entry> inputs, NDList leaves, NDList outputs) {}

  /** What the program's source is replaced by; the check receives the shape that it had. */
  record Replacement(NDArray value, Consumer<Shape> check) {}

  private Pass(
      NDManager scope,
      Program program,
      Function<String, NDArray> weights,
      @Nullable Replacement replacement) {
    this.scope = scope;
    this.program = program;
    this.weights = weights;
    this.replacement = replacement;
  }

  /**
   * Runs a program.
   *
   * @param scope owns every array of the pass
   * @param program the program
   * @param weights returns a weight by its name
   * @param batch the inputs
   * @param replacement what to go on from behind the source, or null for what is computed
   * @param recording whether backward passes follow
   * @return the pass
   */
  static Pass run(
      NDManager scope,
      Program program,
      Function<String, NDArray> weights,
      NDArray batch,
      @Nullable Replacement replacement,
      boolean recording) {
    return MxAutograd.with(
        false,
        () -> {
          Pass pass = new Pass(scope, program, weights, replacement);
          pass.values.put(program.data(), batch);
          NDArray dummy = recording ? scope.zeros(new Shape(1)) : null;
          program.steps().forEach(step -> pass.forward(step, dummy));
          MxAutograd.await(pass.value(program.output()));
          return pass;
        });
  }

  private void forward(Step step, @Nullable NDArray dummy) {
    List<Entry> inputs = new ArrayList<>();
    NDList leaves = new NDList();
    NDList outputs = new NDList();
    Compiled compiled = step.compiled();
    if (compiled != null) {
      Map<String, Entry> entries = compiled.segment().inputs();
      MxNDArray[] arguments = new MxNDArray[compiled.arguments().size()];
      for (int i = 0; i < arguments.length; i++) {
        String name = compiled.arguments().get(i);
        Entry entry = entries.get(name);
        NDArray value = entry == null ? weights.apply(name) : value(entry);
        if (entry != null && dummy != null && program.dependsOnSource(entry)) {
          value = MxAutograd.leaf(scope, value, Mark.WRITTEN, dummy);
          inputs.add(entry);
          leaves.add(value);
        }
        arguments[i] = (MxNDArray) value;
      }
      MxNDArray[] results =
          MxAutograd.with(
              !leaves.isEmpty(),
              () ->
                  JnaUtils.cachedOpInvoke(
                      (MxNDManager) scope, compiled.op().getHandle(), arguments));
      for (int i = 0; i < results.length; i++) {
        outputs.add(results[i]);
        Entry entry = compiled.segment().outputs().get(i);
        values.put(entry, results[i]);
        if (replacement != null && entry.equals(program.source())) {
          replacement.check.accept(results[i].getShape());
          values.put(entry, replacement.value);
        }
      }
    }
    for (Relu relu : step.relus()) {
      NDArray input = MxAutograd.detached(scope, value(relu.input()));
      values.put(relu.output(), relu.forward(input));
    }
    recorded.add(new Recorded(step, inputs, leaves, outputs));
  }

  private NDArray value(Entry entry) {
    NDArray value = values.get(entry);
    if (value == null) {
      throw new IllegalStateException("entry " + entry + " is read before it is computed");
    }
    return value;
  }

  /** The value of an entry that the program reveals, without history. */
  NDArray get(Entry entry) {
    return MxAutograd.detached(scope, value(entry));
  }

  NDArray output() {
    return get(program.output());
  }

  /**
   * Differentiates the output with respect to the program's source.
   *
   * @param outputGradient the gradient of the output
   * @param rule how to propagate through the ReLUs that were cut out, if any
   * @param keepGraph whether another output gradient follows
   * @return d(sum(output * outputGradient))/d(source)
   */
  NDArray gradient(NDArray outputGradient, ReluRule rule, boolean keepGraph) {
    return MxAutograd.with(false, () -> back(outputGradient, rule, keepGraph));
  }

  private NDArray back(NDArray outputGradient, ReluRule rule, boolean keepGraph) {
    try (NDManager inner = scope.newSubManager()) {
      Map<Entry, NDArray> gradients = new HashMap<>();
      gradients.put(program.output(), MxAutograd.detached(inner, outputGradient));
      for (int i = recorded.size() - 1; i >= 0; i--) {
        backward(inner, recorded.get(i), gradients, rule, keepGraph);
      }
      NDArray gradient = gradients.get(program.source());
      NDArray result =
          gradient == null ? value(program.source()).zerosLike() : gradient.duplicate();
      MxAutograd.await(result);
      result.attach(scope);
      return result;
    }
  }

  private void backward(
      NDManager inner,
      Recorded past,
      Map<Entry, NDArray> gradients,
      ReluRule rule,
      boolean keepGraph) {
    for (Relu relu : past.step().relus()) {
      NDArray dy = gradients.remove(relu.output());
      if (dy != null) {
        NDArray x = MxAutograd.detached(inner, value(relu.input()));
        gradients.merge(relu.input(), relu.backward(dy, x, rule), NDArray::add);
      }
    }
    Compiled compiled = past.step().compiled();
    if (compiled == null || past.leaves().isEmpty()) {
      return;
    }
    NDList outputGradients = new NDList();
    boolean reached = false;
    for (int i = 0; i < past.outputs().size(); i++) {
      Entry entry = compiled.segment().outputs().get(i);
      NDArray outputGradient = gradients.get(entry);
      reached |= outputGradient != null;
      outputGradients.add(
          outputGradient == null ? inner.zeros(past.outputs().get(i).getShape()) : outputGradient);
    }
    if (reached) {
      NDList found =
          MxAutograd.backward(inner, past.outputs(), outputGradients, past.leaves(), keepGraph);
      for (int i = 0; i < found.size(); i++) {
        gradients.merge(past.inputs().get(i), found.get(i), NDArray::add);
      }
    }
  }
}
