package org.aucmedi.xai.engine.tensorflow;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
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

/** What a signature depends on besides its input: variables and random numbers. */
final class ModelState {

  private static final Logger logger = LoggerFactory.getLogger(ModelState.class);

  private static final Pattern RANDOM =
      Pattern.compile(
          "(Stateless|Stateful)?(Random|TruncatedNormal|ParameterizedTruncatedNormal|Multinomial"
              + "|SampleDistortedBoundingBox).*|Stateful(Uniform|StandardNormal).*");

  private final ModelGraph model;
  private final OpBuilder ops;

  /** Operations of the loaded graph that the signature reads from. */
  private final Set<String> sources = new LinkedHashSet<>();

  ModelState(ModelGraph model, OpBuilder ops) {
    this.model = model;
    this.ops = ops;
    Deque<String> open = new ArrayDeque<>();
    for (Node node : model.flat().nodes()) {
      for (Ref input : node.inputs()) {
        if (input.external()) {
          open.add(input.node());
        }
      }
    }
    while (!open.isEmpty()) {
      String operation = open.pop();
      if (sources.add(operation)) {
        model.graph().inputs(operation).forEach(input -> open.push(input.operation()));
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
   */
  void requireVariables(String name) {
    Map<String, Endpoint> present = new LinkedHashMap<>();
    for (String operation : sources) {
      addVariable(new Endpoint(operation, 0), present);
    }
    for (Node node : model.flat().nodes()) {
      addVariable(model.value(new Ref(node.name(), 0, false)), present);
    }
    if (present.isEmpty()) {
      return;
    }
    List<String> missing = new ArrayList<>();
    try (Tensors nothing = new Tensors(model.graph());
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

  private void addVariable(Endpoint handle, Map<String, Endpoint> present) {
    if (model.graph().type(handle.operation()).equals("VarHandleOp")) {
      AttrValue shared = model.graph().attributes(handle.operation()).get("shared_name");
      String named = shared == null ? "" : shared.getS().toStringUtf8();
      present.put(
          named.isEmpty() ? handle.operation() : named,
          ops.add("VarIsInitializedOp", List.of(handle), Map.of()));
    }
  }

  /** Warns about random operations: a training layer, such as augmentation, was exported. */
  void warnOfRandomNumbers(KerasLayers layers, String name) {
    Set<String> found = new LinkedHashSet<>();
    for (Node node : model.flat().nodes()) {
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
