package org.aucmedi.xai.engine.tensorflow;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A copy of a backward graph that reads placeholders instead of the forward pass's tensors, so that
 * it runs on its own, once per output gradient.
 *
 * <p>Feeding the tensors themselves does not work: when TensorFlow folds constants, it ties them to
 * the operations whose values are fed, and then runs those.
 */
final class BackwardCopy {

  /** Operations that depend only on the shape of a tensor stay in place. */
  private static final Set<String> SHAPES = Set.of("Shape", "Size", "Rank");

  private final ModelGraph model;
  private final NativeGraph graph;
  private final Endpoint outputGradient;
  private final Map<Endpoint, Endpoint> copies = new HashMap<>();
  private final Map<String, Endpoint> sources = new LinkedHashMap<>();
  private final Map<Endpoint, Map<Endpoint, Endpoint>> saved = new ConcurrentHashMap<>();

  BackwardCopy(ModelGraph model, Endpoint outputGradient, Collection<Endpoint> gradients) {
    this.model = model;
    this.graph = model.graph();
    this.outputGradient = outputGradient;
    copies.put(outputGradient, outputGradient);
    gradients.forEach(this::copyWithInputs);
  }

  /** Returns the copy of a gradient. */
  Endpoint of(Endpoint gradient) {
    return copies.get(gradient);
  }

  /**
   * Lists the inputs of a gradient.
   *
   * @param gradient a gradient of this copy
   * @return placeholders, and the tensors of the forward pass that they replace
   */
  Map<Endpoint, Endpoint> saved(Endpoint gradient) {
    return saved.computeIfAbsent(gradient, this::findSaved);
  }

  /**
   * Visits inputs first, without recursion, since a network may be thousands of operations deep.
   */
  private void copyWithInputs(Endpoint gradient) {
    Deque<Endpoint> open = new ArrayDeque<>(List.of(gradient));
    while (!open.isEmpty()) {
      Endpoint tensor = open.peek();
      if (copies.containsKey(tensor)) {
        open.pop();
      } else if (isKept(tensor)) {
        copies.put(tensor, placeholder(tensor));
      } else if (!model.isAdded(tensor.operation())) {
        copies.put(tensor, tensor);
      } else {
        List<Endpoint> inputs = graph.inputs(tensor.operation());
        List<Endpoint> missing =
            inputs.stream().filter(input -> !copies.containsKey(input)).toList();
        if (missing.isEmpty()) {
          copy(tensor.operation(), inputs);
        }
        missing.forEach(open::push);
      }
    }
  }

  private boolean isKept(Endpoint tensor) {
    return model.dependsOnInput(tensor.operation())
        || (model.isAdded(tensor.operation())
            && SHAPES.contains(graph.type(tensor.operation()))
            && model.dependsOnInput(graph.inputs(tensor.operation()).get(0).operation()));
  }

  private Endpoint placeholder(Endpoint tensor) {
    Endpoint placeholder =
        graph.add(
            "Placeholder",
            model.newName("saved"),
            List.of(),
            Map.of(
                "dtype",
                Attributes.of(graph.type(tensor)),
                "shape",
                Attributes.of(graph.shapeOf(tensor))));
    sources.put(placeholder.operation(), tensor);
    return placeholder;
  }

  private void copy(String operation, List<Endpoint> inputs) {
    List<Endpoint> outputs =
        graph.addAll(
            graph.type(operation),
            model.newName("back"),
            inputs.stream().map(copies::get).toList(),
            graph.attributes(operation));
    for (Endpoint output : outputs) {
      copies.put(new Endpoint(operation, output.index()), output);
    }
  }

  private Map<Endpoint, Endpoint> findSaved(Endpoint gradient) {
    Map<Endpoint, Endpoint> found = new LinkedHashMap<>();
    Set<String> seen = new HashSet<>(Set.of(gradient.operation(), outputGradient.operation()));
    Deque<String> open = new ArrayDeque<>(List.of(gradient.operation()));
    while (!open.isEmpty()) {
      String operation = open.pop();
      Endpoint source = sources.get(operation);
      if (source != null) {
        found.put(new Endpoint(operation, 0), source);
      }
      for (Endpoint input : graph.inputs(operation)) {
        if (seen.add(input.operation())) {
          open.push(input.operation());
        }
      }
    }
    return found;
  }
}
