package org.aucmedi.xai.engine.mxnet;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.aucmedi.xai.engine.mxnet.SymbolGraph.Entry;
import org.aucmedi.xai.engine.mxnet.SymbolGraph.Node;

/**
 * A part of a graph that runs as a symbol of its own.
 *
 * @param json the symbol
 * @param inputs by the name of its variable, each entry that comes from outside; not the weights
 * @param outputs the entries that it computes for other segments, in the order of the symbol's
 *     outputs
 */
record Segment(String json, Map<String, Entry> inputs, List<Entry> outputs) {

  /**
   * Cuts a segment out of a graph. What its nodes read from other nodes becomes a variable.
   *
   * @param graph the graph
   * @param members the numbers of its nodes, in execution order, no variables
   * @param data the number of the variable that holds the batch
   * @param outputs the entries that it computes for other segments
   * @return the segment
   */
  static Segment of(SymbolGraph graph, List<Integer> members, int data, Collection<Entry> outputs) {
    Writer writer = new Writer(graph, data);
    members.forEach(writer::add);
    return new Segment(writer.json(outputs), writer.inputs, List.copyOf(outputs));
  }

  /** Renumbers the nodes while writing them. */
  private static final class Writer {

    private final SymbolGraph graph;
    private final int data;
    private final Set<String> names = new HashSet<>();
    private final Map<Integer, Integer> members = new HashMap<>();
    private final Map<Entry, Integer> variables = new LinkedHashMap<>();
    private final Map<String, Entry> inputs = new LinkedHashMap<>();
    private final JsonArray nodes = new JsonArray();

    Writer(SymbolGraph graph, int data) {
      this.graph = graph;
      this.data = data;
      for (int id : graph.order()) {
        names.add(graph.node(id).name());
      }
    }

    void add(int id) {
      Node node = graph.node(id);
      JsonArray reads = new JsonArray();
      node.inputs().forEach(input -> reads.add(reference(input)));
      JsonObject copy = node.json().deepCopy();
      copy.add("inputs", reads);
      members.put(id, nodes.size());
      nodes.add(copy);
    }

    private JsonArray reference(Entry entry) {
      Integer member = members.get(entry.node());
      JsonArray reference = new JsonArray();
      reference.add(member == null ? variable(entry) : member);
      reference.add(member == null ? 0 : entry.output());
      reference.add(0);
      return reference;
    }

    private int variable(Entry entry) {
      Integer known = variables.get(entry);
      if (known != null) {
        return known;
      }
      Node source = graph.node(entry.node());
      JsonObject json = source.json();
      if (!source.isVariable()) {
        String name = "entry" + entry.node() + "_" + entry.output();
        while (!names.add(name)) {
          name += "_";
        }
        json = new JsonObject();
        json.addProperty("op", SymbolGraph.VARIABLE);
        json.addProperty("name", name);
        json.add("inputs", new JsonArray());
        inputs.put(name, entry);
      } else if (entry.node() == data) {
        inputs.put(source.name(), entry);
      }
      int number = nodes.size();
      nodes.add(json);
      variables.put(entry, number);
      return number;
    }

    String json(Collection<Entry> outputs) {
      JsonArray arguments = new JsonArray();
      variables.values().forEach(arguments::add);
      JsonArray heads = new JsonArray();
      outputs.forEach(output -> heads.add(reference(output)));
      JsonObject root = new JsonObject();
      root.add("nodes", nodes);
      root.add("arg_nodes", arguments);
      root.add("heads", heads);
      if (graph.attributes() != null) {
        root.add("attrs", graph.attributes());
      }
      return root.toString();
    }
  }
}
