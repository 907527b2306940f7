package org.aucmedi.xai.testkit;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.BaseNDManager;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrayAdapter;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * An engine whose arrays are on the Java heap, so that tests need no native library. Its arrays can
 * be created, read, written and moved between managers, which count them like those of other
 * engines; they do not support operations.
 */
final class HeapEngine extends Engine {

  static final String NAME = "heap";

  private static final HeapEngine INSTANCE = new HeapEngine();

  private HeapEngine() {}

  /** Opens a manager below which all arrays can be counted. */
  static NDManager newRootManager() {
    return new HeapManager(null);
  }

  @Override
  public @Nullable Engine getAlternativeEngine() {
    return null;
  }

  @Override
  public String getEngineName() {
    return NAME;
  }

  @Override
  public int getRank() {
    return Integer.MAX_VALUE;
  }

  @Override
  public String getVersion() {
    return "1";
  }

  @Override
  public boolean hasCapability(String capability) {
    return false;
  }

  @Override
  public Model newModel(String name, Device device) {
    throw new UnsupportedOperationException();
  }

  @Override
  public NDManager newBaseManager() {
    return newRootManager();
  }

  @Override
  public NDManager newBaseManager(Device device) {
    return newRootManager();
  }

  private static final class HeapManager extends BaseNDManager {

    HeapManager(@Nullable NDManager parent) {
      super(parent, Device.cpu());
    }

    @Override
    public Engine getEngine() {
      return INSTANCE;
    }

    @Override
    public ByteBuffer allocateDirect(int capacity) {
      return ByteBuffer.allocateDirect(capacity).order(ByteOrder.nativeOrder());
    }

    @Override
    public NDArray from(NDArray array) {
      return create(array.toByteBuffer(), array.getShape(), array.getDataType());
    }

    @Override
    public NDArray zeros(Shape shape, DataType dataType) {
      int bytes = Math.toIntExact(shape.size() * dataType.getNumOfBytes());
      HeapArray array = new HeapArray(this, new byte[bytes], shape, dataType);
      attachInternal(array.getUid(), array);
      return array;
    }

    @Override
    public NDManager newSubManager(Device device) {
      HeapManager child = new HeapManager(this);
      attachUncappedInternal(child.uid, child);
      return child;
    }

    @Override
    public void close() {
      if (parent != null) {
        super.close();
      } else if (!closed.getAndSet(true)) {
        // DJL's own roots live as long as the process.
        resources.values().forEach(HeapManager::closeQuietly);
        resources.clear();
      }
    }

    private static void closeQuietly(AutoCloseable resource) {
      if (resource instanceof NDArray array) {
        array.close();
      } else if (resource instanceof NDManager manager) {
        manager.close();
      }
    }
  }

  private static final class HeapArray extends NDArrayAdapter {

    private static long count;

    private final byte[] bytes;

    HeapArray(NDManager manager, byte[] bytes, Shape shape, DataType dataType) {
      super(manager, null, shape, dataType, nextName());
      this.bytes = bytes;
    }

    private static synchronized String nextName() {
      return "heap-" + count++;
    }

    private ByteBuffer open() {
      if (isClosed) {
        throw new IllegalStateException("the array is closed");
      }
      return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    }

    @Override
    public ByteBuffer toByteBuffer(boolean tryDirect) {
      ByteBuffer copy = ByteBuffer.allocate(bytes.length).order(ByteOrder.nativeOrder());
      copy.put(open()).rewind();
      return copy;
    }

    @Override
    public void set(Buffer data) {
      BaseNDManager.validateBuffer(data, getDataType(), Math.toIntExact(getShape().size()));
      BaseNDManager.copyBuffer(data.slice(), open());
    }

    @Override
    public void intern(NDArray replaced) {
      set(replaced.toByteBuffer());
      replaced.close();
    }

    @Override
    public void detach() {
      manager.detachInternal(getUid());
    }
  }
}
