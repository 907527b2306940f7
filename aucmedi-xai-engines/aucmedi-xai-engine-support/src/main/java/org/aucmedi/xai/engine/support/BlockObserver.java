package org.aucmedi.xai.engine.support;

import ai.djl.ndarray.NDArray;
import java.util.function.UnaryOperator;
import org.aucmedi.xai.model.LayerKind;

/** Sees what happens inside a {@link BlockRun}, and may put other arrays in place. */
interface BlockObserver {

  /** Gets the output of a layer; what it returns goes on. */
  default NDArray layer(String name, LayerKind kind, NDArray output) {
    return output;
  }

  /** Rectifies an array, with the model's own function or in another way that gives the same. */
  default NDArray rectify(ReluKind relu, NDArray input, UnaryOperator<NDArray> own) {
    return own.apply(input);
  }
}
