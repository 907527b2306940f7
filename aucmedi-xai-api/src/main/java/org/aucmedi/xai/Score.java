package org.aucmedi.xai;

import java.util.ArrayList;
import java.util.List;
import org.aucmedi.xai.model.OutputActivation;
import org.aucmedi.xai.model.UnsupportedModelException;

/** Which score a gradient method differentiates. */
public enum Score {
  /** The model's output as it is; a probability where the model ends in a softmax. */
  OUTPUT,
  /**
   * The logit: the input of the model's last {@linkplain OutputActivation activation}; the output
   * itself where there is none. Of a softmax it is centred, {@code z_c - mean(z)}: a softmax does
   * not know the mean of its inputs, so no score could depend on it.
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
   * A class whose p_i (or 1 - p_i) is below 1e-30 counts as unreachable and gets no part.
   */
  LOGIT;

  /** The option that chooses between them. */
  public static final MethodOption<Score> OPTION =
      MethodOption.ofEnum(
          "score", "what is differentiated: the output or the logit", Score.class, OUTPUT, LOGIT);

  private static final float TINY = 1e-30f;

  /**
   * Turns the derivatives of what is explained with respect to this score into those with respect
   * to the output.
   *
   * @param weights one per map, each (images, classes), row-major
   * @param outputs the outputs, {@code [image][class]}
   * @param activation the model's last operation
   * @return one per map, likewise
   * @throws UnsupportedModelException if the logit is wanted and the activation is unknown
   */
  public List<float[]> outputGradients(
      List<float[]> weights, float[][] outputs, OutputActivation activation) {
    if (this == OUTPUT) {
      return weights;
    }
    List<float[]> turned = new ArrayList<>();
    for (float[] weight : weights) {
      float[] result = new float[weight.length];
      for (int n = 0; n < outputs.length; n++) {
        turn(weight, n * outputs[n].length, outputs[n], checkKnown(activation), result);
      }
      turned.add(result);
    }
    return turned;
  }

  private static void turn(
      float[] weight, int from, float[] output, OutputActivation activation, float[] result) {
    double mean = centred(activation) ? mean(weight, from, output.length) : 0;
    for (int c = 0; c < output.length; c++) {
      double slope =
          switch (activation) {
            case SOFTMAX -> output[c];
            case SIGMOID -> (double) output[c] * (1 - output[c]);
            default -> 1;
          };
      result[from + c] = slope < TINY ? 0 : (float) ((weight[from + c] - mean) / slope);
    }
  }

  /**
   * Computes the score of one image.
   *
   * @param weights one per class
   * @param output the outputs, one per class
   * @param activation the model's last operation
   * @return the weighted sum of the scores of the classes
   * @throws UnsupportedModelException if the logit is wanted and the activation is unknown
   */
  public double value(float[] weights, float[] output, OutputActivation activation) {
    OutputActivation known = this == OUTPUT ? OutputActivation.NONE : checkKnown(activation);
    double mean = centred(known) ? mean(weights, 0, weights.length) : 0;
    double score = 0;
    for (int c = 0; c < weights.length; c++) {
      double logit =
          switch (known) {
            case SOFTMAX -> log(output[c]);
            case SIGMOID -> log(output[c]) - log(1 - output[c]);
            default -> output[c];
          };
      score += (weights[c] - mean) * logit;
    }
    return score;
  }

  private static boolean centred(OutputActivation activation) {
    return activation == OutputActivation.SOFTMAX || activation == OutputActivation.LOG_SOFTMAX;
  }

  private static double mean(float[] weights, int from, int classes) {
    double sum = 0;
    for (int c = from; c < from + classes; c++) {
      sum += weights[c];
    }
    return sum / classes;
  }

  private static double log(double p) {
    return Math.log(Math.max(p, TINY));
  }

  private static OutputActivation checkKnown(OutputActivation activation) {
    if (activation == OutputActivation.UNKNOWN) {
      throw new UnsupportedModelException(
          "the logit cannot be explained, since the model does not show whether it ends in a"
              + " softmax, a sigmoid or neither; say which (--activation, LoadOptions), or explain"
              + " the output (score=output)");
    }
    return activation;
  }
}
