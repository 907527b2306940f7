package org.aucmedi.xai.engine.mxnet;

import ai.djl.mxnet.engine.CachedOp;
import ai.djl.mxnet.engine.MxNDManager;
import ai.djl.mxnet.engine.Symbol;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.aucmedi.xai.engine.mxnet.SymbolGraph.Entry;
import org.jspecify.annotations.Nullable;

/**
 * A graph cut into stages and compiled, ready for passes that differentiate with respect to one of
 * its entries.
 */
final class Program implements AutoCloseable {

  /**
   * A compiled segment.
   *
   * @param op the native operator
   * @param arguments the names of its variables, in argument order
   * @param segment what it was compiled from
   */
  record Compiled(CachedOp op, List<String> arguments, Segment segment) {}

  /**
   * A compiled stage.
   *
   * @param compiled the segment, or null if there are only ReLUs
   * @param relus the ReLUs that follow it
   */
  record Step(@Nullable Compiled compiled, List<Relu> relus) {}

  private final NDManager manager;
  private final List<Step> steps;
  private final Entry data;
  private final Entry source;
  private final Entry output;
  private final BitSet dependents;

  private Program(NDManager manager, SymbolGraph graph, int data, int source, List<Stage> stages) {
    this.manager = manager;
    this.data = new Entry(data, 0);
    this.source = new Entry(source, 0);
    this.output = graph.output();
    this.dependents = graph.dependents(source);
    this.steps = new ArrayList<>();
    for (Stage stage : stages) {
      Segment segment = stage.segment();
      steps.add(new Step(segment == null ? null : compile(segment), stage.relus()));
    }
  }

  /** The whole graph in one piece, to differentiate with respect to the batch. */
  static Program whole(NDManager parent, SymbolGraph graph, int data) {
    return create(parent, graph, data, data, Stage.cut(graph, data, Set.of(), Map.of(), Set.of()));
  }

  /** The whole graph in one piece, which computes some inner entries too. */
  static Program revealing(NDManager parent, SymbolGraph graph, int data, Set<Entry> wanted) {
    return create(parent, graph, data, data, Stage.cut(graph, data, Set.of(), Map.of(), wanted));
  }

  /** Cut behind a node, to differentiate with respect to its output. */
  static Program behind(NDManager parent, SymbolGraph graph, int data, int node) {
    return create(
        parent,
        graph,
        data,
        node,
        Stage.cut(graph, data, Set.of(node), Map.of(), Set.of(new Entry(node, 0))));
  }

  /** Cut at every ReLU, to differentiate with respect to the batch. */
  static Program guided(NDManager parent, SymbolGraph graph, int data, Map<Integer, Relu> relus) {
    return create(
        parent, graph, data, data, Stage.cut(graph, data, relus.keySet(), relus, Set.of()));
  }

  private static Program create(
      NDManager parent, SymbolGraph graph, int data, int source, List<Stage> stages) {
    NDManager manager = parent.newSubManager();
    try {
      return new Program(manager, graph, data, source, stages);
    } catch (RuntimeException e) {
      manager.close();
      throw e;
    }
  }

  private Compiled compile(Segment segment) {
    try (Symbol symbol = Symbol.loadJson((MxNDManager) manager, segment.json())) {
      return new Compiled(
          MxAutograd.compile(manager, symbol), List.of(symbol.getAllNames()), segment);
    }
  }

  List<Step> steps() {
    return steps;
  }

  /** The batch. */
  Entry data() {
    return data;
  }

  /** The entry to differentiate with respect to. */
  Entry source() {
    return source;
  }

  /** What to differentiate. */
  Entry output() {
    return output;
  }

  /** Returns whether an entry depends on the source. */
  boolean dependsOnSource(Entry entry) {
    return dependents.get(entry.node());
  }

  @Override
  public void close() {
    manager.close();
  }
}
