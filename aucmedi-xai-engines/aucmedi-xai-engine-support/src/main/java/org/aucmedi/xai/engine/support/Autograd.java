package org.aucmedi.xai.engine.support;

import ai.djl.ndarray.NDArray;
import org.aucmedi.xai.error.XAIException;
import org.jspecify.annotations.Nullable;

/**
 * An engine's automatic differentiation, for one pass.
 *
 * <p>The engine records a graph while it runs operations that depend on a {@linkplain #leaf leaf},
 * from before a pass is started until it returns, and records none for a model's weights.
 */
public interface Autograd {

  /**
   * Starts a graph: what is computed from a leaf can be differentiated with respect to it.
   *
   * @param values an array without a graph that nothing else changes
   * @return an array of the same values, maybe the same one, that collects gradients; at first none
   */
  NDArray leaf(NDArray values);

  /**
   * Differentiates sum(output * gradient), with batch normalisation and dropout in inference mode,
   * and adds the result to what each leaf has collected. A leaf that the output does not depend on
   * is left alone.
   *
   * @param output an array computed from leaves
   * @param gradient an array of the output's shape and type
   * @param keepGraph whether another call will go through a part of the same graph
   * @throws XAIException if the output depends on no leaf
   */
  void backward(NDArray output, NDArray gradient, boolean keepGraph);

  /**
   * {@return the gradient accumulated in a leaf, which is reset: a new array of the leaf's shape,
   * or null if no gradient has arrived and the engine can tell}
   *
   * @param leaf an array that {@link #leaf} returned
   */
  @Nullable NDArray take(NDArray leaf);

  /**
   * Makes the error for an output whose gradient does not reach the place where the graph starts.
   *
   * @return the exception to throw
   */
  XAIException unreached();
}
