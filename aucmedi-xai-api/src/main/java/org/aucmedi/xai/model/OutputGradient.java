package org.aucmedi.xai.model;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.List;

/**
 * What to differentiate, as a function of the outputs. The model calls it between the forward and
 * the backward pass, so the number of classes, the predicted class and the gradient all come from
 * one forward pass.
 *
 * <p>The output gradient of a score is d(score)/d(output); a model multiplies it by
 * d(output)/d(input), or by d(output)/d(layer).
 */
@FunctionalInterface
public interface OutputGradient {

  /**
   * {@return for each score d(score)/d(output), (N, classes), row-major} Called once per pass of
   * the model, for the whole batch.
   *
   * @param outputs the model's outputs, {@code [image][class]}
   */
  List<float[]> of(float[][] outputs);

  /**
   * Differentiates the outputs of classes, for every image of the batch.
   *
   * @param classes the class of each score, from 0; the function throws IllegalArgumentException
   *     for a class that the model does not have
   * @return a function whose output gradients are one-hot in every row
   */
  static OutputGradient ofClasses(int... classes) {
    int[] copy = classes.clone();
    return outputs -> {
      List<float[]> gradients = new ArrayList<>();
      for (int classIndex : copy) {
        int count = outputs[0].length;
        checkArgument(
            classIndex >= 0 && classIndex < count,
            "class %s is out of range: the model has %s, counted from 0",
            classIndex,
            count);
        float[] gradient = new float[outputs.length * count];
        for (int n = 0; n < outputs.length; n++) {
          gradient[n * count + classIndex] = 1;
        }
        gradients.add(gradient);
      }
      return gradients;
    };
  }
}
