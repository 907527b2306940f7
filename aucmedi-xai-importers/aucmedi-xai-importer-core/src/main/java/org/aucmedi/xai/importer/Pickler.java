package org.aucmedi.xai.importer;

import ai.djl.ndarray.types.Shape;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Writes what a TorchScript archive holds in Python's pickle format, protocol 2. */
final class Pickler {

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  Pickler() {
    out.write(0x80);
    out.write(2);
  }

  /** Starts an object; its attributes follow, each a string and a value. */
  Pickler startObject(String module, String name) {
    global(module, name);
    // An object of this class, made of nothing; a dictionary, and the mark of its items.
    return operations(")\u0081}(");
  }

  /** Ends an object: sets the items, and builds the object of them. */
  Pickler endObject() {
    return operations("ub");
  }

  Pickler emptyTuple() {
    return operations(")");
  }

  Pickler string(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.write('X');
    littleEndian(bytes.length, Integer.BYTES);
    out.writeBytes(bytes);
    return this;
  }

  Pickler bool(boolean value) {
    return operations(value ? "\u0088" : "\u0089");
  }

  /** Writes a tensor, as a call that rebuilds it from a storage, the entry {@code data/N}. */
  Pickler tensor(int storage, TensorType type, boolean requiresGradient) {
    Shape shape = type.knownShape();
    global("torch._utils", "_rebuild_tensor_v2");
    operations("((").string("storage").global("torch", type.element().storage());
    string(String.valueOf(storage)).string("cpu").integer(shape.size()).operations("tQ");
    integer(0).operations("(");
    for (long dimension : shape.getShape()) {
      integer(dimension);
    }
    operations("t(");
    for (int axis = 0; axis < shape.dimension(); axis++) {
      integer(shape.slice(axis + 1).size());
    }
    operations("t").bool(requiresGradient).global("collections", "OrderedDict");
    return operations(")RtR");
  }

  /** Ends the pickle. */
  byte[] toBytes() {
    out.write('.');
    return out.toByteArray();
  }

  private Pickler global(String module, String name) {
    out.write('c');
    out.writeBytes((module + '\n' + name + '\n').getBytes(StandardCharsets.UTF_8));
    return this;
  }

  private Pickler integer(long value) {
    if (value == (int) value) {
      out.write('J');
      littleEndian(value, Integer.BYTES);
    } else {
      out.write(0x8a);
      out.write(Long.BYTES);
      littleEndian(value, Long.BYTES);
    }
    return this;
  }

  private void littleEndian(long value, int size) {
    byte[] bytes =
        ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
    out.write(bytes, 0, size);
  }

  /** Writes operations that are single bytes. */
  private Pickler operations(String codes) {
    out.writeBytes(codes.getBytes(StandardCharsets.ISO_8859_1));
    return this;
  }
}
