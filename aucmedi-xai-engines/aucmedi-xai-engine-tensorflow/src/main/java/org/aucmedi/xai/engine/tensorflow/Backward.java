package org.aucmedi.xai.engine.tensorflow;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.aucmedi.xai.XAIException;
import org.aucmedi.xai.engine.tensorflow.ModelGraph.Step;
import org.jspecify.annotations.Nullable;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;

/**
 * The gradient of sum(output * seed) by everything the output depends on, for any seed: operations
 * beside those of a {@link ModelGraph}, built once, from the output to the input.
 *
 * <p>A tensor's gradient is complete before it is passed on, so each operation is differentiated
 * once, whatever branches and joins there are.
 */
final class Backward {

  private final ModelGraph model;
  private final NativeGraph graph;
  private final GradientRules rules;
  private final Endpoint seed;
  private final Map<Endpoint, List<Endpoint>> parts = new HashMap<>();
  private final Map<Endpoint, Endpoint> gradients = new HashMap<>();
  private final Map<Endpoint, String> blocked = new HashMap<>();
  private final BackwardCopy copy;
  private int rectifiers;

  Backward(ModelGraph model, BackwardRule rule) {
    this.model = model;
    this.graph = model.graph();
    this.rules = new GradientRules(model, rule);
    this.seed =
        graph.add(
            "Placeholder",
            model.newName("seed"),
            List.of(),
            Map.of("dtype", Attributes.of(DataType.DT_FLOAT)));
    // The last layer's gradient is the seed itself, and a tensor cannot be fed and fetched.
    Endpoint first =
        graph.add(
            "Identity",
            model.newName("gradient"),
            List.of(seed),
            Attributes.type(DataType.DT_FLOAT));
    add(model.output(), first);
    List<Step> steps = model.steps();
    for (int i = steps.size() - 1; i >= 0; i--) {
      pass(steps.get(i));
    }
    total(model.input());
    this.copy = new BackwardCopy(model, seed, gradients.values());
  }

  private void pass(Step step) {
    List<@Nullable Endpoint> dys = new ArrayList<>();
    String reason = null;
    for (Endpoint value : step.values()) {
      dys.add(total(value));
      reason = reason == null ? blocked.get(value) : reason;
    }
    if (reason == null && dys.stream().allMatch(dy -> dy == null)) {
      return;
    }
    if (reason == null) {
      try {
        List<@Nullable Endpoint> dxs = rules.apply(step, dys);
        for (int i = 0; i < dxs.size(); i++) {
          Endpoint dx = dxs.get(i);
          if (dx != null) {
            add(step.inputs().get(i), dx);
          }
        }
        rectifiers += GradientRules.isRectifier(step.node().op()) ? 1 : 0;
        return;
      } catch (TensorFlowException | UnsupportedOperationException | XAIException e) {
        reason = step.node().op() + " (" + step.node().name() + "): " + Failures.firstLine(e);
      }
    }
    for (Endpoint input : step.inputs()) {
      if (model.isDifferentiable(input)) {
        blocked.putIfAbsent(input, reason);
      }
    }
  }

  private void add(Endpoint tensor, Endpoint part) {
    parts.computeIfAbsent(tensor, key -> new ArrayList<>()).add(part);
  }

  private @Nullable Endpoint total(Endpoint tensor) {
    List<Endpoint> sum = parts.get(tensor);
    if (sum == null || blocked.containsKey(tensor)) {
      return null;
    }
    Endpoint total = sum.get(0);
    if (sum.size() > 1) {
      Map<String, AttrValue> attributes =
          Map.of("T", Attributes.of(graph.type(total)), "N", Attributes.of(sum.size()));
      total = graph.add("AddN", model.newName("sum"), sum, attributes);
    }
    gradients.put(tensor, total);
    return total;
  }

  /** Returns where a seed is fed. */
  Endpoint seed() {
    return seed;
  }

  /** Returns how many rectifiers the gradient passes on its way to the input. */
  int rectifiers() {
    return rectifiers;
  }

  /**
   * Returns a tensor's gradient.
   *
   * @param tensor a tensor as operations read it
   * @return its gradient in the tensor's own type, or null if the output does not depend on it
   * @throws XAIException if there is an operation between it and the output without a gradient
   */
  @Nullable Endpoint gradient(Endpoint tensor) {
    String reason = blocked.get(tensor);
    if (reason != null) {
      throw new XAIException(
          "TensorFlow has no gradient for "
              + reason
              + "; predictions, activations, gradients of later layers and methods that only"
              + " perturb the input still work");
    }
    Endpoint gradient = gradients.get(tensor);
    return gradient == null ? null : copy.of(gradient);
  }

  /**
   * Lists what a gradient is computed from besides the seed; fed with it, the backward pass runs
   * alone.
   *
   * @param gradient a gradient
   * @return placeholders, and the tensors of the forward pass that they stand for
   */
  Map<Endpoint, Endpoint> saved(Endpoint gradient) {
    return copy.saved(gradient);
  }
}
