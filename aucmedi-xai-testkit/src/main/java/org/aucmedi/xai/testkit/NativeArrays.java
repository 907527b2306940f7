package org.aucmedi.xai.testkit;

import ai.djl.ndarray.BaseNDManager;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Counts the native arrays that a model leaves behind. */
public final class NativeArrays {

  private static final Path STATUS = Path.of("/proc/self/status");

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

  /**
   * {@return whether {@link #residentKilobytes} works on this system, which must report memory as
   * Linux does}
   */
  public static boolean showsResidentMemory() {
    return Files.exists(STATUS);
  }

  /**
   * {@return the resident memory of this process in KiB} Runs the garbage collector first, since
   * some engines hold their arrays in direct buffers.
   */
  public static long residentKilobytes() {
    System.gc();
    try {
      return Files.readAllLines(STATUS).stream()
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
