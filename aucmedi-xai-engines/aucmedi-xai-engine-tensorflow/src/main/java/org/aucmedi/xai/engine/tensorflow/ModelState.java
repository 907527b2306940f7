package org.aucmedi.xai.engine.tensorflow;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.aucmedi.xai.engine.tensorflow.FlatGraph.Node;
import org.aucmedi.xai.engine.tensorflow.FlatGraph.Ref;
import org.aucmedi.xai.error.XAIException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;

/** What a signature depends on besides its input: variables and random numbers. */
final class ModelState {

  private static final Logger logger = LoggerFactory.getLogger(ModelState.class);

  private static final String VARIABLE = "VarHandleOp";
  private static final String QUESTION = "VarIsInitializedOp";

  private static final Pattern RANDOM =
      Pattern.compile(
          "(Stateless|Stateful)?(Random|TruncatedNormal|ParameterizedTruncatedNormal|Multinomial"
              + "|SampleDistortedBoundingBox).*|Stateful(Uniform|StandardNormal).*");

  private final NativeGraph graph;
  private final FlatGraph flat;

  /** Operations of the loaded graph that the signature reads from. */
  private final Set<String> sources = new LinkedHashSet<>();

  ModelState(NativeGraph graph, FlatGraph flat) {
    this.graph = graph;
    this.flat = flat;
    Deque<String> open = new ArrayDeque<>();
    for (Node node : flat.nodes()) {
      for (Ref input : node.inputs()) {
        if (input.external()) {
          open.add(input.node());
        }
      }
    }
    while (!open.isEmpty()) {
      String operation = open.pop();
      if (sources.add(operation)) {
        graph.inputs(operation).forEach(input -> open.push(input.operation()));
      }
    }
  }

  /** Returns whether an operation draws random numbers. */
  static boolean isRandom(String op) {
    return RANDOM.matcher(op).matches();
  }

  /**
   * Rejects a model whose file lacks the values of variables, which TensorFlow would only report at
   * the first image.
   *
   * <p>To be called before the graph grows: its own operations answer as a rule, and a run after
   * growth would make TensorFlow process the whole graph again.
   *
   * @param file the loaded graph as the file has it
   * @param name the model's name in messages
   */
  void requireVariables(GraphDef file, String name) {
    Map<String, Endpoint> variables = variables();
    if (variables.isEmpty()) {
      return;
    }
    Map<String, Endpoint> answers = answers(file);
    Map<String, Endpoint> present = new LinkedHashMap<>();
    variables.forEach(
        (variable, handle) -> {
          Endpoint answer = answers.get(variable);
          present.put(variable, answer == null ? isInitialized(handle) : answer);
        });
    List<String> missing = new ArrayList<>();
    try (Tensors nothing = new Tensors(graph);
        Tensors found = nothing.run(Map.of(), present.values())) {
      present.forEach(
          (variable, restored) -> {
            if (!found.bool(restored)) {
              missing.add(variable);
            }
          });
    }
    if (!missing.isEmpty()) {
      throw new XAIException(
          name
              + " has no values for "
              + missing.size()
              + " of its "
              + present.size()
              + " variables, "
              + missing.get(0)
              + " among them; save a Keras model with model.export(folder), not with"
              + " tf.saved_model.save");
    }
  }

  /** The variables that the signature reads, by name, with a handle of each. */
  private Map<String, Endpoint> variables() {
    Map<String, Endpoint> found = new LinkedHashMap<>();
    for (String operation : sources) {
      if (graph.type(operation).equals(VARIABLE)) {
        found.put(nameOf(operation, graph.attributes(operation)), new Endpoint(operation, 0));
      }
    }
    for (Node node : flat.nodes()) {
      if (node.op().equals(VARIABLE)) {
        Endpoint handle = graph.add(VARIABLE, freeName("handle"), List.of(), node.attributes());
        found.put(nameOf(node.name(), node.attributes()), handle);
      }
    }
    return found;
  }

  /** The operations of the file that say whether a variable has its values, by variable. */
  private static Map<String, Endpoint> answers(GraphDef file) {
    Map<String, String> variables = new HashMap<>();
    for (NodeDef node : file.getNodeList()) {
      if (node.getOp().equals(VARIABLE)) {
        variables.put(node.getName(), nameOf(node.getName(), node.getAttrMap()));
      }
    }
    Map<String, Endpoint> found = new HashMap<>();
    for (NodeDef node : file.getNodeList()) {
      String variable = node.getOp().equals(QUESTION) ? variables.get(node.getInput(0)) : null;
      if (variable != null) {
        found.put(variable, new Endpoint(node.getName(), 0));
      }
    }
    return found;
  }

  private static String nameOf(String operation, Map<String, AttrValue> attributes) {
    AttrValue shared = attributes.get("shared_name");
    String named = shared == null ? "" : shared.getS().toStringUtf8();
    return named.isEmpty() ? operation : named;
  }

  private Endpoint isInitialized(Endpoint handle) {
    return graph.add(QUESTION, freeName("initialized"), List.of(handle), Map.of());
  }

  private String freeName(String purpose) {
    int number = 0;
    while (graph.has("xai_" + purpose + number)) {
      number++;
    }
    return "xai_" + purpose + number;
  }

  /** Warns about random operations: a training layer, such as augmentation, was exported. */
  void warnOfRandomNumbers(KerasLayers layers, String name) {
    Set<String> found = new LinkedHashSet<>();
    for (Node node : flat.nodes()) {
      if (isRandom(node.op())) {
        found.add(layers.layerOf(node));
      }
    }
    if (!found.isEmpty()) {
      logger.warn(
          "{} draws random numbers in {}: it alters the images that it explains, and maps may"
              + " differ between runs; export it without augmentation and dropout",
          name,
          String.join(", ", found));
    }
  }
}
