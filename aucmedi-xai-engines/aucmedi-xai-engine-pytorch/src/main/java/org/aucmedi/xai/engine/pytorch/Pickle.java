package org.aucmedi.xai.engine.pytorch;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Reads the subset of Python's pickle format that libtorch writes.
 *
 * <p>Nothing is executed or instantiated: an object becomes an {@link Instance} of a named class, a
 * call becomes an {@link Instance} of the called name. Any other opcode is rejected, and so is any
 * name that TorchScript does not use.
 */
final class Pickle {

  /** An object in the file; two are the same only if the file refers to one twice. */
  static final class Instance {

    private final String className;
    private final List<?> arguments;
    private final Map<Object, Object> state = new LinkedHashMap<>();
    private int stateOffset = -1;

    Instance(String className, List<?> arguments) {
      this.className = className;
      this.arguments = arguments;
    }

    /** Returns the full Python name, for instance {@code __torch__.torch.nn.Linear}. */
    String className() {
      return className;
    }

    /**
     * Returns the arguments of a call; a storage has a single list of type, file, device and count.
     */
    List<?> arguments() {
      return arguments;
    }

    /** Returns the attributes in the order of the file; empty for a call. */
    Map<Object, Object> state() {
      return state;
    }

    /**
     * Returns the offset in the file at which to insert a first attribute, or -1 if there is no
     * state.
     */
    int stateOffset() {
      return stateOffset;
    }
  }

  /** The class name of a storage, which holds the values of tensors. */
  static final String STORAGE = "storage";

  /** The names that libtorch writes in addition to its {@code __torch__} classes. */
  private static final Pattern TORCHSCRIPT_NAME =
      Pattern.compile(
          "__torch__\\..+|torch\\.\\w+(Storage|Tensor)|torch\\.(device|per_\\w+|complex)"
              + "|torch\\._utils\\._rebuild_\\w+|torch\\.jit\\._pickle\\.\\w+"
              + "|collections\\.OrderedDict|builtins\\.complex");

  private static final Object MARK = new Object();
  private static final Object NONE = new Object();

  private final DataInputStream in;
  private final Deque<Object> stack = new ArrayDeque<>();
  private final Map<Integer, Object> memo = new HashMap<>();
  private final IdentityHashMap<Object, Integer> dictionaryOffsets = new IdentityHashMap<>();

  private final int length;

  private Pickle(byte[] bytes) {
    in = new DataInputStream(new ByteArrayInputStream(bytes));
    length = bytes.length;
  }

  /**
   * Reads the one object of a pickle.
   *
   * @param bytes the file
   * @return the object
   * @throws IOException if the data is truncated, contains an opcode or a name outside the subset,
   *     or an object that contains itself or is nested too deeply
   */
  static Object read(byte[] bytes) throws IOException {
    try {
      Object root = new Pickle(bytes).run();
      PickleGraph.instances(root);
      return root;
    } catch (EOFException e) {
      throw new IOException("the pickle ends after " + bytes.length + " bytes", e);
    } catch (RuntimeException e) {
      throw new IOException("the pickle is malformed", e);
    }
  }

