package org.aucmedi.xai.testkit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import org.aucmedi.xai.model.ExplainableModel;

/** Derivatives by central differences: slow, but independent of any automatic differentiation. */
public final class Differences {

  private Differences() {}

  /**
   * Differentiates {@code sum(output * outputGradient)} for one image with respect to some of its
   * values.
   *
   * @param model the model
   * @param shape the shape of the batch of one
   * @param x the image
   * @param outputGradient (1, classes)
   * @param positions the indices of the values to differentiate with respect to
   * @param step the step to either side
   * @return one derivative per position
   */
  public static float[] gradient(
      ExplainableModel model,
      Shape shape,
      float[] x,
      float[] outputGradient,
      int[] positions,
      float step) {
    float[] gradient = new float[positions.length];
    for (int i = 0; i < positions.length; i++) {
      double up = score(model, shape, moved(x, positions[i], step), outputGradient);
      double down = score(model, shape, moved(x, positions[i], -step), outputGradient);
      gradient[i] = (float) ((up - down) / (2.0 * step));
    }
    return gradient;
  }

  /**
   * Differentiates {@code sum(output * outputGradient)} for one image along a direction in the
   * space of its values.
   *
   * @param model the model
   * @param shape the shape of the batch of one
   * @param x the image
   * @param outputGradient (1, classes)
   * @param direction the direction, of any length
   * @param step the step to either side, as a distance
   * @return the derivative along the normalized direction
   */
  public static double alongDirection(
      ExplainableModel model,
      Shape shape,
      float[] x,
      float[] outputGradient,
      float[] direction,
      float step) {
    double norm = 0;
    for (float value : direction) {
      norm += (double) value * value;
    }
    double scale = step / Math.sqrt(norm);
    float[] up = x.clone();
    float[] down = x.clone();
    for (int i = 0; i < x.length; i++) {
      up[i] += (float) (scale * direction[i]);
      down[i] -= (float) (scale * direction[i]);
    }
    return (score(model, shape, up, outputGradient) - score(model, shape, down, outputGradient))
        / (2.0 * step);
  }

  private static float[] moved(float[] x, int position, float step) {
    float[] moved = x.clone();
    moved[position] += step;
    return moved;
  }

  private static double score(
      ExplainableModel model, Shape shape, float[] x, float[] outputGradient) {
    try (NDManager manager = model.newManager()) {
      NDArray batch = manager.create(FloatBuffer.wrap(x), shape);
      float[] output = model.predict(batch).toFloatArray();
      double score = 0;
      for (int c = 0; c < outputGradient.length; c++) {
        score += (double) output[c] * outputGradient[c];
      }
      return score;
    }
  }
}
