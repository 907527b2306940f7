package org.aucmedi.xai;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Objects;
import org.aucmedi.xai.model.OutputActivation;

/** What one map explains: a number computed from the model's outputs for one image. */
public sealed interface Objective {

  /** The class index of an objective that is not a class. */
  int NO_CLASS = -1;

  /** {@return the label, for instance "3" for a class, "3vs5" for a contrast} */
  String label();

  /** {@return the class to find evidence for, from 0, or {@link #NO_CLASS} for a function} */
  int classIndex();

  /**
   * Computes the objective.
   *
   * @param outputs one per class
   * @param score which score of the class to use; a function of the outputs has only its own value
   * @param activation the model's last operation
   * @return its value
   * @throws org.aucmedi.xai.model.UnsupportedModelException if the logit is requested and the
   *     activation is unknown
   * @throws IllegalArgumentException if the logit of a function is requested
   */
  double value(float[] outputs, Score score, OutputActivation activation);

  /**
   * Differentiates the objective with respect to the outputs.
   *
   * @param outputs one per class
   * @param score which score of the class to use; a function of the outputs has only its own value
   * @param activation the model's last operation
   * @return one derivative per class
   * @throws org.aucmedi.xai.model.UnsupportedModelException if the logit is requested and the
   *     activation is unknown
   * @throws IllegalArgumentException if the logit of a function is requested
   */
  float[] gradient(float[] outputs, Score score, OutputActivation activation);

  /** The score of a class. */
  record OfClass(int classIndex) implements Objective {

    @Override
    public String label() {
      return String.valueOf(classIndex);
    }

    @Override
    public double value(float[] outputs, Score score, OutputActivation activation) {
      return score.value(weights(outputs.length), outputs, activation);
    }

    @Override
    public float[] gradient(float[] outputs, Score score, OutputActivation activation) {
      return score.outputGradient(weights(outputs.length), outputs, activation);
    }

    private float[] weights(int classes) {
      float[] weights = new float[classes];
      weights[classIndex] = 1;
      return weights;
    }
  }

  /** The score of one class minus that of another. */
  record Contrast(int classIndex, int against) implements Objective {

    @Override
    public String label() {
      return classIndex + "vs" + against;
    }

    @Override
    public double value(float[] outputs, Score score, OutputActivation activation) {
      return score.value(weights(outputs.length), outputs, activation);
    }

    @Override
    public float[] gradient(float[] outputs, Score score, OutputActivation activation) {
      return score.outputGradient(weights(outputs.length), outputs, activation);
    }

    private float[] weights(int classes) {
      float[] weights = new float[classes];
      weights[classIndex] = 1;
      weights[against] = -1;
      return weights;
    }
  }

  /** A function of the outputs. */
  record OfFunction(String label, OutputFunction function) implements Objective {

    /** Checks the parts. */
    public OfFunction {
      checkArgument(!label.isBlank(), "a function of the outputs needs a name");
      Objects.requireNonNull(function, "function");
    }

    @Override
    public int classIndex() {
      return NO_CLASS;
    }

    @Override
    public double value(float[] outputs, Score score, OutputActivation activation) {
      checkScore(score);
      return function.value(outputs.clone());
    }

    @Override
    public float[] gradient(float[] outputs, Score score, OutputActivation activation) {
      checkScore(score);
      float[] gradient = function.gradient(outputs.clone());
      checkArgument(
          gradient.length == outputs.length,
          "the gradient of '%s' has %s values for %s outputs",
          label,
          gradient.length,
          outputs.length);
      return gradient.clone();
    }

    private void checkScore(Score score) {
      checkArgument(
          score == Score.OUTPUT,
          "'%s' is a function of the outputs and has no logit; set score=output, or choose a method with that option",
          label);
    }
  }
}
