package org.aucmedi.xai.engine.support;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import org.aucmedi.xai.model.ReluRule;

/** The nonlinearities whose backward pass a guided pass modifies. */
enum ReluKind {
  RELU(Float.POSITIVE_INFINITY),
  RELU6(6);

  private final float ceiling;

  ReluKind(float ceiling) {
    this.ceiling = ceiling;
  }

  float of(float x) {
    return Math.min(Math.max(x, 0), ceiling);
  }

  NDArray of(NDArray x) {
    return this == RELU ? Activation.relu(x) : Activation.relu6(x);
  }

  /**
   * Propagates a gradient back.
   *
   * @param gradient the gradient of the output
   * @param output the output, which is inside its range exactly where the input is
   */
  NDArray back(NDArray gradient, NDArray output, ReluRule rule) {
    NDArray positive = Activation.relu(gradient);
    if (rule == ReluRule.DECONVNET) {
      return positive;
    }
    NDArray passed = positive.mul(output.gt(0).toType(gradient.getDataType(), false));
    return this == RELU
        ? passed
        : passed.mul(output.lt(ceiling).toType(gradient.getDataType(), false));
  }
}
