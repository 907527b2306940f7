package org.aucmedi.xai.engine.tensorflow;

import ai.djl.ndarray.types.Shape;
import ai.djl.tensorflow.engine.TfSymbolBlock;
import ai.djl.util.PairList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.WeakHashMap;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;

/**
 * The graphs of all loaded models. Explainable models of the same DJL model share the operations
 * added to its graph, so creating another explainable model costs nothing.
 */
final class LoadedGraphs {

  private static final Map<TfSymbolBlock, Map<Signature, LoadedGraph>> GRAPHS = new WeakHashMap<>();

  private LoadedGraphs() {}

  /**
   * Finds or creates the graph of a loaded model.
   *
   * @param block the model
   * @param wanted the signature, or null for the one that DJL chose
   * @param output the name or the number of the output to explain, or null if there is only one
   * @param model the name of the model in messages
   * @return its graph
   */
  static LoadedGraph of(
      TfSymbolBlock block, @Nullable String wanted, @Nullable String output, String model) {
    Map<Signature, LoadedGraph> ofBlock;
    synchronized (GRAPHS) {
      ofBlock = GRAPHS.computeIfAbsent(block, key -> new HashMap<>());
    }
    synchronized (ofBlock) {
      MetaGraphDef file = block.getSavedModelBundle().getMetaGraphDef();
      Map<String, SignatureDef> signatures = Signature.all(file);
      String name =
          wanted == null
              ? loaded(block, file, signatures, output, model)
              : Signature.choose(signatures, wanted, model);
      Signature signature = Signature.of(name, signatures.get(name), output, model);
      LoadedGraph graph = ofBlock.get(signature);
      if (graph == null) {
        FlatGraph flat = flatten(file, signature, model);
        graph = new LoadedGraph(block.getSavedModelBundle(), signature, flat, model);
        ofBlock.put(signature, graph);
      }
      return graph;
    }
  }

  private static FlatGraph flatten(MetaGraphDef file, Signature signature, String model) {
    try {
      return Inliner.flatten(
          file.getGraphDef(),
          NativeGraph.specs(),
          signature.input().getName(),
          signature.output().getName());
    } catch (XAIException | IllegalArgumentException e) {
      throw new UnsupportedModelException(
          "cannot read signature " + signature.name() + " of " + model + ": " + e.getMessage(), e);
    }
  }

  /** DJL does not tell which signature it uses, only the names and shapes of inputs and outputs. */
  private static String loaded(
      TfSymbolBlock block,
      MetaGraphDef file,
      Map<String, SignatureDef> all,
      @Nullable String output,
      String model) {
    Map<String, SignatureDef> alike = new TreeMap<>(all);
    alike
        .values()
        .removeIf(
            signature ->
                !matches(block.describeInput(), signature.getInputsMap())
                    || !matches(block.describeOutput(), signature.getOutputsMap()));
    String first = Signature.choose(alike, alike.size() == 1 ? null : defaultOf(alike), model);
    FlatGraph graph = flatten(file, Signature.of(first, all.get(first), output, model), model);
    for (String name : alike.keySet()) {
      Signature other = Signature.of(name, all.get(name), output, model);
      if (!graph.equals(flatten(file, other, model))) {
        throw new UnsupportedModelException(
            model
                + " has several signatures of one kind: "
                + String.join(", ", alike.keySet())
                + "; select one with LoadOptions or with model.setProperty(\""
                + Signature.OPTION
                + "\", name)");
      }
    }
    return first;
  }

  private static @Nullable String defaultOf(Map<String, SignatureDef> signatures) {
    return signatures.containsKey("serving_default") || signatures.isEmpty()
        ? null
        : signatures.keySet().iterator().next();
  }

  private static boolean matches(PairList<String, Shape> found, Map<String, TensorInfo> described) {
    Map<String, TensorInfo> sorted = new TreeMap<>(described);
    List<Shape> shapes =
        sorted.values().stream()
            .map(
                info ->
                    new Shape(
                        info.getTensorShape().getDimList().stream()
                            .mapToLong(TensorShapeProto.Dim::getSize)
                            .toArray()))
            .toList();
    return found.keys().equals(List.copyOf(sorted.keySet())) && found.values().equals(shapes);
  }
}
