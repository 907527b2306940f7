package org.aucmedi.xai.engine.support;

import ai.djl.ndarray.NDList;
import java.util.List;
import org.aucmedi.xai.model.Layer;

/**
 * What a pass gives.
 *
 * @param arrays each with a row for every image
 * @param relus how many it met
 * @param layers those that ran
 */
record PassResults(NDList arrays, int relus, List<Layer> layers) {

  static PassResults of(NDList arrays) {
    return new PassResults(arrays, 0, List.of());
  }
}
