package org.aucmedi.xai.model;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.List;

/**
 * What is differentiated, as a function of the outputs: it is asked between the forward and the
 * backward pass, so that the number of classes, the predicted class and the gradient come from one
 * forward pass.
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
   * @param classes the class of each score, counted from 0; the function throws
   *     IllegalArgumentException for one that the model does not have
   * @return the function, whose output gradients have a 1 for the class in every row
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
