package org.aucmedi.xai.engine.pytorch;

import com.google.common.collect.ImmutableList;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.aucmedi.xai.model.Layer;

/**
 * The modules of a TorchScript archive in the order of declaration, by their paths as in {@code
 * named_modules()}. A module's number is its index in that order; the root has number 0.
 */
final class ModuleTree {

  private record Module(String path, Pickle.Instance instance) {}

  private final byte[] pickle;
  private final List<Module> modules = new ArrayList<>();

  private ModuleTree(byte[] pickle) {
    this.pickle = pickle;
  }

  /**
   * Reads the tree.
   *
   * @param pickle the archive's {@code data.pkl}
   * @param moduleClasses the names of the classes that are modules
   * @return the tree
   * @throws IOException if the pickle is malformed or contains no module
   */
  static ModuleTree read(byte[] pickle, Set<String> moduleClasses) throws IOException {
    ModuleTree tree = new ModuleTree(pickle);
    if (!(Pickle.read(pickle) instanceof Pickle.Instance root)
        || !moduleClasses.contains(root.className())) {
      throw new IOException("its data.pkl holds no module");
    }
    Set<Pickle.Instance> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    tree.walk("", root, moduleClasses, seen);
    return tree;
  }

  /** A module that occurs twice is one module, with the path of its first occurrence. */
  private void walk(
      String path, Pickle.Instance module, Set<String> classes, Set<Pickle.Instance> seen) {
    if (!seen.add(module)) {
      return;
    }
    modules.add(new Module(path, module));
    module
        .state()
        .forEach(
            (name, value) -> {
              if (value instanceof Pickle.Instance child && classes.contains(child.className())) {
                walk(path.isEmpty() ? (String) name : path + "." + name, child, classes, seen);
              }
            });
  }

  /** Returns the full name of the root's class. */
  String rootClass() {
    return modules.get(0).instance.className();
  }

  /** Returns the paths of the modules by their numbers; that of the root is empty. */
  List<String> paths() {
    return modules.stream().map(Module::path).toList();
  }

  /**
   * Returns whether torch.jit.freeze has dissolved the modules: only then does no module know its
   * mode.
   */
  boolean isFrozen() {
    return modules.size() == 1 && !modules.get(0).instance.state().containsKey("training");
  }

  /** Returns all modules except the root as layers. */
  List<Layer> layers(LayerKinds kinds) {
    return modules.stream()
        .skip(1)
        .map(module -> new Layer(module.path, kinds.of(module.instance.className()), null))
        .collect(ImmutableList.toImmutableList());
  }

  /**
   * Returns the pickle with two additional attributes for every module: the shared tape and the
   * module's number.
   *
   * @param state the tape's attributes: integers, strings and empty lists
   */
  byte[] withTape(Map<String, Object> state) {
    TreeMap<Integer, byte[]> insertions = new TreeMap<>();
    // A memo entry that the file cannot use itself, since it has fewer entries than bytes.
    int memo = pickle.length;
    for (int number = 0; number < modules.size(); number++) {
      Pickler attributes = new Pickler();
      attributes.string(CodeRewriter.TAPE);
      if (number == 0) {
        attributes.newTape(memo, state);
      } else {
        attributes.remembered(memo);
      }
      attributes.op('s').string(CodeRewriter.NUMBER).integer(number).op('s');
      insertions.put(modules.get(number).instance.stateOffset(), attributes.bytes());
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int from = 0;
    for (var insertion : insertions.entrySet()) {
      out.write(pickle, from, insertion.getKey() - from);
      out.writeBytes(insertion.getValue());
      from = insertion.getKey();
    }
    out.write(pickle, from, pickle.length - from);
    return out.toByteArray();
  }

  /** Writes pickle opcodes. */
  private static final class Pickler {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Pickler op(int opcode) {
      out.write(opcode);
      return this;
    }

    Pickler string(String text) {
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      return op('X').littleEndian(utf8.length).raw(utf8);
    }

    Pickler integer(int value) {
      return op('J').littleEndian(value);
    }

    Pickler remembered(int memo) {
      return op('j').littleEndian(memo);
    }

    private Pickler global(String module, String name) {
      return op('c').raw((module + "\n" + name + "\n").getBytes(StandardCharsets.UTF_8));
    }

    Pickler newTape(int memo, Map<String, Object> state) {
      int dot = CodeRewriter.TAPE_CLASS.lastIndexOf('.');
      global(CodeRewriter.TAPE_CLASS.substring(0, dot), CodeRewriter.TAPE_CLASS.substring(dot + 1))
          .op(')')
          .op(0x81) // NEWOBJ
          .op('}');
      string("training").op(0x89).op('s'); // NEWFALSE
      state.forEach(
          (name, value) -> {
            string(name);
            if (value instanceof Integer number) {
              integer(number);
            } else if (value instanceof CodeRewriter.EmptyList list) {
              emptyList(list.builder());
            } else {
              string((String) value);
            }
            op('s');
          });
      return op('b').op('r').littleEndian(memo);
    }

    private Pickler emptyList(String builder) {
      return global("torch.jit._pickle", builder).op('(').op(']').op('t').op('R');
    }

    private Pickler littleEndian(int value) {
      return raw(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
    }

    private Pickler raw(byte[] bytes) {
      out.writeBytes(bytes);
      return this;
    }

    byte[] bytes() {
      return out.toByteArray();
    }
  }
}
