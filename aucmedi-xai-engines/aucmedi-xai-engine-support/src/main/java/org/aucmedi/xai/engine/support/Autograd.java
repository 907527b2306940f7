package org.aucmedi.xai.engine.support;

import ai.djl.ndarray.NDArray;
import org.aucmedi.xai.error.XAIException;
import org.jspecify.annotations.Nullable;

/**
 * An engine's automatic differentiation, for one pass.
 *
 * <p>From the start of a pass until its end, the engine records a graph of the operations that
 * depend on a {@linkplain #leaf leaf}, but none for the model's weights.
 */
public interface Autograd {

  /**
   * Starts a graph: everything computed from a leaf can be differentiated with respect to it.
   *
   * @param values an array without a graph, which nothing else changes
   * @return an array of the same values, possibly the same one, that accumulates gradients;
   *     initially it has none
   */
  NDArray leaf(NDArray values);

  /**
   * Differentiates sum(output * gradient), with batch normalisation and dropout in inference mode,
   * and adds the result to the gradient of each leaf. Leaves that the output does not depend on are
   * not changed.
   *
   * @param output an array computed from leaves
   * @param gradient an array of the output's shape and type
   * @param keepGraph whether a later call will use part of the same graph
   * @throws XAIException if the output depends on no leaf
   */
  void backward(NDArray output, NDArray gradient, boolean keepGraph);

  /**
   * {@return the gradient accumulated in a leaf, in a new array of the leaf's shape, or null if no
   * gradient has arrived and the engine can tell} Resets the gradient.
   *
   * @param leaf an array that {@link #leaf} returned
   */
  @Nullable NDArray take(NDArray leaf);

  /**
   * Creates the error for an output whose gradient does not reach the start of the graph.
   *
   * @return the exception to throw
   */
  XAIException unreached();
}
