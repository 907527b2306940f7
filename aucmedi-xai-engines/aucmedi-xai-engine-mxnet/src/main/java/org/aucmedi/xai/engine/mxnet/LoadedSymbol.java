package org.aucmedi.xai.engine.mxnet;

import ai.djl.engine.EngineException;
import ai.djl.mxnet.engine.MxNDManager;
import ai.djl.mxnet.engine.Symbol;
import ai.djl.ndarray.NDManager;
import com.google.gson.JsonParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.aucmedi.xai.engine.mxnet.SymbolGraph.Node;
import org.aucmedi.xai.engine.support.OutputChoice;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.jspecify.annotations.Nullable;

/**
 * A symbol that MXNet has accepted, with the information needed to explain it.
 *
 * @param graph its graph, without the operators of training
 * @param data the number of the variable that takes the batch
 * @param layers the numbers of the nodes that are layers, by name, in execution order; for nodes
 *     that share a name, the last one
 */
record LoadedSymbol(SymbolGraph graph, int data, Map<String, Integer> layers) {

  /**
   * Reads a symbol.
   *
   * @param what its name in messages
   * @param manager an MXNet manager
   * @param json the symbol
   * @param weights the names of the available weights
   * @param output the name or number of the output to explain, or null if there is only one
   * @return the symbol
   * @throws XAIException if it is not a symbol, a weight is missing, or it does not have exactly
   *     one input
   * @throws UnsupportedModelException if the output to explain cannot be determined
   */
  static LoadedSymbol of(
      String what, NDManager manager, String json, Set<String> weights, @Nullable String output) {
    SymbolGraph graph;
    List<OutputChoice.Output> outputs;
    List<String> internalOutputs;
    try {
      SymbolGraph.parse(json);
      try (Symbol symbol = Symbol.loadJson((MxNDManager) manager, json);
          Symbol internals = symbol.getInternals()) {
        // MXNet converts files of older versions to its current form.
        graph = SymbolGraph.parse(symbol.toJsonString());
        outputs =
            Arrays.stream(symbol.getOutputNames())
                .map(name -> new OutputChoice.Output(name, ""))
                .toList();
        internalOutputs = List.of(internals.getOutputNames());
      }
    } catch (JsonParseException | EngineException e) {
      throw new XAIException(
          what
              + " is not a symbol that MXNet can read: "
              + MxErrors.reason(e)
              + "; write it with HybridBlock.export or Module.save_checkpoint",
          e);
    }
    SymbolGraph explained = graph.ofOutput(OutputChoice.of(what, outputs, output));
    Map<String, Integer> layers = SymbolLayers.of(explained, internalOutputs);
    SymbolGraph inference = explained.map(TrainingOperators::replace);
    return new LoadedSymbol(inference, data(what, inference, weights), layers);
  }

  private static int data(String what, SymbolGraph graph, Set<String> weights) {
    Map<String, Integer> inputs = new LinkedHashMap<>();
    List<String> missing = new ArrayList<>();
    for (int id : graph.order()) {
      Node node = graph.node(id);
      if (node.isVariable() && !weights.contains(node.name())) {
        if (isWeight(graph, id)) {
          missing.add(node.name());
        } else {
          inputs.put(node.name(), id);
        }
      }
    }
    if (!missing.isEmpty()) {
      throw new XAIException(
          what
              + " needs the weights "
              + missing
              + ", which its .params file does not contain; use the file that was saved with it");
    }
    if (inputs.size() != 1) {
      throw new XAIException(
          what
              + (inputs.isEmpty()
                  ? " has no input, since its .params file contains every variable"
                  : " takes the inputs "
                      + inputs.keySet()
                      + ", or its .params file lacks some of them as weights")
              + "; an image classifier takes one");
    }
    return inputs.values().iterator().next();
  }

  /** The ReLUs and ReLU6s that depend on the batch, by the number of their node. */
  Map<Integer, Relu> relus() {
    Map<Integer, Relu> relus = new LinkedHashMap<>();
    BitSet met = graph.dependents(data);
    for (int id : graph.order()) {
      Relu relu = Relu.of(id, graph.node(id));
      if (relu != null && met.get(id)) {
        relus.put(id, relu);
      }
    }
    return relus;
  }

  /** Distinguishes weights from inputs by name, or by the argument at which operators read them. */
  private static boolean isWeight(SymbolGraph graph, int id) {
    String name = graph.node(id).name().toLowerCase(Locale.ROOT);
    if (name.matches(".*(weight|bias|gamma|beta|alpha|(moving|running)_(mean|var))")) {
      return true;
    }
    for (int reader : graph.order()) {
      Node node = graph.node(reader);
      for (int i = 1; i < node.inputs().size(); i++) {
        if (node.inputs().get(i).node() == id && SymbolLayers.hasWeights(node)) {
          return true;
        }
      }
    }
    return false;
  }
}
