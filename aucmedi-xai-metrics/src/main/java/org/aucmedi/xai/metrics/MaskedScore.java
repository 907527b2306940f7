package org.aucmedi.xai.metrics;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;
import org.aucmedi.xai.array.BatchAxes;

/**
 * What is left of a score when the image is seen through the map: average drop and increase in
 * confidence (A. Chattopadhay et al., <a href="https://arxiv.org/abs/1710.11063">Grad-CAM++</a>,
 * 2018) and average gain (H. Zhang et al., <a href="https://arxiv.org/abs/2301.07002">Opti-CAM</a>,
 * 2023). With the score y of the image and o of the masked image, both probabilities,
 *
 * <pre>{@code
 * drop     = max(0, y - o) / y          0 to 1, lower is better
 * increase = 1 if o > y, else 0         0 or 1, higher is better
 * gain     = max(0, o - y) / (1 - y)    0 to 1, higher is better
 * }</pre>
 *
 * <p>The mask is the map scaled from its minimum to its maximum into [0, 1]. It multiplies the
 * <em>pixel values</em>, so that 0 is black, and not the standardised ones, where 0 is the mean
 * colour of the training data: some toolkits do the latter. With the standardised black image b,
 * that is
 *
 * <pre>{@code masked = b + mask * (image - b)}</pre>
 *
 * <p>A flat map shows nothing: its mask is 0. Compare with other metrics: a map that is high
 * everywhere but at one pixel has no drop at all.
 *
 * <p>Cost: 2 forward passes of an image for all three.
 *
 * @param original the score of the image, y
 * @param masked the score of the masked image, o
 */
public record MaskedScore(double original, double masked) {

  /**
   * Scores an image with and without the mask.
   *
   * @param image the image as the model takes it
   * @param black what pixels of value 0 are for the model, arranged alike
   * @param axes how they are arranged: one image
   * @param map one value per position, row-major; finite
   * @param scorer scores the variants
   * @return both scores
   * @throws IllegalArgumentException if sizes differ, or a value of the map is not finite
   */
  public static MaskedScore of(
      float[] image, float[] black, BatchAxes axes, float[] map, Scorer scorer) {
    Checks.requireMapOf(map, axes, image, black);
    float[] mask = mask(map);
    float[] masked = new float[image.length];
    for (int c = 0; c < axes.channels(); c++) {
      for (int i = 0; i < mask.length; i++) {
        int index = axes.index(0, c, i);
        masked[index] = black[index] + mask[i] * (image[index] - black[index]);
      }
    }
    double[] scores = scorer.scores(List.of(image, masked));
    return new MaskedScore(scores[0], scores[1]);
  }

  private static float[] mask(float[] map) {
    float min = Float.POSITIVE_INFINITY;
    float max = Float.NEGATIVE_INFINITY;
    for (float value : map) {
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
    checkArgument(
        Float.isFinite(min) && Float.isFinite(max), "the map has infinite values; leave it out");
    float[] mask = new float[map.length];
    for (int i = 0; i < map.length && max > min; i++) {
      mask[i] = (float) (((double) map[i] - min) / ((double) max - min));
    }
    return mask;
  }

  /** {@return whether both scores lie in [0, 1], without which drop and gain mean nothing} */
  public boolean areProbabilities() {
    return original >= 0 && original <= 1 && masked >= 0 && masked <= 1;
  }

  /**
   * {@return which share of the score is lost, from 0 to 1; 0 if there was none}
   *
   * @throws IllegalArgumentException if a score is no probability
   */
  public double drop() {
    requireProbabilities();
    return original == 0 ? 0 : Math.max(0, original - masked) / original;
  }

  /** {@return 1 if the score is higher with the mask, else 0} */
  public double increase() {
    return masked > original ? 1 : 0;
  }

  /**
   * {@return which share of what was missing to 1 is gained, from 0 to 1; 0 if nothing was missing}
   *
   * @throws IllegalArgumentException if a score is no probability
   */
  public double gain() {
    requireProbabilities();
    return original == 1 ? 0 : Math.max(0, masked - original) / (1 - original);
  }

  private void requireProbabilities() {
    checkArgument(
        areProbabilities(),
        "drop and gain need probabilities, got scores of %s and %s; end the model in a softmax or"
            + " sigmoid",
        original,
        masked);
  }
}
