package org.aucmedi.xai;

import org.aucmedi.xai.model.OutputActivation;
import org.aucmedi.xai.model.UnsupportedModelException;

/** Which score a gradient method differentiates. */
public enum Score {
  /** The model's output; a probability if the model ends in a softmax. */
  OUTPUT,
  /**
   * The logit: the input of the model's last {@linkplain OutputActivation activation}; the output
   * itself if there is none. For a softmax it is centred, {@code z_c - mean(z)}, since a softmax is
   * invariant to the mean of its inputs.
   *
   * <p>The gradient is exact and needs no access to the activation's input. For a target t, one
   * weight per class, the derivative with respect to the output p is
   *
   * <pre>{@code
   * softmax       (t_i - mean(t)) / p_i      its backward pass p_i (s_i - sum_j p_j s_j) gives t_i - mean(t)
   * log-softmax    t_i - mean(t)
   * sigmoid        t_i / (p_i (1 - p_i))
   * none           t_i
   * }</pre>
   *
   * A class whose p_i (or 1 - p_i) is below 1e-30 is treated as unreachable and contributes
   * nothing.
   */
  LOGIT;

  /** The option that selects the score. */
  public static final MethodOption<Score> OPTION =
      MethodOption.ofEnum("score", "the score to explain: the output or the logit", Score.class)
          .defaults(OUTPUT, LOGIT);

  private static final float TINY = 1e-30f;

  /**
   * Converts derivatives with respect to this score into derivatives with respect to the outputs.
   *
   * @param weights one per class
   * @param outputs one per class
   * @param activation the model's last operation
   * @return one per class
   * @throws UnsupportedModelException if the logit is requested and the activation is unknown
   */
  float[] outputGradient(float[] weights, float[] outputs, OutputActivation activation) {
    if (this == OUTPUT) {
      return weights;
    }
    double mean = centred(checkKnown(activation)) ? mean(weights) : 0;
    float[] gradient = new float[weights.length];
    for (int c = 0; c < gradient.length; c++) {
      double slope =
          switch (activation) {
            case SOFTMAX -> outputs[c];
            case SIGMOID -> (double) outputs[c] * (1 - outputs[c]);
            default -> 1;
          };
      gradient[c] = slope < TINY ? 0 : (float) ((weights[c] - mean) / slope);
    }
    return gradient;
  }

  /**
   * Computes the score of one image.
   *
   * @param weights one per class
   * @param outputs one per class
   * @param activation the model's last operation
   * @return the weighted sum of the scores of the classes
   * @throws UnsupportedModelException if the logit is requested and the activation is unknown
   */
  double value(float[] weights, float[] outputs, OutputActivation activation) {
    OutputActivation known = this == OUTPUT ? OutputActivation.NONE : checkKnown(activation);
    double mean = centred(known) ? mean(weights) : 0;
    double score = 0;
    for (int c = 0; c < weights.length; c++) {
      double logit =
          switch (known) {
            case SOFTMAX -> log(outputs[c]);
            case SIGMOID -> log(outputs[c]) - log(1 - outputs[c]);
            default -> outputs[c];
          };
      score += (weights[c] - mean) * logit;
    }
    return score;
  }

  private static boolean centred(OutputActivation activation) {
    return activation == OutputActivation.SOFTMAX || activation == OutputActivation.LOG_SOFTMAX;
  }

  private static double mean(float[] weights) {
    double sum = 0;
    for (float weight : weights) {
      sum += weight;
    }
    return sum / weights.length;
  }

  private static double log(double p) {
    return Math.log(Math.max(p, TINY));
  }

  private static OutputActivation checkKnown(OutputActivation activation) {
    if (activation == OutputActivation.UNKNOWN) {
      throw new UnsupportedModelException(
          "cannot explain the logit: it is unknown whether the model ends in a softmax, a sigmoid"
              + " or neither; set the activation (--activation, LoadOptions), or explain the output"
              + " (score=output)");
    }
    return activation;
  }
}
