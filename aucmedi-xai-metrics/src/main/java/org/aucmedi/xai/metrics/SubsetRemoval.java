package org.aucmedi.xai.metrics;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.aucmedi.xai.array.BatchAxes;

/** Removes sets of pixels, and compares what a map says of each with what the score loses. */
final class SubsetRemoval {

  /** As many variants are in memory at a time. */
  private static final int BATCH = 16;

  private final float[] image;
  private final float[] fill;
  private final BatchAxes axes;
  private final float[] map;
  private final Scorer scorer;
  private final double whole;

  /**
   * What removing sets of pixels does.
   *
   * @param sums of the map over each set
   * @param drops of the score without each set
   */
  record Effects(double[] sums, double[] drops) {

    /** {@return Pearson's correlation of sums and drops; 0 if one of them is constant} */
    double correlation() {
      double meanSum = mean(sums);
      double meanDrop = mean(drops);
      double both = 0;
      double ofSums = 0;
      double ofDrops = 0;
      for (int k = 0; k < sums.length; k++) {
        both += (sums[k] - meanSum) * (drops[k] - meanDrop);
        ofSums += (sums[k] - meanSum) * (sums[k] - meanSum);
        ofDrops += (drops[k] - meanDrop) * (drops[k] - meanDrop);
      }
      double scale = Math.sqrt(ofSums) * Math.sqrt(ofDrops);
      return scale == 0 ? 0 : Math.max(-1, Math.min(1, both / scale));
    }

    private static double mean(double[] values) {
      double sum = 0;
      for (double value : values) {
        sum += value;
      }
      return sum / values.length;
    }
  }

  /** Scores the whole image. */
  SubsetRemoval(float[] image, float[] fill, BatchAxes axes, float[] map, Scorer scorer) {
    Checks.requireMapOf(map, axes, image, fill);
    this.image = image;
    this.fill = fill;
    this.axes = axes;
    this.map = map;
    this.scorer = scorer;
    this.whole = scorer.scores(List.of(image))[0];
  }

  /** Removes each of some sets of positions. */
  Effects without(List<int[]> subsets) {
    checkArgument(!subsets.isEmpty(), "there must be at least one subset");
    double[] sums = new double[subsets.size()];
    double[] drops = new double[subsets.size()];
    List<float[]> variants = new ArrayList<>();
    for (int k = 0; k < sums.length; k++) {
      float[] variant = image.clone();
      for (int position : subsets.get(k)) {
        sums[k] += map[position];
        for (int channel = 0; channel < axes.channels(); channel++) {
          int index = axes.index(0, channel, position);
          variant[index] = fill[index];
        }
      }
      variants.add(variant);
      if (variants.size() == BATCH || k == sums.length - 1) {
        double[] scores = scorer.scores(List.copyOf(variants));
        for (int i = 0; i < scores.length; i++) {
          drops[k + 1 - scores.length + i] = whole - scores[i];
        }
        variants.clear();
      }
    }
    return new Effects(sums, drops);
  }

  /** Draws sets of a size, each without replacement. */
  static List<int[]> random(int positions, int size, int count, SplittableRandom random) {
    checkArgument(
        size >= 1 && size <= positions,
        "a subset has from 1 to %s positions, got %s",
        positions,
        size);
    List<int[]> subsets = new ArrayList<>();
    int[] all = new int[positions];
    for (int i = 0; i < positions; i++) {
      all[i] = i;
    }
    for (int k = 0; k < count; k++) {
      int[] subset = new int[size];
      for (int i = 0; i < size; i++) {
        int other = i + random.nextInt(positions - i);
        subset[i] = all[other];
        all[other] = all[i];
        all[i] = subset[i];
      }
      subsets.add(subset);
    }
    return subsets;
  }

  /** Draws boxes, each side from one position to half of its axis, rounded up. */
  static List<int[]> boxes(int[] sizes, int count, SplittableRandom random) {
    List<int[]> boxes = new ArrayList<>();
    for (int k = 0; k < count; k++) {
      int[] positions = {0};
      for (int size : sizes) {
        int length = 1 + random.nextInt((size + 1) / 2);
        int start = random.nextInt(size - length + 1);
        int[] longer = new int[positions.length * length];
        for (int i = 0; i < longer.length; i++) {
          longer[i] = positions[i / length] * size + start + i % length;
        }
        positions = longer;
      }
      boxes.add(positions);
    }
    return boxes;
  }
}
