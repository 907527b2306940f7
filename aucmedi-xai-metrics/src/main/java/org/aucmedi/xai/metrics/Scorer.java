package org.aucmedi.xai.metrics;

import java.util.List;

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
