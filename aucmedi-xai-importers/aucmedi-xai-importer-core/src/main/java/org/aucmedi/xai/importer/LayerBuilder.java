package org.aucmedi.xai.importer;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.aucmedi.xai.importer.TorchScriptWriter.Weight;

/**
 * A layer of a {@link Graph}: operations that run together under one name, with their weights.
 *
 * <p>What the operations take from other layers becomes an argument of the layer; what others take
 * from it, a result.
 */
public final class LayerBuilder {

  /** An operation with what it takes and gives. */
  record Statement(Operation operation, List<Value> inputs, List<Value> results) {}

  private final String name;
  private final String torchClass;
  private final Map<String, Weight> weights = new LinkedHashMap<>();
  private List<Statement> statements = new ArrayList<>();

  LayerBuilder(String name, String torchClass) {
    this.name = name;
    this.torchClass = torchClass;
  }

  /**
   * Adds a weight that training changes.
   *
   * @param weightName its name in the layer, an identifier
   * @param constant the weight
   * @return its value, for this layer's operations
   */
  public Value weight(String weightName, Constant constant) {
    return add(weightName, constant, constant.type().element().isFloat());
  }

  /**
   * Adds a tensor that training does not change, for instance running statistics or an index.
   *
   * @param bufferName its name in the layer, an identifier
   * @param constant the tensor
   * @return its value, for this layer's operations
   */
  public Value buffer(String bufferName, Constant constant) {
    return add(bufferName, constant, false);
  }

  private Value add(String weightName, Constant constant, boolean parameter) {
    checkArgument(weightName.matches("[A-Za-z]\\w*"), "'%s' is not an identifier", weightName);
    Value value = new Value(constant.type(), this, constant);
    Weight before = weights.put(weightName, new Weight(value, constant, parameter));
    checkArgument(before == null, "layer %s has two weights named %s", name, weightName);
    return value;
  }

  /**
   * Adds an operation with one result.
   *
   * @param operation the operation
   * @param inputs what it takes: weights of this layer, and results of any layer before it
   * @return its result
   */
  public Value apply(Operation operation, Value... inputs) {
    List<Value> results = applyAll(operation, inputs);
    checkArgument(results.size() == 1, "%s has %s results", operation.expression(), results.size());
    return results.get(0);
  }

  /**
   * Adds an operation with any number of results.
   *
   * @param operation the operation
   * @param inputs what it takes
   * @return its results
   */
  public List<Value> applyAll(Operation operation, Value... inputs) {
    List<Value> taken = List.of(inputs);
    List<Value> results =
        operation.results().apply(taken.stream().map(Value::type).toList()).stream()
            .map(type -> new Value(type, this, null))
            .toList();
    statements.add(new Statement(operation, taken, results));
    return results;
  }

  String name() {
    return name;
  }

  String torchClass() {
    return torchClass;
  }

  Map<String, Weight> weights() {
    return weights;
  }

  List<Statement> statements() {
    return statements;
  }

  /** Removes the operations and weights that nobody needs, and adds what the others need. */
  void removeUnneeded(Set<Value> needed) {
    List<Statement> kept = new ArrayList<>();
    for (int i = statements.size() - 1; i >= 0; i--) {
      Statement statement = statements.get(i);
      if (statement.results().stream().anyMatch(needed::contains)) {
        needed.addAll(statement.inputs());
        kept.add(0, statement);
      }
    }
    statements = kept;
    weights.values().removeIf(weight -> !needed.contains(weight.value()));
  }
}
