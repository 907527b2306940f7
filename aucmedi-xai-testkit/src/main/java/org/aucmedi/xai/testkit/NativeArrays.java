package org.aucmedi.xai.testkit;

import ai.djl.ndarray.BaseNDManager;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Structure;
import com.sun.jna.Structure.FieldOrder;
import java.util.Map;
import java.util.Optional;

/** Counts the native arrays, and the memory, that a model leaves behind. */
public final class NativeArrays {

  private NativeArrays() {}

  /**
   * {@return the number of open arrays of an engine, in all managers below its root}
   *
   * @param engineName DJL's name of the engine
   */
  public static int alive(String engineName) {
    try (NDManager manager = NDManager.newBaseManager(engineName)) {
      return count(manager.getParentManager());
    }
  }

  /**
   * {@return the number of open arrays in all managers below the root of the given one}
   *
   * @param manager any manager
   */
  public static int aliveBeside(NDManager manager) {
    NDManager root = manager;
    while (root.getParentManager() != null) {
      root = root.getParentManager();
    }
    return count(root);
  }

  /** DJL lists only a manager's own arrays; its child managers are in a private field. */
  private static int count(Object resource) {
    if (resource instanceof NDArray) {
      return 1;
    }
    if (!(resource instanceof BaseNDManager)) {
      return 0;
    }
    try {
      var field = BaseNDManager.class.getDeclaredField("resources");
      field.setAccessible(true);
      return ((Map<?, ?>) field.get(resource))
          .values().stream().mapToInt(NativeArrays::count).sum();
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("DJL's managers have changed", e);
    }
  }

  /** {@return whether {@link #allocatedBytes} works on this system, which needs glibc 2.33} */
  public static boolean showsAllocatedBytes() {
    return Allocator.MALLINFO.isPresent();
  }

  /**
   * {@return the bytes that this process has allocated and not freed, in all of glibc's areas} Runs
   * the garbage collector first, since some engines hold their arrays in direct buffers.
   */
  public static long allocatedBytes() {
    System.gc();
    MemoryInfo info =
        (MemoryInfo) Allocator.MALLINFO.orElseThrow().invoke(MemoryInfo.class, new Object[0]);
    return info.uordblks + info.hblkhd;
  }

  private static final class Allocator {

    private static final Optional<Function> MALLINFO = find();

    private static Optional<Function> find() {
      try {
        return Optional.of(NativeLibrary.getInstance(null).getFunction("mallinfo2"));
      } catch (UnsatisfiedLinkError e) {
        return Optional.empty();
      }
    }
  }

  /** What glibc's mallinfo2 returns; its man page explains the fields. */
  @FieldOrder({
    "arena",
    "ordblks",
    "smblks",
    "hblks",
    "hblkhd",
    "usmblks",
    "fsmblks",
    "uordblks",
    "fordblks",
    "keepcost"
  })
  public static final class MemoryInfo extends Structure implements Structure.ByValue {
    /** Unused here, as the next ones. */
    public long arena;

    public long ordblks;
    public long smblks;
    public long hblks;

    /** Bytes in blocks of their own. */
    public long hblkhd;

    public long usmblks;
    public long fsmblks;

    /** Bytes in use of areas. */
    public long uordblks;

    public long fordblks;
    public long keepcost;

    /** Constructs an empty one; JNA calls this. */
    public MemoryInfo() {}
  }
}
