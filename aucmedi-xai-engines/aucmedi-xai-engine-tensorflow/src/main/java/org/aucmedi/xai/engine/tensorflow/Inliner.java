package org.aucmedi.xai.engine.tensorflow;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.aucmedi.xai.engine.tensorflow.FlatGraph.Ref;
import org.aucmedi.xai.error.XAIException;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;

/**
 * Replaces the function calls in a signature with the bodies of the functions.
 *
 * <p>Keras nests a model in functions, where neither gradients nor inner tensors can be reached.
 * Control edges are dropped: they order side effects, of which an explained model has none. Nodes
 * that do not depend on the input or on random numbers, such as variables, are referenced instead
 * of copied.
 */
final class Inliner {

  /** Functions cannot call themselves; deeper nesting means that the file is damaged. */
  private static final int MAX_DEPTH = 64;

  private static final String INPUT = "input";

  private final GraphDef graph;
  private final OpSpecs specs;
  private final Functions functions;
  private final Map<String, FlatGraph.Node> nodes = new LinkedHashMap<>();

  private Inliner(GraphDef graph, OpSpecs specs) {
    this.graph = graph;
    this.specs = specs;
    this.functions = new Functions(graph.getLibrary(), specs);
  }

  /**
   * Flattens the graph between two tensors.
   *
   * @param graph the loaded graph with its functions
   * @param specs the known operations
   * @param input the input's name, for instance {@code serving_default_x:0}
   * @param output the output's name
   * @return the flat graph
   * @throws XAIException if the graph is damaged, or the output does not depend on the input
   */
  static FlatGraph flatten(GraphDef graph, OpSpecs specs, String input, String output) {
    return new Inliner(graph, specs).run(input, output);
  }

  private FlatGraph run(String input, String output) {
    Frame main = new Frame("", graph.getNodeList(), Map.of(), 0);
    String inputNode = nodeOf(input);
    main.values.put(inputNode, List.of(new Ref(INPUT, 0, false)));
    main.evaluate(List.of(output), dependents(main, inputNode));
    Ref result = main.value(output);
    if (result.external() || nodes.isEmpty()) {
      throw new XAIException("output " + output + " does not depend on input " + input);
    }
    return new FlatGraph(INPUT, List.copyOf(nodes.values()), result);
  }

  private static Set<String> dependents(Frame main, String input) {
    Map<String, List<String>> consumers = new HashMap<>();
    Set<String> found = new HashSet<>();
    for (NodeDef node : main.byName.values()) {
      for (String tensor : dataInputs(node)) {
        consumers.computeIfAbsent(nodeOf(tensor), key -> new ArrayList<>()).add(node.getName());
      }
      if (ModelState.isRandom(node.getOp())) {
        found.add(node.getName());
      }
    }
    List<String> open = new ArrayList<>(found);
    open.add(input);
    while (!open.isEmpty()) {
      for (String consumer : consumers.getOrDefault(open.remove(open.size() - 1), List.of())) {
        if (found.add(consumer)) {
          open.add(consumer);
        }
      }
    }
    return found;
  }

  private static List<String> dataInputs(NodeDef node) {
    return node.getInputList().stream().filter(tensor -> !tensor.startsWith("^")).toList();
  }

  private static String nodeOf(String tensor) {
    int colon = tensor.indexOf(':');
    return colon < 0 ? tensor : tensor.substring(0, colon);
  }

  /** The loaded graph, or one call of a function. */
  private final class Frame {

    private final String prefix;
    private final Map<String, AttrValue> arguments;
    private final int depth;
    private final Map<String, NodeDef> byName = new LinkedHashMap<>();
    private final Map<String, Integer> order = new HashMap<>();
    private final Map<String, List<Ref>> values = new HashMap<>();

    Frame(String prefix, List<NodeDef> body, Map<String, AttrValue> arguments, int depth) {
      this.prefix = prefix;
      this.arguments = arguments;
      this.depth = depth;
      for (NodeDef node : body) {
        order.put(node.getName(), order.size());
        byName.put(node.getName(), node);
      }
    }

