package org.aucmedi.xai.model;

import java.util.List;

/**
 * What is differentiated, as a function of the outputs: it is asked between the forward and the
 * backward pass, so that the number of classes, the predicted class and the gradient come from one
 * forward pass.
 */
@FunctionalInterface
public interface OutputGradient {

  /**
   * Returns the derivatives of the scores with respect to the outputs. It is asked once per call of
   * the model, for the whole batch.
   *
   * @param outputs the model's outputs, {@code [image][class]}
   * @return for each score to differentiate d(score)/d(output), (N, classes), row-major
   */
  List<float[]> of(float[][] outputs);
}
