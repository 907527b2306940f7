package org.aucmedi.xai.engine.tensorflow;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.aucmedi.xai.engine.tensorflow.FlatGraph.Node;
import org.aucmedi.xai.engine.tensorflow.FlatGraph.Ref;
import org.aucmedi.xai.model.LayerKind;
import org.jspecify.annotations.Nullable;

/**
 * Lists Keras's layers: the name scopes of a flat graph's nodes, with their outputs.
 *
 * <p>If a layer ends in an activation, as {@code Conv2D(activation="relu")} does, the node before
 * it is listed too, by its name: {@code conv2d_3/BiasAdd}. So is a softmax inside a layer, the
 * attention weights of {@code MultiHeadAttention}. Every other node can be found by name.
 */
final class KerasLayers {

  private static final Set<String> ACTIVATIONS =
      Set.of(
          "Relu",
          "Relu6",
          "LeakyRelu",
          "Elu",
          "Selu",
          "Sigmoid",
          "Tanh",
          "Softmax",
          "LogSoftmax",
          "Softplus",
          "Softsign");
  private static final Set<String> CONVOLUTIONS =
      Set.of(
          "Conv2D",
          "Conv3D",
          "DepthwiseConv2dNative",
          "Conv2DBackpropInput",
          "Conv3DBackpropInputV2");
  private static final Set<String> PRODUCTS = Set.of("MatMul", "BatchMatMulV2", "Einsum");
  private static final Set<String> NORMS =
      Set.of("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3", "Rsqrt");
  private static final Set<String> POOLS =
      Set.of("MaxPool", "MaxPoolV2", "AvgPool", "MaxPool3D", "AvgPool3D", "Mean", "Max");
  private static final Set<String> SUMS = Set.of("Add", "AddV2", "AddN");

  /**
   * A layer.
   *
   * @param name its name for users
   * @param kind what it does
   * @param output its output
   */
  record Found(String name, LayerKind kind, Ref output) {}

  private final FlatGraph graph;
  private final Set<String> active;
  private final KerasNames names;
  private final Map<String, Set<String>> consumers = new HashMap<>();
  private final Map<String, Found> layers = new LinkedHashMap<>();
  private final Map<String, Node> nodes = new HashMap<>();

  /**
   * Finds the layers.
   *
   * @param graph the graph
   * @param active the names of the nodes with a floating-point output that depends on the input
   */
  KerasLayers(FlatGraph graph, Set<String> active) {
    this.graph = graph;
    this.active = active;
    this.names = new KerasNames(graph, active);
    for (Node node : graph.nodes()) {
      if (active.contains(node.name())) {
        for (Ref input : node.inputs()) {
          consumers.computeIfAbsent(input.node(), key -> new HashSet<>()).add(node.name());
        }
        nodes.put(names.userName(node.name()), node);
        nodes.put(node.name(), node);
      }
    }
    findLayers();
  }

  /** Returns the layers in the order in which they finish, by name. */
  Map<String, Found> layers() {
    return layers;
  }

  /** Returns the output of a layer or node, or null if there is none of that name. */
  @Nullable Ref output(String name) {
    Found layer = layers.get(name);
    if (layer != null) {
      return layer.output();
    }
    Node node = nodes.get(name);
    return node == null ? null : outputOf(node);
  }

  /** Returns the name for users of the layer that a node belongs to. */
  String layerOf(Node node) {
    return names.userName(layerFolders(node).stream().findFirst().orElse(node.name()));
  }

  private void findLayers() {
    Map<String, List<Node>> byFolder = new LinkedHashMap<>();
    Map<String, Integer> position = new HashMap<>();
    for (Node node : graph.nodes()) {
      position.put(node.name(), position.size());
      for (String folder : layerFolders(node)) {
        byFolder.computeIfAbsent(folder, key -> new ArrayList<>()).add(node);
      }
    }
    List<Found> found = new ArrayList<>();
    byFolder.forEach((folder, members) -> addLayer(folder, members, found));
    addSoftmaxes(found);
    found.sort(
        Comparator.comparing((Found layer) -> position.get(layer.output().node()))
            .thenComparing(layer -> -layer.name().length()));
    for (Found layer : found) {
      // If a layer runs several times, the last run counts.
      layers.remove(layer.name());
      layers.put(layer.name(), layer);
    }
  }

