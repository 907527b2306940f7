package org.aucmedi.xai.engine.tensorflow;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.tensorflow.proto.AttrValue;

/**
 * Adds the operations of a backward pass. They read placeholders instead of the forward pass's
 * tensors, so that the backward pass runs on its own, once per output gradient.
 *
 * <p>Feeding the tensors themselves does not work: when TensorFlow folds constants, it ties them to
 * the operations whose values are fed, and then runs those.
 */
final class BackwardOps extends OpBuilder {

  /** Operations that depend only on the shape of a tensor belong to the forward pass. */
  private static final Set<String> SHAPES = Set.of("Shape", "Size", "Rank");

  /** A shape of a tensor, in one of the types for sizes. */
  private record ShapeOf(String op, Endpoint tensor, Map<String, AttrValue> attributes) {}

  private final ModelGraph model;
  private final Map<Endpoint, Endpoint> placeholders = new HashMap<>();
  private final Map<String, Endpoint> sources = new HashMap<>();
  private final Map<ShapeOf, Endpoint> shapes = new HashMap<>();
  private final Map<String, List<Endpoint>> inputs = new HashMap<>();
  private final Map<Endpoint, Map<Endpoint, Endpoint>> saved = new ConcurrentHashMap<>();

  BackwardOps(ModelGraph model) {
    super(model);
    this.model = model;
  }

  @Override
  List<Endpoint> addAll(String op, List<Endpoint> given, Map<String, AttrValue> attributes) {
    if (SHAPES.contains(op) && model.dependsOnInput(given.get(0).operation())) {
      ShapeOf shape = new ShapeOf(op, given.get(0), attributes);
      return List.of(
          shapes.computeIfAbsent(
              shape, key -> placeholder(super.addAll(op, given, attributes).get(0))));
    }
    List<Endpoint> read = given.stream().map(this::available).toList();
    List<Endpoint> outputs = super.addAll(op, read, attributes);
    inputs.put(outputs.get(0).operation(), read);
    return outputs;
  }

  private Endpoint available(Endpoint tensor) {
    return model.dependsOnInput(tensor.operation())
        ? placeholders.computeIfAbsent(tensor, this::placeholder)
        : tensor;
  }

  private Endpoint placeholder(Endpoint tensor) {
    NativeGraph graph = model.graph();
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

  /**
   * Lists the tensors of the forward pass that a gradient reads.
   *
   * @param gradient a gradient made of these operations
   * @return placeholders, and the tensors that they stand for
   */
  Map<Endpoint, Endpoint> saved(Endpoint gradient) {
    return saved.computeIfAbsent(gradient, this::findSaved);
  }

  private Map<Endpoint, Endpoint> findSaved(Endpoint gradient) {
    Map<Endpoint, Endpoint> found = new LinkedHashMap<>();
    Set<String> seen = new HashSet<>(Set.of(gradient.operation()));
    Deque<String> open = new ArrayDeque<>(seen);
    while (!open.isEmpty()) {
      String operation = open.pop();
      Endpoint source = sources.get(operation);
      if (source != null) {
        found.put(new Endpoint(operation, 0), source);
      }
      for (Endpoint input : inputs.getOrDefault(operation, List.of())) {
        if (seen.add(input.operation())) {
          open.push(input.operation());
        }
      }
    }
    return found;
  }
}
