package org.aucmedi.xai.engine.tensorflow;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
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
  private final Map<Endpoint, List<Endpoint>> saved = new ConcurrentHashMap<>();
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
    // A tensor cannot be fed and fetched, and the last layer's gradient is the seed itself.
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
    return gradients.get(tensor);
  }

  /**
   * Lists the tensors of the forward pass that a gradient is computed from; fed with these, the
   * backward pass runs alone.
   *
   * @param gradient a gradient
   * @return tensors that depend on the input
   */
  List<Endpoint> saved(Endpoint gradient) {
    return saved.computeIfAbsent(gradient, this::findSaved);
  }

  private List<Endpoint> findSaved(Endpoint gradient) {
    Set<Endpoint> found = new LinkedHashSet<>();
    Set<String> seen = new HashSet<>(Set.of(gradient.operation()));
    Deque<String> open = new ArrayDeque<>(seen);
    while (!open.isEmpty()) {
      String operation = open.pop();
      boolean onlyShape = graph.type(operation).equals("Shape");
      for (Endpoint input : graph.inputs(operation)) {
        if (model.dependsOnInput(input.operation())) {
          found.add(onlyShape ? new Endpoint(operation, 0) : input);
        } else if (seen.add(input.operation())) {
          open.push(input.operation());
        }
      }
    }
    return List.copyOf(found);
  }
}
