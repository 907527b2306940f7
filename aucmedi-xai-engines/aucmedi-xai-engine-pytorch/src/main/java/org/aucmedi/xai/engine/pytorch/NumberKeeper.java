package org.aucmedi.xai.engine.pytorch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import ai.djl.pytorch.engine.PtNDArray;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import org.aucmedi.xai.error.XAIException;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the memory of numbers in a graph until a pass ends.
 *
 * <p>DJL computes {@code x.mul(2)} with an array of the 2 whose memory belongs to a Java buffer,
 * and drops its reference to the buffer at once. Libtorch's graph still needs the memory: if the
 * garbage collector ran before the backward pass, the factor would be undefined.
 */
final class NumberKeeper implements AutoCloseable {

  private final List<Object> buffers = new ArrayList<>();
  private final NDScope scope = new NDScope();

  NumberKeeper() {
    try {
      Field data = opened(PtNDArray.class, "dataRef");
      opened(NDScope.class, "resources").set(scope, new Arrivals(data));
    } catch (ReflectiveOperationException | RuntimeException e) {
      scope.close();
      throw new XAIException(
          "cannot keep the numbers of a graph alive in this version of DJL; use DJL 0.36.0", e);
    }
  }

  private static Field opened(Class<?> type, String name) throws NoSuchFieldException {
    Field field = type.getDeclaredField(name);
    field.setAccessible(true);
    return field;
  }

  @Override
  public void close() {
    scope.close();
    buffers.clear();
  }

  /**
   * Is notified of every array that this thread creates, but holds none, so the scope closes none.
   */
  private final class Arrivals extends IdentityHashMap<NDArray, NDArray> {

    private static final long serialVersionUID = 1L;

    private final transient Field data;

    Arrivals(Field data) {
      this.data = data;
    }

    @Override
    public @Nullable NDArray put(NDArray array, NDArray same) {
      try {
        Object buffer = data.get(array);
        if (buffer != null) {
          buffers.add(buffer);
        }
        return null;
      } catch (IllegalAccessException e) {
        throw new XAIException("cannot read an array's memory", e);
      }
    }
  }
}