  /** The name scopes of a node that are layers, or the node itself if there are none. */
  private List<String> layerFolders(Node node) {
    List<String> folders = new ArrayList<>();
    for (String folder = node.scope();
        !folder.isEmpty() && !names.isAround(folder);
        folder = KerasNames.parent(folder)) {
      if (names.isLayer(folder)) {
        folders.add(folder);
      }
    }
    boolean alone = folders.isEmpty() && !node.op().equals("Identity");
    return alone ? List.of(node.name()) : folders;
  }

  private void addSoftmaxes(List<Found> found) {
    Set<String> outputs = new HashSet<>();
    found.forEach(layer -> outputs.add(layer.output().node()));
    for (Node node : graph.nodes()) {
      boolean inside = active.contains(node.name()) && !outputs.contains(node.name());
      if (inside && node.op().equals("Softmax")) {
        found.add(new Found(names.userName(node.name()), LayerKind.ACTIVATION, outputOf(node)));
      }
    }
  }

  private void addLayer(String folder, List<Node> members, List<Found> found) {
    Set<String> own = new HashSet<>();
    members.forEach(node -> own.add(node.name()));
    Node output = null;
    for (Node node : members) {
      boolean leaves =
          node.name().equals(graph.output().node())
              || !own.containsAll(consumers.getOrDefault(node.name(), Set.of()));
      if (active.contains(node.name()) && leaves) {
        output = node;
      }
    }
    if (output == null) {
      return;
    }
    Node last = source(output, own);
    boolean container = names.isContainer(folder);
    LayerKind kind = container ? LayerKind.OTHER : kind(members, last);
    if (!container && ACTIVATIONS.contains(last.op())) {
      Ref before = last.inputs().get(0);
      if (own.contains(before.node()) && active.contains(before.node())) {
        found.add(new Found(names.userName(before.node()), kind, before));
      }
    }
    found.add(new Found(names.userName(folder), kind, outputOf(output)));
  }

  /** Keras 2 ends a layer's function with the identity. */
  private Node source(Node output, Set<String> own) {
    Node node = output;
    while (node.op().equals("Identity") && own.contains(node.inputs().get(0).node())) {
      node = nodes.get(node.inputs().get(0).node());
    }
    return node;
  }

  /** A node usually has one output; of several, take the first one that the model uses. */
  private Ref outputOf(Node node) {
    if (graph.output().node().equals(node.name())) {
      return graph.output();
    }
    return graph.nodes().stream()
        .filter(user -> active.contains(user.name()))
        .flatMap(user -> user.inputs().stream())
        .filter(input -> input.node().equals(node.name()))
        .findFirst()
        .orElse(new Ref(node.name(), 0, false));
  }

  private LayerKind kind(List<Node> members, Node output) {
    Set<String> ops = new HashSet<>();
    members.forEach(node -> ops.add(node.op()));
    if (meets(ops, CONVOLUTIONS)) {
      return LayerKind.CONV;
    }
    if (meets(ops, PRODUCTS)) {
      return LayerKind.DENSE;
    }
    if (meets(ops, NORMS)) {
      return LayerKind.NORM;
    }
    if (POOLS.contains(output.op())) {
      return LayerKind.POOL;
    }
    if (ACTIVATIONS.contains(output.op())) {
      return LayerKind.ACTIVATION;
    }
    long branches = output.inputs().stream().filter(in -> active.contains(in.node())).count();
    return SUMS.contains(output.op()) && branches > 1 ? LayerKind.ADD : LayerKind.OTHER;
  }

  private static boolean meets(Set<String> ops, Set<String> kind) {
    return ops.stream().anyMatch(kind::contains);
  }
}
