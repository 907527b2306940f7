package org.aucmedi.xai.engine.support;

import ai.djl.ndarray.NDArray;
import java.util.function.UnaryOperator;
import org.aucmedi.xai.model.LayerKind;

/** Observes a {@link BlockRun}, and may replace arrays. */
interface BlockObserver {

  /** Receives the output of a layer and returns the array to continue with. */
  default NDArray layer(String name, LayerKind kind, NDArray output) {
    return output;
  }

  /** Applies a ReLU, with the model's own function or an equivalent one. */
  default NDArray rectify(ReluKind relu, NDArray input, UnaryOperator<NDArray> own) {
    return own.apply(input);
  }
}
