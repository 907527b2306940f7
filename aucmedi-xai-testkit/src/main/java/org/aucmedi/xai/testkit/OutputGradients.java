package org.aucmedi.xai.testkit;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.aucmedi.xai.model.OutputGradient;

/** Output gradients for tests. */
public final class OutputGradients {

  private OutputGradients() {}

  /**
   * Differentiates {@code sum(output * gradient)} of a batch, whatever the outputs are.
   *
   * @param gradient (N, classes), row-major
   * @return the function of the outputs
   */
  public static OutputGradient constant(float... gradient) {
    float[] copy = gradient.clone();
    return outputs -> List.of(copy.clone());
  }

  /**
   * Differentiates {@code sum(output * gradient)} for several gradients in one pass.
   *
   * @param gradients each (N, classes)
   * @return the function of the outputs
   */
  public static OutputGradient of(NDArray... gradients) {
    List<float[]> values = new ArrayList<>();
    for (NDArray gradient : gradients) {
      values.add(gradient.toFloatArray());
    }
    return outputs -> List.copyOf(values);
  }

  /**
   * Differentiates {@code sum(output * gradient)} for several gradients in one pass.
   *
   * @param gradients each (N, classes), row-major
   * @return the function of the outputs
   */
  public static OutputGradient of(float[]... gradients) {
    List<float[]> copies = new ArrayList<>();
    for (float[] gradient : gradients) {
      copies.add(gradient.clone());
    }
    return outputs -> List.copyOf(copies);
  }

  /**
   * Differentiates the sum of all outputs of the batch.
   *
   * @return the function of the outputs
   */
  public static OutputGradient sum() {
    return outputs -> {
      float[] ones = new float[outputs.length * outputs[0].length];
      Arrays.fill(ones, 1);
      return List.of(ones);
    };
  }
}
