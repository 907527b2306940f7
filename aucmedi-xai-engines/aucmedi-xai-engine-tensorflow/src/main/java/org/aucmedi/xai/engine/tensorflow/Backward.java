package org.aucmedi.xai.engine.tensorflow;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.aucmedi.xai.engine.tensorflow.ModelGraph.Step;
import org.aucmedi.xai.error.XAIException;
import org.jspecify.annotations.Nullable;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;

/**
 * The gradient of sum(output * outputGradient) with respect to everything the output depends on,
 * for any output gradient: operations added to a {@link ModelGraph}, built once, from the output to
 * the input.
 *
 * <p>A tensor's gradient is complete before it is propagated, so each operation is differentiated
 * once, however the graph branches.
 */
final class Backward {

  private static final Set<DataType> HANDLES =
      EnumSet.of(DataType.DT_VARIANT, DataType.DT_RESOURCE);

  private final ModelGraph model;
  private final BackwardOps ops;
  private final GradientRules rules;
  private final Endpoint outputGradient;
  private final Map<Endpoint, List<Endpoint>> parts = new HashMap<>();
  private final Map<Endpoint, Endpoint> gradients = new HashMap<>();
  private final Map<Endpoint, Obstacle> lost = new HashMap<>();
  private final Map<Endpoint, Obstacle> ended = new HashMap<>();
  private int relus;

  Backward(ModelGraph model, BackwardRule rule) {
    this.model = model;
    this.ops = new BackwardOps(model);
    this.rules = new GradientRules(model, ops, rule);
    this.outputGradient =
        ops.add("Placeholder", List.of(), Map.of("dtype", Attributes.of(DataType.DT_FLOAT)));
    // The last layer's gradient is the output gradient itself, and a tensor cannot be fed and
    // fetched.
    add(model.output(), ops.unary("Identity", outputGradient));
    List<Step> steps = model.steps();
    for (int i = steps.size() - 1; i >= 0; i--) {
      pass(steps.get(i));
    }
    total(model.input());
  }

  private void pass(Step step) {
    List<@Nullable Endpoint> dys = new ArrayList<>();
    Obstacle before = null;
    for (Endpoint value : step.values()) {
      dys.add(total(value));
      before = before == null ? lost.get(value) : before;
    }
    if (before != null) {
      lose(step, Obstacle.isControlFlow(step) ? Obstacle.of(step) : before);
    } else if (dys.stream().allMatch(dy -> dy == null)) {
      passEnd(step);
    } else if (Obstacle.isControlFlow(step)) {
      lose(step, Obstacle.of(step));
    } else {
      try {
        addAll(step, rules.apply(step, dys));
        relus += GradientRules.isRelu(step.node().op()) ? 1 : 0;
      } catch (TensorFlowException | UnsupportedOperationException | XAIException e) {
        lose(step, Obstacle.of(step, e));
      }
    }
  }

  private void addAll(Step step, List<@Nullable Endpoint> dxs) {
    for (int i = 0; i < dxs.size(); i++) {
      Endpoint input = step.inputs().get(i);
      Endpoint dx = dxs.get(i);
      if (dx != null) {
        add(input, dx);
      } else if (isHandle(input)) {
        lost.putIfAbsent(input, Obstacle.of(step));
      } else if (model.hasValues(input)) {
        ended.putIfAbsent(input, Obstacle.of(step));
      }
    }
  }

  /** A derivative exists but cannot be computed here, nor for anything before it. */
  private void lose(Step step, Obstacle obstacle) {
    for (Endpoint input : step.inputs()) {
      if (model.isDifferentiable(input) || isHandle(input)) {
        lost.putIfAbsent(input, obstacle);
      }
    }
  }

  /** The derivative is zero from here on; remember the operation that caused it. */
  private void passEnd(Step step) {
    Obstacle end = null;
    for (Endpoint value : step.values()) {
      Obstacle found = ended.get(value);
      if (found != null) {
        end = model.isDifferentiable(value) ? found : Obstacle.of(step);
      }
    }
    for (Endpoint input : step.inputs()) {
      if (end != null && model.hasValues(input)) {
        ended.putIfAbsent(input, end);
      }
    }
  }

  /** Lists of tensors, as used by loops, are passed by handle. */
  private boolean isHandle(Endpoint tensor) {
    return model.hasValues(tensor) && HANDLES.contains(ops.type(tensor));
  }

  private void add(Endpoint tensor, Endpoint part) {
    parts.computeIfAbsent(tensor, key -> new ArrayList<>()).add(part);
  }

  private @Nullable Endpoint total(Endpoint tensor) {
    List<Endpoint> sum = parts.get(tensor);
    if (sum == null || lost.containsKey(tensor)) {
      return null;
    }
    Endpoint total = sum.get(0);
    if (sum.size() > 1) {
      Map<String, AttrValue> attributes =
          Map.of("T", Attributes.of(ops.type(total)), "N", Attributes.of(sum.size()));
      total = ops.add("AddN", sum, attributes);
    }
    gradients.put(tensor, total);
    return total;
  }

  /** Returns the placeholder for an output gradient. */
  Endpoint outputGradient() {
    return outputGradient;
  }

  /** Returns the number of ReLUs that the gradient passes through on its way to the input. */
  int relus() {
    return relus;
  }

  /**
   * {@return the gradient of a tensor, in the tensor's own type, or null if there is none}
   *
   * @param tensor a tensor as operations read it
   */
  @Nullable Endpoint gradient(Endpoint tensor) {
    return lost.containsKey(tensor) ? null : gradients.get(tensor);
  }

  /**
   * {@return the operation that blocks the gradient of a tensor, or null if the output does not
   * depend on the tensor}
   *
   * @param tensor a tensor without gradient
   */
  @Nullable Obstacle obstacle(Endpoint tensor) {
    Obstacle found = lost.get(tensor);
    return found == null ? ended.get(tensor) : found;
  }

  /**
   * Lists the inputs of a gradient besides the output gradient; with these fed, the backward pass
   * runs on its own.
   *
   * @param gradient a gradient
   * @return placeholders, and the tensors of the forward pass that they stand for
   */
  Map<Endpoint, Endpoint> saved(Endpoint gradient) {
    return ops.saved(gradient);
  }
}
