package org.aucmedi.xai.engine.mxnet;

import ai.djl.engine.EngineException;
import ai.djl.mxnet.engine.CachedOp;
import ai.djl.mxnet.engine.MxNDArray;
import ai.djl.mxnet.engine.MxNDManager;
import ai.djl.mxnet.engine.Symbol;
import ai.djl.mxnet.jna.JnaUtils;
import ai.djl.mxnet.jna.LibUtils;
import ai.djl.mxnet.jna.MxnetLibrary;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.util.PairList;
import com.sun.jna.Function;
import com.sun.jna.Library;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import java.lang.reflect.Proxy;
import java.nio.IntBuffer;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * MXNet's C functions that DJL offers only in training mode, or not at all.
 *
 * <p>DJL's backward pass runs in training mode, where batch normalisation differentiates the
 * statistics of the batch, so the function is called here, in inference mode.
 */
final class MxAutograd {

  private static final Logger logger = LoggerFactory.getLogger(MxAutograd.class);
  private static final MxnetLibrary LIBRARY = LibUtils.loadLibrary();
  private static final Function BACKWARD = function("MXAutogradBackwardEx");
  private static final Function MARK_VARIABLES = function("MXAutogradMarkVariables");

  private static final int NO_GRAPH_OF_GRADIENTS = 0;
  private static final int INFERENCE_MODE = 0;

  private MxAutograd() {}

  private static Function function(String name) {
    return ((Library.Handler) Proxy.getInvocationHandler(LIBRARY))
        .getNativeLibrary()
        .getFunction(name);
  }

  /**
   * Runs some work in inference mode, with or without recording, regardless of the calling thread's
   * mode.
   */
  static <T> T with(boolean recording, Supplier<T> action) {
    boolean wasTraining = JnaUtils.autogradSetTraining(false);
    boolean wasRecording = JnaUtils.autogradSetIsRecording(recording);
    try {
      return action.get();
    } finally {
      JnaUtils.autogradSetIsRecording(wasRecording);
      JnaUtils.autogradSetTraining(wasTraining);
    }
  }

  /**
   * Compiles a symbol.
   *
   * <p>DJL's own version keeps the memory of the last pass and returns outputs in it; this one
   * returns new arrays each time. Synchronized, since MXNet's compiler is not thread-safe.
   */
  static synchronized CachedOp compile(NDManager manager, Symbol symbol) {
    PointerByReference handle = new PointerByReference();
    JnaUtils.checkCall(LIBRARY.MXCreateCachedOp(symbol.getHandle(), handle));
    return new CachedOp(
        handle.getValue(), (MxNDManager) manager, List.of(), List.of(), new PairList<>());
  }

  /**
   * Creates a leaf: the same values without their history, with respect to which a backward pass
   * can differentiate.
   *
   * @param scope owns the leaf
   * @param values the values
   * @param mark how to handle the gradient
   * @param gradient receives the gradient, unless a pass returns it in a new array
   * @return the leaf
   */
  static MxNDArray leaf(NDManager scope, NDArray values, Mark mark, NDArray gradient) {
    MxNDArray leaf = detached(scope, values);
    mark(leaf, mark, gradient);
    return leaf;
  }

  /** How a backward pass to all leaves handles a leaf's gradient. */
  enum Mark {
    /** Not at all: the array is not a leaf. */
    FROZEN(0),
    /** It overwrites the gradient's array. */
    WRITTEN(1),
    /** It adds to the gradient's array. */
    ADDED(3);

    private final int code;

    Mark(int code) {
      this.code = code;
    }
  }

  /** Marks an array as a leaf, or not as a leaf. Graphs recorded with it before lose it. */
  static void mark(NDArray array, Mark mark, NDArray gradient) {
    call(
        MARK_VARIABLES,
        1,
        handles(List.of(array)),
        IntBuffer.wrap(new int[] {mark.code}),
        handles(List.of(gradient)));
  }

  /**
   * Shares an MXNet array with a pass, or returns null for an array of another engine or device.
   * Operators only read their inputs, so a second handle to the same memory is sufficient.
   */
  static @Nullable NDArray copy(NDManager scope, NDArray array) {
    return array instanceof MxNDArray && array.getDevice().equals(scope.getDevice())
        ? detached(scope, array)
        : null;
  }

  /** Returns the same values without history, in a scope. */
  static MxNDArray detached(NDManager scope, NDArray array) {
    return ((MxNDManager) scope).create(JnaUtils.detachGradient(((MxNDArray) array).getHandle()));
  }

  /**
   * Differentiates in inference mode with respect to some leaves only: weights get no gradient,
   * even if they require one.
   *
   * @param scope owns the results
   * @param outputs the arrays to start from
   * @param outputGradients one for each of them
   * @param leaves the arrays to differentiate with respect to
   * @param keepGraph whether another pass over the same graph follows
   * @return one new gradient per leaf
   */
  static NDList backward(
      NDManager scope, NDList outputs, NDList outputGradients, NDList leaves, boolean keepGraph) {
    PointerByReference gradients = new PointerByReference();
    PointerByReference formats = new PointerByReference();
    call(
        BACKWARD,
        outputs.size(),
        handles(outputs),
        handles(outputGradients),
        leaves.size(),
        handles(leaves),
        keepGraph ? 1 : 0,
        NO_GRAPH_OF_GRADIENTS,
        INFERENCE_MODE,
        gradients,
        formats);
    NDList results = new NDList();
    for (Pointer handle : gradients.getValue().getPointerArray(0, leaves.size())) {
      results.add(((MxNDManager) scope).create(handle));
    }
    return results;
  }

  /**
   * Differentiates in inference mode with respect to every leaf that an output depends on, into the
   * leaves' own arrays.
   */
  static void backward(NDArray output, NDArray outputGradient, boolean keepGraph) {
    call(
        BACKWARD,
        1,
        handles(List.of(output)),
        handles(List.of(outputGradient)),
        0,
        Pointer.NULL,
        keepGraph ? 1 : 0,
        NO_GRAPH_OF_GRADIENTS,
        INFERENCE_MODE,
        Pointer.NULL,
        Pointer.NULL);
  }

  /** Waits until an array is computed, and throws any error of the computation. */
  static void await(NDArray array) {
    JnaUtils.waitToRead(((MxNDArray) array).getHandle());
  }

  /**
   * Waits for all pending computations of MXNet, in any thread, so that memory can be freed safely.
   * Their errors are left to those who wait for the results.
   */
  static void awaitAll() {
    try {
      JnaUtils.waitAll();
    } catch (EngineException e) {
      logger.debug("a pending computation of MXNet failed", e);
    }
  }

  private static void call(Function function, Object... arguments) {
    if (function.invokeInt(arguments) != 0) {
      throw new EngineException(LIBRARY.MXGetLastError());
    }
  }

  private static Memory handles(List<NDArray> arrays) {
    Memory memory = new Memory((long) Native.POINTER_SIZE * arrays.size());
    for (int i = 0; i < arrays.size(); i++) {
      memory.setPointer((long) Native.POINTER_SIZE * i, ((MxNDArray) arrays.get(i)).getHandle());
    }
    return memory;
  }
}
