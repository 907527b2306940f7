package org.aucmedi.xai.metrics;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.List;
import org.aucmedi.xai.array.BatchAxes;

/**
 * Deletion and insertion: how fast the score of a class falls when the pixels that a map calls
 * important are hidden first, and how fast it rises when they are shown first (V. Petsiuk et al.,
 * <a href="https://arxiv.org/abs/1806.07421">RISE: Randomized Input Sampling for Explanation of
 * Black-box Models</a>, 2018).
 *
 * <p>Deletion starts at the image and ends at its fill, insertion the other way round. In steps of
 * equal numbers of pixels the next important ones, all channels of them, are exchanged. The area
 * under the curve of scores is the metric: for deletion lower is better, for insertion higher.
 * Pixels of equal value come in a random order, always the same, so a flat map is the random map to
 * compare with.
 *
 * <p>The fill decides what hidden means: a constant is simple and makes images that no network has
 * seen; a blurred copy of the image, usual for insertion, hides detail alone.
 *
 * <p>Cost: steps + 1 forward passes of an image for each curve.
 *
 * <pre>{@code
 * Curve curve = PixelRemoval.deletion(image, fill, axes, map, 20, variants -> scores(variants));
 * double area = curve.area();
 * }</pre>
 */
public final class PixelRemoval {

  /** As many variants are in memory at a time. */
  private static final int BATCH = 16;

  private PixelRemoval() {}

  /** Computes the score that a map explains, such as the probability of its class. */
  @FunctionalInterface
  public interface Scorer {

    /**
     * Scores variants of an image.
     *
     * @param variants at least one, arranged as the image
     * @return the score of each
     */
    double[] scores(List<float[]> variants);
  }

  /**
   * Scores against the share of pixels that have been exchanged.
   *
   * @param scores after 0, 1, ... steps; at least two
   */
  public record Curve(List<Double> scores) {

    /** Copies the list. */
    public Curve {
      scores = List.copyOf(scores);
    }

    /** {@return the area under the curve by the trapezoidal rule, over a width of 1} */
    public double area() {
      double area = 0;
      for (int i = 1; i < scores.size(); i++) {
        area += (scores.get(i - 1) + scores.get(i)) / 2;
      }
      return area / (scores.size() - 1);
    }
  }

  /**
   * Hides pixels, the most important first.
   *
   * @param image the image as the model takes it
   * @param fill what is behind it, arranged alike
   * @param axes how they are arranged: one image
   * @param map one value per position, row-major; not NaN
   * @param steps the number of steps, from 1 to the number of positions
   * @param scorer scores the variants
   * @return the score at each step, the image's first and the fill's last
   * @throws IllegalArgumentException if sizes differ, a value of the map is NaN, or there are too
   *     many steps or none
   */
  public static Curve deletion(
      float[] image, float[] fill, BatchAxes axes, float[] map, int steps, Scorer scorer) {
    return curve(image, fill, axes, map, steps, scorer);
  }

  /** Shows pixels, the most important first; arguments and result as of {@link #deletion}. */
  public static Curve insertion(
      float[] image, float[] fill, BatchAxes axes, float[] map, int steps, Scorer scorer) {
    return curve(fill, image, axes, map, steps, scorer);
  }

  private static Curve curve(
      float[] from, float[] to, BatchAxes axes, float[] map, int steps, Scorer scorer) {
    Checks.requireMap(map);
    int positions = axes.positions();
    int values = positions * axes.channels();
    checkArgument(
        map.length == positions && from.length == values && to.length == values,
        "map, image and fill have %s, %s and %s values for %s positions of %s channels; resize the"
            + " map to the image",
        map.length,
        from.length,
        to.length,
        positions,
        axes.channels());
    checkArgument(
        steps >= 1 && steps <= positions,
        "steps must be from 1 to the number of positions, %s, got %s",
        positions,
        steps);
    int[] order = Ranking.descending(map);
    float[] variant = from.clone();
    List<Double> scores = new ArrayList<>();
    List<float[]> variants = new ArrayList<>(List.of(from));
    int done = 0;
    for (int step = 1; step <= steps; step++) {
      int end = Math.toIntExact((long) positions * step / steps);
      for (; done < end; done++) {
        for (int channel = 0; channel < axes.channels(); channel++) {
          int index = axes.index(0, channel, order[done]);
          variant[index] = to[index];
        }
      }
      variants.add(variant.clone());
      if (variants.size() == BATCH || step == steps) {
        for (double score : scorer.scores(List.copyOf(variants))) {
          scores.add(score);
        }
        variants.clear();
      }
    }
    return new Curve(scores);
  }
}
