package org.aucmedi.xai.engine.tensorflow;

import java.util.Set;
import org.aucmedi.xai.engine.tensorflow.ModelGraph.Step;
import org.jspecify.annotations.Nullable;

/**
 * The gradients of sums, products and quotients with a constant operand, as normalisations and
 * biases are, where the data has the shape of the result. TensorFlow's own works that shape out in
 * every pass, with five more operations.
 */
final class ElementwiseRules {

  private static final Set<String> OPS = Set.of("Add", "AddV2", "Sub", "Mul", "RealDiv");

  private final ModelGraph model;
  private final BackwardOps ops;

  ElementwiseRules(ModelGraph model, BackwardOps ops) {
    this.model = model;
    this.ops = ops;
  }

  static boolean handles(String op) {
    return OPS.contains(op);
  }

  /** Returns the index of the first operand that a gradient passes through. */
  int dataInput(Step step) {
    return model.isDifferentiable(step.inputs().get(0)) ? 0 : 1;
  }

  /**
   * Adds the gradient of the data.
   *
   * @param step the operation
   * @param dy the gradient of its result
   * @return the gradient, or null if the operation is not of this kind
   */
  @Nullable Endpoint gradient(Step step, Endpoint dy) {
    int data = dataInput(step);
    Endpoint x = step.inputs().get(data);
    Endpoint constant = step.inputs().get(1 - data);
    if (!model.isDifferentiable(x) || model.isDifferentiable(constant) || spreads(x, constant)) {
      return null;
    }
    return switch (step.node().op()) {
      case "Mul" -> ops.mul(dy, constant);
      case "Sub" -> data == 0 ? dy : ops.unary("Neg", dy);
      case "RealDiv" -> data == 0 ? ops.binary("RealDiv", dy, constant) : null;
      default -> dy;
    };
  }

  /** Returns whether the data may be smaller than the result along some axis. */
  private boolean spreads(Endpoint x, Endpoint constant) {
    long[] of = model.graph().shape(x);
    long[] by = model.graph().shape(constant);
    if (of == null || by == null || by.length > of.length) {
      return true;
    }
    for (int axis = 1; axis <= by.length; axis++) {
      long size = by[by.length - axis];
      if (size != 1 && (size < 0 || size != of[of.length - axis])) {
        return true;
      }
    }
    return false;
  }
}
