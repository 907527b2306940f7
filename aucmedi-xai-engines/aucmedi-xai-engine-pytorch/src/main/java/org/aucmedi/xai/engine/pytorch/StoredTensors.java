package org.aucmedi.xai.engine.pytorch;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Compares the tensors described by a pickle with the files that hold their values. Libtorch does
 * not: it reads beyond the end of the memory, or crashes.
 */
final class StoredTensors {

  /** The size of one value in bytes; types not listed here need at least one. */
  private static final Map<String, Integer> BYTES =
      ImmutableMap.<String, Integer>builder()
          .put("ShortStorage", 2)
          .put("HalfStorage", 2)
          .put("BFloat16Storage", 2)
          .put("UInt16Storage", 2)
          .put("IntStorage", 4)
          .put("FloatStorage", 4)
          .put("QInt32Storage", 4)
          .put("ComplexHalfStorage", 4)
          .put("UInt32Storage", 4)
          .put("LongStorage", 8)
          .put("DoubleStorage", 8)
          .put("ComplexFloatStorage", 8)
          .put("UInt64Storage", 8)
          .put("ComplexDoubleStorage", 16)
          .build();

  /** Looks up the sizes of the archive's files. */
  @FunctionalInterface
  interface Sizes {

    /** Returns the size in bytes, or null if there is no such file. */
    @Nullable Long of(String name);
  }

  private final String folder;
  private final Sizes sizes;

  private StoredTensors(String folder, Sizes sizes) {
    this.folder = folder;
    this.sizes = sizes;
  }

  /**
   * Checks every tensor of a pickle.
   *
   * @param pickle the object of the pickle
   * @param folder the folder of the pickle's values in the archive, for instance {@code data/}
   * @param sizes the archive's files
   * @throws IOException if a tensor needs more data than there is; the message names it
   */
  static void check(Object pickle, String folder, Sizes sizes) throws IOException {
    StoredTensors tensors = new StoredTensors(folder, sizes);
    for (PickleGraph.Named found : PickleGraph.instances(pickle)) {
      try {
        tensors.check(found.path(), found.instance());
      } catch (ClassCastException | IndexOutOfBoundsException | ArithmeticException e) {
        throw ModelFileException.damaged(
            "its tensor '" + found.path() + "' has an invalid description");
      }
    }
  }

  private void check(String name, Pickle.Instance instance) throws IOException {
    List<?> arguments = instance.arguments();
    if (instance.className().equals(Pickle.STORAGE)) {
      checkStorage(name, (List<?>) arguments.get(0));
    } else if (instance.className().startsWith("torch._utils._rebuild_")
        && !arguments.isEmpty()
        && arguments.get(0) instanceof Pickle.Instance storage
        && storage.className().equals(Pickle.STORAGE)) {
      checkTensor(
          name,
          numbers((List<?>) storage.arguments().get(0)),
          ((Number) arguments.get(1)).longValue(),
          (List<?>) arguments.get(2),
          (List<?>) arguments.get(3));
    }
  }

  /** A storage is ("storage", type, file, device, count). */
  private void checkStorage(String name, List<?> storage) throws IOException {
    String type = ((Pickle.Instance) storage.get(1)).className().replace("torch.", "");
    String file = folder + storage.get(2);
    Long held = sizes.of(file);
    if (held == null) {
      throw ModelFileException.damaged(
          "its tensor '" + name + "' is stored in " + file + ", which is missing");
    }
    long needed = Math.multiplyExact(numbers(storage), (long) BYTES.getOrDefault(type, 1));
    if (needed < 0 || needed > held) {
      throw ModelFileException.damaged(
          "its tensor '" + name + "' needs " + needed + " bytes, but " + file + " has " + held);
    }
  }

  private static long numbers(List<?> storage) {
    return ((Number) storage.get(4)).longValue();
  }

  private static void checkTensor(
      String name, long numbers, long offset, List<?> shape, List<?> strides) throws IOException {
    long needed = offset + 1;
    boolean negative = offset < 0 || shape.size() != strides.size();
    for (int axis = 0; axis < shape.size(); axis++) {
      long size = ((Number) shape.get(axis)).longValue();
      long stride = ((Number) strides.get(axis)).longValue();
      negative |= size < 0 || stride < 0;
      needed = Math.addExact(needed, Math.multiplyExact(size - 1, stride));
    }
    boolean empty = shape.stream().anyMatch(size -> ((Number) size).longValue() == 0);
    if (negative || (!empty && needed > numbers)) {
      throw ModelFileException.damaged(
          "its tensor '"
              + name
              + "' of shape "
              + shape
              + ", strides "
              + strides
              + " and offset "
              + offset
              + " does not lie within its "
              + numbers
              + " stored numbers");
    }
  }
}
