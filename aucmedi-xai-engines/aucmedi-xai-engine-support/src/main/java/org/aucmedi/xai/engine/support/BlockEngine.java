package org.aucmedi.xai.engine.support;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.function.Supplier;
import org.aucmedi.xai.error.XAIException;
import org.jspecify.annotations.Nullable;

/** What {@link BlockModel} needs of an engine. */
public interface BlockEngine {

  /**
   * Copies an array of this engine into a pass's scope, see {@link EngineModel#copy}.
   *
   * @param scope the pass's own manager
   * @param array an array of any engine
   * @return the copy on the scope's device, or null if the array has to go through the JVM's memory
   */
  @Nullable NDArray copy(NDManager scope, NDArray array);

  /**
   * Does some work in inference mode, with no graph being recorded in the calling thread.
   *
   * @param work the work
   * @param <T> what it gives
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
   * @throws XAIException if the engine cannot record now, because somebody else does
   */
  Recording record(EngineModel model, NDManager scope, String start);

  /** One pass with a graph; closing it leaves the engine as it was. */
  interface Recording extends Autograd, AutoCloseable {

    /**
     * Keeps a weight out of the graph.
     *
     * @param weight a weight that collects gradients
     * @return what lets it collect them again, with what it has collected so far
     */
    Runnable freeze(NDArray weight);

    /**
     * Does some work in inference mode, while the engine records.
     *
     * @param work the work
     * @param <T> what it gives
     * @return its result
     */
    <T> T run(Supplier<T> work);

    @Override
    void close();
  }

  /**
   * Makes the error for a batch that the engine refuses.
   *
   * @param model the model, for messages
   * @param batch the inputs
   * @param failure the engine's exception
   * @return the exception to throw
   */
  XAIException refused(EngineModel model, NDArray batch, EngineException failure);

  /**
   * Waits until an output is computed, where the engine returns before. What went wrong on the way
   * is thrown here.
   *
   * @param output an array of this engine
   */
  default void await(NDArray output) {}

  /** Waits for whatever the engine still computes; a model calls this before it closes. */
  default void awaitAll() {}
}
