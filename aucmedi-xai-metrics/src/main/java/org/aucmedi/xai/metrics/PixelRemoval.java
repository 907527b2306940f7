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
    Checks.requireMapOf(map, axes, from, to);
    int positions = axes.positions();
    checkArgument(
        steps >= 1 && steps <= positions,
        "steps must be from 1 to the number of positions, %s, got %s",
        positions,
        steps);
    int[] order = Ranking.descending(map);
    float[] variant = from.clone();
    List<Double> shares = new ArrayList<>(List.of(0.0));
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
      shares.add((double) end / positions);
      if (variants.size() == BATCH || step == steps) {
        for (double score : scorer.scores(List.copyOf(variants))) {
          scores.add(score);
        }
        variants.clear();
      }
    }
    return new Curve(shares, scores);
  }
}
