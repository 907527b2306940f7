package org.aucmedi.xai.engine.pytorch;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * Walks through the objects of a pickle without recursion, and rejects what would overflow any
 * recursive reader, including libtorch's: deep nesting, and objects that contain themselves.
 */
final class PickleGraph {

  /** More than in any network. A level is a module, a list or the arguments of a call. */
  static final int MAX_DEPTH = 200;

  private static final int OPEN = -1;

  /** An instance with its path, for instance {@code features.0.weight}. */
  record Named(String path, Pickle.Instance instance) {}

  /** The contents of an object; the arguments of a call share its path. */
  private record Part(String name, Object value) {}

  /** An object that is being walked through. */
  private static final class Frame {

    private final Object node;
    private final String path;
    private final Iterator<Part> parts;
    private int height;

    Frame(Object node, String path) {
      this.node = node;
      this.path = path;
      this.parts = partsOf(node).iterator();
    }
  }

  /** The number of levels below each object, or OPEN while it is being walked through. */
  private final IdentityHashMap<Object, Integer> heights = new IdentityHashMap<>();

  private final List<Named> instances = new ArrayList<>();
  private final Deque<Frame> frames = new ArrayDeque<>();

  private PickleGraph() {}

  /**
   * Finds all instances.
   *
   * @param root the object of the pickle
   * @return each instance once, with the path of its first occurrence
   * @throws IOException if an object contains itself or is nested too deep
   */
  static List<Named> instances(Object root) throws IOException {
    PickleGraph graph = new PickleGraph();
    graph.walk(root);
    return graph.instances;
  }

  private void walk(Object root) throws IOException {
    enter(root, "");
    while (!frames.isEmpty()) {
      Frame top = frames.element();
      if (top.parts.hasNext()) {
        Part part = top.parts.next();
        enter(part.value, join(top.path, part.name));
      } else {
        frames.pop();
        heights.put(top.node, top.height);
        below(top.height);
      }
    }
  }

  private void enter(Object node, String path) throws IOException {
    if (!isContainer(node)) {
      return;
    }
    Integer height = heights.putIfAbsent(node, OPEN);
    if (height == null) {
      if (node instanceof Pickle.Instance instance) {
        instances.add(new Named(path, instance));
      }
      frames.push(new Frame(node, path));
    } else if (height == OPEN) {
      throw new IOException("the pickle holds an object that contains itself");
    } else {
      below(height);
    }
    if (frames.size() + (frames.isEmpty() ? 0 : frames.element().height) > MAX_DEPTH) {
      throw new IOException("the pickle is nested more than " + MAX_DEPTH + " levels deep");
    }
  }

  /** Records that the top object contains one with the given number of levels below. */
  private void below(int height) {
    if (!frames.isEmpty()) {
      Frame top = frames.element();
      top.height = Math.max(top.height, height + 1);
    }
  }

  private static String join(String path, String name) {
    return path.isEmpty() || name.isEmpty() ? path + name : path + "." + name;
  }

  private static boolean isContainer(Object node) {
    return node instanceof Map || node instanceof List || node instanceof Pickle.Instance;
  }

  private static List<Part> partsOf(Object node) {
    List<Part> parts = new ArrayList<>();
    if (node instanceof Pickle.Instance instance) {
      addAll(parts, instance.state());
      instance.arguments().forEach(argument -> add(parts, "", argument));
    } else if (node instanceof Map<?, ?> map) {
      addAll(parts, map);
    } else if (node instanceof List<?> list) {
      addAll(parts, list);
    }
    return parts;
  }

  private static void addAll(List<Part> parts, Map<?, ?> map) {
    map.forEach(
        (key, value) -> {
          add(parts, "", key);
          add(parts, String.valueOf(key), value);
        });
  }

  private static void addAll(List<Part> parts, List<?> list) {
    for (int i = 0; i < list.size(); i++) {
      add(parts, Integer.toString(i), list.get(i));
    }
  }

  private static void add(List<Part> parts, String name, Object value) {
    if (isContainer(value)) {
      parts.add(new Part(name, value));
    }
  }
}