  private Object run() throws IOException {
    while (true) {
      int opcode = in.readUnsignedByte();
      switch (opcode) {
        case 0x80 -> in.readUnsignedByte(); // PROTO
        case '.' -> {
          return stack.pop();
        }
        case '(' -> stack.push(MARK);
        case '}' -> openDictionary();
        case ']' -> stack.push(new ArrayList<>());
        case ')' -> stack.push(new ArrayList<>());
        case 'N' -> stack.push(NONE);
        case 0x88 -> stack.push(true); // NEWTRUE
        case 0x89 -> stack.push(false); // NEWFALSE
        case 'J' -> stack.push(Integer.reverseBytes(in.readInt()));
        case 'K' -> stack.push(in.readUnsignedByte());
        case 'M' -> stack.push(Short.toUnsignedInt(Short.reverseBytes(in.readShort())));
        case 0x8a -> stack.push(readLong()); // LONG1
        case 'G' -> stack.push(in.readDouble());
        case 'X' -> stack.push(readString(Integer.reverseBytes(in.readInt())));
        case 'c' -> stack.push(new Instance(readName(), List.of()));
        case 'q' -> memo.put(in.readUnsignedByte(), stack.element());
        case 'r' -> memo.put(Integer.reverseBytes(in.readInt()), stack.element());
        case 'h' -> stack.push(remembered(in.readUnsignedByte()));
        case 'j' -> stack.push(remembered(Integer.reverseBytes(in.readInt())));
        case 't' -> stack.push(popToMark());
        case 0x85 -> stack.push(pop(1)); // TUPLE1
        case 0x86 -> stack.push(pop(2)); // TUPLE2
        case 0x87 -> stack.push(pop(3)); // TUPLE3
        case 'Q' -> storage();
        case 0x81, 'R' -> construct(); // NEWOBJ, REDUCE
        case 'b' -> build();
        case 's' -> setItems(pop(2));
        case 'u' -> setItems(popToMark());
        case 'a' -> append(pop(1));
        case 'e' -> append(popToMark());
        default ->
            throw new IOException(
                "the pickle holds opcode 0x"
                    + Integer.toHexString(opcode)
                    + ", which libtorch does not write");
      }
    }
  }

  private void openDictionary() throws IOException {
    Map<Object, Object> dictionary = new LinkedHashMap<>();
    dictionaryOffsets.put(dictionary, length - in.available());
    stack.push(dictionary);
  }

  private void storage() {
    stack.push(new Instance(STORAGE, List.of(stack.pop())));
  }

  private void construct() {
    Object arguments = stack.pop();
    Instance constructor = (Instance) stack.pop();
    // For a device, libtorch writes the one argument without a tuple around it.
    List<?> list = arguments instanceof List<?> several ? several : List.of(arguments);
    stack.push(new Instance(constructor.className, list));
  }

  private void build() {
    Object state = stack.pop();
    if (state instanceof Map<?, ?> attributes) {
      Instance instance = (Instance) stack.element();
      instance.state.putAll(attributes);
      instance.stateOffset = dictionaryOffsets.get(state);
    }
  }

  @SuppressWarnings("unchecked")
  private void setItems(List<Object> items) throws IOException {
    Map<Object, Object> target = (Map<Object, Object>) stack.element();
    for (int i = 0; i < items.size(); i += 2) {
      Object key = items.get(i);
      if (key instanceof List || key instanceof Map) {
        throw new IOException("the pickle has a list or a dictionary as a key");
      }
      target.put(key, items.get(i + 1));
    }
  }

  @SuppressWarnings("unchecked")
  private void append(List<Object> items) {
    ((List<Object>) stack.element()).addAll(items);
  }

  private List<Object> pop(int count) {
    List<Object> items = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      items.add(0, stack.pop());
    }
    return items;
  }

  private List<Object> popToMark() {
    List<Object> items = new ArrayList<>();
    for (Object item = stack.pop(); item != MARK; item = stack.pop()) {
      items.add(item);
    }
    Collections.reverse(items);
    return items;
  }

  private Object remembered(int index) throws IOException {
    Object object = memo.get(index);
    if (object == null) {
      throw new IOException("the pickle refers to entry " + index + " before defining it");
    }
    return object;
  }

  private long readLong() throws IOException {
    byte[] little = in.readNBytes(in.readUnsignedByte());
    byte[] big = new byte[little.length];
    for (int i = 0; i < little.length; i++) {
      big[little.length - 1 - i] = little[i];
    }
    return big.length == 0 ? 0 : new BigInteger(big).longValueExact();
  }

  private String readString(int length) throws IOException {
    if (length < 0 || length > in.available()) {
      throw new IOException("the pickle ends inside a string of " + length + " bytes");
    }
    return new String(in.readNBytes(length), StandardCharsets.UTF_8);
  }

  private String readName() throws IOException {
    String name = readLine() + "." + readLine();
    if (!TORCHSCRIPT_NAME.matcher(name).matches()) {
      throw new IOException("the pickle names " + name + ", which no TorchScript file holds");
    }
    return name;
  }

  private String readLine() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.readUnsignedByte(); c != '\n'; c = in.readUnsignedByte()) {
      line.append((char) c);
    }
    return line.toString();
  }
}
