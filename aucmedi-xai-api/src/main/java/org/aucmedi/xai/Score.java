package org.aucmedi.xai;

import java.util.ArrayList;
import java.util.List;

/** Which score a gradient method differentiates. */
public enum Score {
  /** The model's output as it is; a probability where the model ends in a softmax. */
  OUTPUT,
  /**
   * The logit: the output itself where that is no softmax, and where it is the softmax's input,
   * centred: {@code z_c - mean(z)}. (A softmax does not know the mean of its inputs, so no score
   * could depend on it.)
   *
   * <p>The gradient is exact and needs no access to the softmax's input: seeding the output p with
   * {@code s_i = (t_i - mean(t)) / p_i} for a target t makes the softmax's backward pass {@code p_i
   * (s_i - sum_j p_j s_j)} give {@code t_i - mean(t)}. The output for an image is taken for a
   * softmax if it is at least 0 and sums to 1 within 1e-4, whatever else is in the batch. Where p_i
   * is below 1e-30 its class counts as unreachable.
   */
  LOGIT;

  /** The option that chooses between them. */
  public static final MethodOption<Score> OPTION =
      MethodOption.ofEnum(
          "score", "what is differentiated: the output or the logit", Score.class, OUTPUT, LOGIT);

  private static final float TINY = 1e-30f;

  /**
   * Turns seeds for the score into seeds for the output.
   *
   * @param seeds one per map, each (images, classes)
   * @param output the prediction, (images, classes)
   * @param classes the number of classes
   * @return one seed per map
   */
  public List<float[]> outputSeeds(List<float[]> seeds, float[] output, int classes) {
    if (this == OUTPUT) {
      return seeds;
    }
    List<float[]> turned = new ArrayList<>();
    for (float[] seed : seeds) {
      float[] result = seed.clone();
      for (int row = 0; row < seed.length; row += classes) {
        if (isSoftmax(output, row, classes)) {
          double mean = mean(seed, row, classes);
          for (int c = row; c < row + classes; c++) {
            result[c] = output[c] < TINY ? 0 : (float) ((seed[c] - mean) / output[c]);
          }
        }
      }
      turned.add(result);
    }
    return turned;
  }

  /**
   * Computes the score of one image.
   *
   * @param seed the seed for the score, one weight per class
   * @param output the prediction, one value per class
   * @return the score
   */
  public double value(float[] seed, float[] output) {
    boolean softmax = this == LOGIT && isSoftmax(output, 0, output.length);
    double mean = softmax ? mean(seed, 0, seed.length) : 0;
    double score = 0;
    for (int c = 0; c < seed.length; c++) {
      score += (seed[c] - mean) * (softmax ? Math.log(Math.max(output[c], TINY)) : output[c]);
    }
    return score;
  }

  private static double mean(float[] seed, int from, int classes) {
    double sum = 0;
    for (int c = from; c < from + classes; c++) {
      sum += seed[c];
    }
    return sum / classes;
  }

  private static boolean isSoftmax(float[] output, int row, int classes) {
    double sum = 0;
    for (int c = row; c < row + classes; c++) {
      if (output[c] < 0) {
        return false;
      }
      sum += output[c];
    }
    return classes > 1 && Math.abs(sum - 1) <= 1e-4;
  }
}
