package org.aucmedi.xai.metrics;

/**
 * Relevance mass accuracy: how much of the evidence for the class lies on the object (L. Arras et
 * al., <a href="https://arxiv.org/abs/2003.07258">CLEVR-XAI: A Benchmark Dataset for the Ground
 * Truth Evaluation of Neural Network Explanations</a>, 2020); also called the energy-based pointing
 * game (H. Wang et al., <a href="https://arxiv.org/abs/1910.01279">Score-CAM</a>, 2020).
 *
 * <pre>{@code score = sum over i in the region of max(0, M[i]) / sum over all i of max(0, M[i])}
 * </pre>
 *
 * <p>Higher is better. A map without positive values scores what a constant map does, the region's
 * share of all positions; an empty region scores 0. Use raw maps or heatmaps whose zero means no
 * evidence: one that is scaled by its own minimum has mass everywhere.
 */
public final class RelevanceMassAccuracy {

  private RelevanceMassAccuracy() {}

  /**
   * Scores one map.
   *
   * @param map the values of the map, row-major, in any number of dimensions; not NaN
   * @param region for each value of the map whether the object is there
   * @return from 0 (no evidence is on the object) to 1 (all of it is)
   * @throws IllegalArgumentException if the sizes differ or are 0, or a value is NaN
   */
  public static double score(float[] map, boolean[] region) {
    Checks.requireMapAndRegion(map, region);
    double inside = 0;
    double all = 0;
    for (int i = 0; i < map.length; i++) {
      double mass = Math.max(0, map[i]);
      all += mass;
      inside += region[i] ? mass : 0;
    }
    return all == 0 ? (double) Checks.count(region) / region.length : inside / all;
  }
}
