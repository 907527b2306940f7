package org.aucmedi.xai;

/**
 * A differentiable function of a model's outputs for one image, to be explained instead of a class.
 *
 * <pre>{@code
 * // The probability that it is one of two classes.
 * OutputFunction either =
 *     new OutputFunction() {
 *       public double value(float[] outputs) { return outputs[1] + outputs[2]; }
 *       public float[] gradient(float[] outputs) { return new float[] {0, 1, 1}; }
 *     };
 * }</pre>
 */
public interface OutputFunction {

  /**
   * Computes the function.
   *
   * @param outputs one per class; must not be changed
   * @return its value
   */
  double value(float[] outputs);

  /**
   * Differentiates the function.
   *
   * @param outputs one per class; must not be changed
   * @return its derivative with respect to each output
   */
  float[] gradient(float[] outputs);
}
