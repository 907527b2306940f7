package org.aucmedi.xai.engine.support;

import ai.djl.ndarray.NDList;
import java.util.List;
import org.aucmedi.xai.model.Layer;

/**
 * The results of a pass.
 *
 * @param arrays the resulting arrays, each with a row for every image
 * @param relus the number of ReLUs that the gradients passed through
 * @param layers the layers that ran
 */
record PassResults(NDList arrays, int relus, List<Layer> layers) {

  static PassResults of(NDList arrays) {
    return new PassResults(arrays, 0, List.of());
  }
}