    /** Copies what the tensors need; of the loaded graph, only what depends on the input. */
    void evaluate(List<String> tensors, @Nullable Set<String> copied) {
      Set<String> needed = needed(tensors, copied);
      Map<String, Integer> waiting = new HashMap<>();
      Map<String, List<String>> consumers = new HashMap<>();
      TreeMap<Integer, String> ready = new TreeMap<>();
      for (String name : needed) {
        int open = 0;
        for (String tensor : dataInputs(byName.get(name))) {
          if (needed.contains(nodeOf(tensor))) {
            consumers.computeIfAbsent(nodeOf(tensor), key -> new ArrayList<>()).add(name);
            open++;
          }
        }
        waiting.put(name, open);
        if (open == 0) {
          ready.put(order.get(name), name);
        }
      }
      int done = 0;
      while (!ready.isEmpty()) {
        String name = ready.pollFirstEntry().getValue();
        values.put(name, copy(byName.get(name)));
        done++;
        for (String consumer : consumers.getOrDefault(name, List.of())) {
          if (waiting.merge(consumer, -1, Integer::sum) == 0) {
            ready.put(order.get(consumer), consumer);
          }
        }
      }
      if (done < needed.size()) {
        throw new XAIException(
            "the graph has a loop, which has no gradient; build LSTM and GRU layers with"
                + " unroll=True and export the model again");
      }
    }

    private Set<String> needed(List<String> tensors, @Nullable Set<String> copied) {
      Set<String> needed = new HashSet<>();
      List<String> open = new ArrayList<>(tensors);
      while (!open.isEmpty()) {
        String name = nodeOf(open.remove(open.size() - 1));
        if (values.containsKey(name) || (copied != null && !copied.contains(name))) {
          continue;
        }
        NodeDef node = byName.get(name);
        if (node == null) {
          throw new XAIException("the graph has no node " + name);
        }
        if (needed.add(name)) {
          open.addAll(dataInputs(node));
        }
      }
      return needed;
    }

    private List<Ref> copy(NodeDef node) {
      List<Ref> inputs = dataInputs(node).stream().map(this::value).toList();
      Map<String, AttrValue> attributes = Functions.attributes(node, arguments);
      FunctionDef called = functions.called(node.getOp(), attributes);
      if (called != null) {
        return call(node, called, inputs, attributes);
      }
      OpDef spec = specs.get(node.getOp());
      Map<String, AttrValue> complete = OpSpecs.withDefaults(spec, attributes);
      String name = unique(prefix + node.getName());
      nodes.put(name, new FlatGraph.Node(name, node.getOp(), inputs, complete));
      int outputs = 0;
      for (OpDef.ArgDef output : spec.getOutputArgList()) {
        outputs += OpSpecs.length(output, complete);
      }
      List<Ref> results = new ArrayList<>();
      for (int i = 0; i < outputs; i++) {
        results.add(new Ref(name, i, false));
      }
      return results;
    }

    private List<Ref> call(
        NodeDef node, FunctionDef function, List<Ref> inputs, Map<String, AttrValue> attributes) {
      if (depth >= MAX_DEPTH) {
        throw new XAIException("functions call each other too deeply at " + node.getName());
      }
      AttrValue target = attributes.get("f");
      Frame body =
          new Frame(
              Functions.prefixOfBody(prefix + node.getName()),
              function.getNodeDefList(),
              target == null ? attributes : target.getFunc().getAttrMap(),
              depth + 1);
      int next = 0;
      for (OpDef.ArgDef argument : function.getSignature().getInputArgList()) {
        int length = OpSpecs.length(argument, body.arguments);
        if (next + length > inputs.size()) {
          throw new XAIException("the call " + node.getName() + " passes too few arguments");
        }
        body.values.put(argument.getName(), inputs.subList(next, next + length));
        next += length;
      }
      List<String> results = new ArrayList<>();
      for (OpDef.ArgDef output : function.getSignature().getOutputArgList()) {
        results.add(function.getRetOrThrow(output.getName()));
      }
      body.evaluate(results, null);
      return results.stream().map(body::value).toList();
    }

    /**
     * Finds a tensor: {@code node:2} in a graph, {@code node:output:0} or an argument in a
     * function.
     */
    private Ref value(String tensor) {
      String[] parts = tensor.split(":", -1);
      List<Ref> outputs = values.get(parts[0]);
      int index = parts.length == 1 ? 0 : Integer.parseInt(parts[parts.length - 1]);
      if (outputs == null) {
        return new Ref(parts[0], index, true);
      }
      if (parts.length == 3) {
        NodeDef node = byName.get(parts[0]);
        Map<String, AttrValue> attributes = Functions.attributes(node, arguments);
        OpDef spec = specs.find(node.getOp());
        index =
            OpSpecs.outputIndex(
                spec != null ? spec : functions.called(node.getOp(), attributes).getSignature(),
                spec != null ? OpSpecs.withDefaults(spec, attributes) : attributes,
                parts[1],
                index);
      }
      if (index >= outputs.size()) {
        throw new XAIException("the graph has no tensor " + tensor);
      }
      return outputs.get(index);
    }

    private String unique(String name) {
      String free = name;
      for (int i = 1; nodes.containsKey(free) || free.equals(INPUT); i++) {
        free = name + "__" + i;
      }
      return free;
    }
  }
}
