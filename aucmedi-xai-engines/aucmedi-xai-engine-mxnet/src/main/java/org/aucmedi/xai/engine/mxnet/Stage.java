package org.aucmedi.xai.engine.mxnet;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.aucmedi.xai.engine.mxnet.SymbolGraph.Entry;
import org.aucmedi.xai.engine.mxnet.SymbolGraph.Node;
import org.jspecify.annotations.Nullable;

/**
 * The part of a graph between two cuts: a segment, then the ReLUs that read from it or from earlier
 * ones.
 *
 * @param segment the segment, or null if there are only ReLUs
 * @param relus the ReLUs, which belong to no segment
 */
record Stage(@Nullable Segment segment, List<Relu> relus) {

  /**
   * Cuts a graph at some nodes. The first stage holds what depends on no cut node, the next what
   * depends on cut nodes of the first, and so on; so a stage reads only from earlier ones, however
   * the graph branches.
   *
   * @param graph the graph
   * @param data the number of the variable that holds the batch
   * @param cuts the numbers of the nodes to cut behind
   * @param relus the cut nodes that are taken out of the segments
   * @param wanted additional entries to compute
   * @return the stages in execution order
   */
  static List<Stage> cut(
      SymbolGraph graph, int data, Set<Integer> cuts, Map<Integer, Relu> relus, Set<Entry> wanted) {
    TreeMap<Integer, List<Integer>> members = new TreeMap<>();
    int[] levels = levels(graph, cuts);
    BitSet operators = new BitSet();
    for (int id : graph.order()) {
      if (!graph.node(id).isVariable()) {
        operators.set(id);
        members.computeIfAbsent(levels[id], level -> new ArrayList<>()).add(id);
      }
    }
    Set<Entry> shared = new LinkedHashSet<>(wanted);
    shared.add(graph.output());
    for (int id = operators.nextSetBit(0); id >= 0; id = operators.nextSetBit(id + 1)) {
      for (Entry input : graph.node(id).inputs()) {
        if (relus.containsKey(id) || levels[input.node()] != levels[id]) {
          shared.add(input);
        }
      }
    }
    List<Stage> stages = new ArrayList<>();
    for (List<Integer> ids : members.values()) {
      List<Integer> inside = ids.stream().filter(id -> !relus.containsKey(id)).toList();
      List<Entry> outputs = shared.stream().filter(e -> inside.contains(e.node())).toList();
      stages.add(
          new Stage(
              inside.isEmpty() ? null : Segment.of(graph, inside, data, outputs),
              ids.stream().filter(relus::containsKey).map(relus::get).toList()));
    }
    return stages;
  }

  private static int[] levels(SymbolGraph graph, Set<Integer> cuts) {
    int[] order = graph.order();
    int[] levels = new int[order[order.length - 1] + 1];
    for (int id : order) {
      Node node = graph.node(id);
      for (Entry input : node.inputs()) {
        int behind = levels[input.node()] + (cuts.contains(input.node()) ? 1 : 0);
        levels[id] = Math.max(levels[id], behind);
      }
    }
    return levels;
  }
}
