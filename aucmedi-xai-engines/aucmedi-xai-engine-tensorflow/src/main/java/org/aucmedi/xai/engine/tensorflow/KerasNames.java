package org.aucmedi.xai.engine.tensorflow;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.aucmedi.xai.engine.tensorflow.FlatGraph.Node;
import org.aucmedi.xai.engine.tensorflow.FlatGraph.Ref;

/**
 * Recovers Keras's names from those of a flat graph's nodes.
 *
 * <p>Keras puts a layer's nodes in a name scope, {@code functional_1/stem_1/add}, but often appends
 * a number to the layer's own name. The layer's variables keep the name, {@code stem/kernel}, which
 * shows whether this export appends numbers.
 */
final class KerasNames {

  private static final Pattern NUMBERED = Pattern.compile("(.+)_\\d+");

  private final Set<String> nodes = new HashSet<>();
  private final Map<String, String> owners = new HashMap<>();
  private final Set<String> containers = new HashSet<>();
  private final boolean numbered;
  private final String root;

  /**
   * Reads the names.
   *
   * @param graph the graph
   * @param active the names of the nodes whose output depends on the input
   */
  KerasNames(FlatGraph graph, Set<String> active) {
    graph.nodes().forEach(node -> nodes.add(node.name()));
    for (Node node : graph.nodes()) {
      for (Ref input : node.inputs()) {
        if (input.external() && input.node().contains("/")) {
          claim(node.scope(), last(parent(input.node())));
        }
      }
    }
    long changed =
        owners.entrySet().stream().filter(e -> !last(e.getKey()).equals(e.getValue())).count();
    this.numbered = 2 * changed > owners.size();
    owners.keySet().forEach(folder -> containers.add(parent(folder)));
    this.root =
        root(
            graph.nodes().stream()
                .filter(node -> active.contains(node.name()))
                .map(Node::scope)
                .filter(scope -> !scope.isEmpty())
                .distinct()
                .toList());
  }

  /** A variable {@code stem/kernel} that is read in a folder {@code stem} or {@code stem_1}. */
  private void claim(String scope, String owner) {
    for (String folder = scope; !folder.isEmpty(); folder = parent(folder)) {
      Matcher match = NUMBERED.matcher(last(folder));
      boolean named = last(folder).equals(owner);
      // The variables that a node reads are in a folder with the node's name, which may also be the
      // layer's name.
      if (!nodes.contains(folder) && (named || (match.matches() && match.group(1).equals(owner)))) {
        owners.put(folder, owner);
        return;
      }
    }
  }

  /** The folders around all layers: the model's own name, which is in no layer's name. */
  private String root(List<String> scopes) {
    String common = "";
    while (true) {
      int start = common.length();
      String deeper =
          scopes.stream().filter(scope -> scope.indexOf('/', start) >= 0).findFirst().orElse("");
      String folder = deeper.substring(0, Math.max(0, deeper.indexOf('/', start)));
      if (folder.isEmpty()
          || owners.containsKey(folder)
          || !scopes.stream().allMatch(scope -> (scope + "/").startsWith(folder + "/"))) {
        return common;
      }
      common = folder + "/";
    }
  }

  static String parent(String path) {
    return path.substring(0, Math.max(0, path.lastIndexOf('/')));
  }

  private static String last(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** Returns whether a folder is a layer: one at the top, or in a folder that holds layers. */
  boolean isLayer(String folder) {
    String above = parent(folder);
    return above.isEmpty() || above.length() < root.length() || isContainer(above);
  }

  /** Returns whether a folder holds layers with variables, as a model within a model does. */
  boolean isContainer(String folder) {
    return containers.contains(folder);
  }

  /** Returns whether a folder is around all layers. */
  boolean isAround(String folder) {
    return folder.length() < root.length();
  }

  /**
   * {@return the name that users know a folder or a node by: its path without the model's name, and
   * with the layers' own names}
   *
   * @param path its path in the graph
   */
  String userName(String path) {
    if (!path.startsWith(root)) {
      return path;
    }
    StringBuilder name = new StringBuilder();
    int start = root.length();
    while (start <= path.length()) {
      int slash = path.indexOf('/', start);
      int end = slash < 0 ? path.length() : slash;
      name.append(name.isEmpty() ? "" : "/").append(ownName(path.substring(0, end)));
      start = end + 1;
    }
    return name.toString();
  }

  private String ownName(String path) {
    String owner = owners.get(path);
    if (owner != null) {
      return owner;
    }
    Matcher match = NUMBERED.matcher(last(path));
    return numbered && !nodes.contains(path) && match.matches() ? match.group(1) : last(path);
  }
}
