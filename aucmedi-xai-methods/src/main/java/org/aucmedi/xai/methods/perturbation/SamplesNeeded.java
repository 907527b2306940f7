package org.aucmedi.xai.methods.perturbation;

import java.util.IdentityHashMap;
import org.aucmedi.xai.Objective;

/**
 * Finds out how many of the samples a map needs to be as reliable as was asked for. It is asked
 * after {@value #FIRST} samples and after every doubling, whatever the batch size.
 */
final class SamplesNeeded {

  /** Stand for what a map is of, where only its values matter. */
  static final Objective ANY = new Objective.OfClass(0);

  static final float[] NO_OUTPUTS = {};

  private static final int FIRST = 50;

  /** Tells how reliable the map is that the first samples make. */
  @FunctionalInterface
  interface Reliability {
    double of(double whole, double[] scores, int samples);
  }

  private final double wanted;
  private final Reliability reliability;

  /** For the scores of each objective how many samples were looked at last. */
  private final IdentityHashMap<double[], Integer> looked = new IdentityHashMap<>();

  private final IdentityHashMap<double[], Integer> enough = new IdentityHashMap<>();

  /**
   * Asks.
   *
   * @param wanted the reliability, 0 to take all samples
   * @param reliability tells it
   */
  SamplesNeeded(double wanted, Reliability reliability) {
    this.wanted = wanted;
    this.reliability = reliability;
  }

  /** Returns whether the first samples are enough for an objective. */
  boolean suffice(double whole, double[] scores, int known) {
    if (wanted == 0) {
      return false;
    }
    int next = looked.getOrDefault(scores, FIRST / 2) * 2;
    for (; next <= known && !enough.containsKey(scores); next *= 2) {
      looked.put(scores, next);
      if (reliability.of(whole, scores, next) >= wanted) {
        enough.put(scores, next);
      }
    }
    return enough.containsKey(scores);
  }

  /** Returns how many of the samples to take for an objective, all of which are known. */
  int of(double whole, double[] scores, int all) {
    if (!suffice(whole, scores, all)
        && wanted > 0
        && reliability.of(whole, scores, all) >= wanted) {
      enough.put(scores, all);
    }
    return enough.getOrDefault(scores, all);
  }

  /** Returns whether all samples were taken and are not enough. */
  boolean isMissed(double[] scores) {
    return wanted > 0 && !enough.containsKey(scores);
  }
}
