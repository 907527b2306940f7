package org.aucmedi.xai.onnx;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.aucmedi.xai.importer.Constant;
import org.jspecify.annotations.Nullable;

/**
 * The content of an ONNX file.
 *
 * @param opsets the versions of the operators by domain; ONNX's own is empty
 * @param inputs the inputs, without weights
 * @param outputs the outputs
 * @param nodes the operations, in the order of the file
 * @param weights the weights, by name
 * @param types the element types that are declared for other tensors, by name
 * @param sparse the names of sparse weights, which are not among the others
 */
public record OnnxContent(
    Map<String, Long> opsets,
    List<Variable> inputs,
    List<Variable> outputs,
    List<Node> nodes,
    Map<String, Weight> weights,
    Map<String, Integer> types,
    Set<String> sparse) {

  /** Stands for the element type of a sequence, a map or an optional value. */
  public static final int NO_TENSOR = -1;

  /**
   * An input or output.
   *
   * @param name its name
   * @param type its element type, a code in {@code TensorProto.DataType}; 0 if none is declared, or
   *     {@link #NO_TENSOR}
   * @param shape its shape, -1 for dimensions without a size, or null if none is declared
   */
  public record Variable(String name, int type, long @Nullable [] shape) {}

  /** A weight, whose values are read on demand. */
  public interface Weight {

    /** {@return the code of its element type} */
    int type();

    /**
     * Reads the values.
     *
     * @return the values
     * @throws org.aucmedi.xai.error.XAIException if they are missing or of the wrong size
     * @throws org.aucmedi.xai.model.UnsupportedModelException if their type is not supported
     */
    Constant read();
  }

  /**
   * An operation.
   *
   * @param name its name, possibly empty
   * @param operator its type, for instance "Conv"
   * @param domain who defines the type; empty for ONNX itself
   * @param inputs the tensors it reads; an omitted input is empty
   * @param outputs the tensors it writes; an omitted output is empty
   * @param attributes its attributes, by name
   * @param captured the tensors that its subgraphs may read, empty without subgraphs
   */
  public record Node(
      String name,
      String operator,
      String domain,
      List<String> inputs,
      List<String> outputs,
      Map<String, Attribute> attributes,
      List<String> captured) {

    /** {@return whether it has subgraphs, as control flow has} */
    public boolean isControlFlow() {
      return attributes.values().stream().anyMatch(Attribute::graph);
    }

    /** {@return the name, or else that of the first output} */
    public String label() {
      if (!name.isEmpty()) {
        return name;
      }
      return outputs.stream().filter(output -> !output.isEmpty()).findFirst().orElse(operator);
    }
  }

  /**
   * An attribute of a node; the fields that its type does not use are zero or empty.
   *
   * @param f a float
   * @param i an integer
   * @param s text
   * @param t a tensor
   * @param floats several floats
   * @param ints several integers
   * @param graph whether it is a graph, as control flow has
   */
  public record Attribute(
      float f,
      long i,
      String s,
      @Nullable Weight t,
      List<Float> floats,
      List<Long> ints,
      boolean graph) {}
}
