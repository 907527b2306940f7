package org.aucmedi.xai.model;

import ai.djl.ndarray.NDList;
import java.util.List;

/**
 * A score taken apart: {@code S = sum(x * dS/dx) + sum over all constants b of sum(b * dS/db)},
 * where x is the input and a constant is whatever the network adds to its values.
 *
 * @param gradients for each score dS/dx, shaped like the batch
 * @param scores for each score its value, computed from the logits, (N)
 * @param parts for each score b * dS/db of every constant in the order of the network, shaped like
 *     what the constant is added to, with channels first in every layout: (N, C, spatial...), or
 *     (N, C) where nothing is spatial; as many for each score
 */
public record BiasGradients(NDList gradients, NDList scores, List<NDList> parts) {

  /** Copies the list. */
  public BiasGradients {
    parts = List.copyOf(parts);
  }
}
