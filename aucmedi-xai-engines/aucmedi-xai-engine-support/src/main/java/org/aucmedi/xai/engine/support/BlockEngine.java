package org.aucmedi.xai.engine.support;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.function.Supplier;
import org.aucmedi.xai.error.XAIException;
import org.jspecify.annotations.Nullable;

/** What {@link BlockModel} needs from an engine. */
public interface BlockEngine {

  /**
   * Copies an array of this engine into a pass's scope, see {@link EngineModel#copy}.
   *
   * @param scope the pass's own manager
   * @param array an array of any engine
   * @return the copy on the scope's device, or null if the array must be copied through the JVM's
   *     memory
   */
  @Nullable NDArray copy(NDManager scope, NDArray array);

  /**
   * Runs some work in inference mode, without recording a graph in the calling thread.
   *
   * @param work the work
   * @param <T> the type of its result
   * @return its result
   */
  <T> T withoutGraph(Supplier<T> work);

  /**
   * Prepares a pass that records a graph.
   *
   * @param model the model, for messages
   * @param scope the pass's own manager
   * @param start where the graph starts, for messages, such as "its input"
   * @return the recording, which the caller closes in the same thread
   * @throws XAIException if the engine cannot record now, because other code is recording
   */
  Recording record(EngineModel model, NDManager scope, String start);

  /** One pass with a graph; closing it restores the engine's state. */
  interface Recording extends Autograd, AutoCloseable {

    /**
     * Keeps a weight out of the graph.
     *
     * @param weight a weight that collects gradients
     * @return an action that lets it collect gradients again, and restores those collected so far
     */
    Runnable freeze(NDArray weight);

    /**
     * Runs some work in inference mode, while the engine records.
     *
     * @param work the work
     * @param <T> the type of its result
     * @return its result
     */
    <T> T run(Supplier<T> work);

    @Override
    void close();
  }

  /**
   * Creates the error for a batch that the engine rejects.
   *
   * @param model the model, for messages
   * @param batch the inputs
   * @param failure the engine's exception
   * @return the exception to throw
   */
  XAIException refused(EngineModel model, NDArray batch, EngineException failure);

  /**
   * Waits until an output is computed, if the engine works asynchronously. Throws any error of the
   * computation.
   *
   * @param output an array of this engine
   */
  default void await(NDArray output) {}

  /** Waits for all pending computations of the engine; a model calls this before it closes. */
  default void awaitAll() {}
}
