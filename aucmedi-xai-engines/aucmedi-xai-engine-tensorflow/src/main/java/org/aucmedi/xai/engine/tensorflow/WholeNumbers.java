package org.aucmedi.xai.engine.tensorflow;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.aucmedi.xai.engine.tensorflow.FlatGraph.Node;
import org.aucmedi.xai.engine.tensorflow.FlatGraph.Ref;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;

/**
 * Support for models with integer inputs, usually uint8, whose first operation converts them to
 * floats: fed with the same values as floats, the model has the same outputs, but also a gradient.
 */
final class WholeNumbers {

  /** The name of the batch's conversion to integers. */
  static final String INPUT = "whole_numbers";

  /** Operations that only move values or count them. */
  private static final Set<String> MOVES =
      Set.of("Identity", "Reshape", "Transpose", "ExpandDims", "Squeeze", "StridedSlice", "Shape");

  private WholeNumbers() {}

  /**
   * Finds the tensors to replace by floats.
   *
   * @param flat a signature with an input of whole numbers
   * @return the input and what is only moved from there to a cast to floats; nothing if anything
   *     else reads them
   */
  static Set<Ref> readAsFloats(FlatGraph flat) {
    Set<Ref> found = new HashSet<>(Set.of(new Ref(flat.input(), 0, false)));
    for (Node node : flat.nodes()) {
      if (node.inputs().stream().noneMatch(found::contains)) {
        continue;
      }
      boolean cast =
          node.op().equals("Cast")
              && ModelGraph.FLOATING.contains(node.attributes().get("DstT").getType());
      if (!cast && !MOVES.contains(node.op())) {
        return Set.of();
      }
      if (!cast && !node.op().equals("Shape")) {
        found.add(new Ref(node.name(), 0, false));
      }
    }
    return found.contains(flat.output()) ? Set.of() : found;
  }

  /** Returns the attributes of an operation that reads floats instead. */
  static Map<String, AttrValue> ofFloats(Node node) {
    Map<String, AttrValue> attributes = new HashMap<>(node.attributes());
    attributes.put(node.op().equals("Cast") ? "SrcT" : "T", Attributes.of(DataType.DT_FLOAT));
    return attributes;
  }
}
