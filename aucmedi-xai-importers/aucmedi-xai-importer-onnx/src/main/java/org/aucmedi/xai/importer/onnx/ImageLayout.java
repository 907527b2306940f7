package org.aucmedi.xai.importer.onnx;

import ai.djl.ndarray.types.Shape;
import com.google.common.primitives.Ints;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.onnx.OnnxContent;
import org.aucmedi.xai.onnx.OnnxContent.Attribute;
import org.aucmedi.xai.onnx.OnnxContent.Node;

/**
 * Infers where a network's images have their channels: last if they are moved to the front before
 * the first operator that takes them there. Networks converted from TensorFlow are like that.
 */
final class ImageLayout {

  private static final Set<String> PASSING =
      Set.of(
          "Add",
          "Sub",
          "Mul",
          "Div",
          "Neg",
          "Cast",
          "Clip",
          "Identity",
          "Pad",
          "Dropout",
          "Slice",
          "Resize",
          "Relu");

  private ImageLayout() {}

  /**
   * {@return the layout}
   *
   * @param model the network
   * @param input the name of its input
   * @param shape the input's shape
   */
  static ChannelLayout of(OnnxContent model, String input, long... shape) {
    Set<String> images = new HashSet<>(Set.of(input));
    for (Node node : model.nodes()) {
      if (node.inputs().stream().noneMatch(images::contains)) {
        continue;
      }
      if (Operators.isSpatial(node.operator())) {
        return ChannelLayout.CHANNELS_FIRST;
      }
      Attribute perm = node.attributes().get("perm");
      if (node.operator().equals("Transpose") && perm != null) {
        int[] toFirst = Step.toFirst(shape.length);
        if (shape.length >= 4 && Arrays.equals(Ints.toArray(perm.ints()), toFirst)) {
          return ChannelLayout.CHANNELS_LAST;
        }
      }
      if (PASSING.contains(node.operator())) {
        images.addAll(node.outputs());
      }
    }
    return ChannelLayout.ofDeclared(new Shape(shape), ChannelLayout.CHANNELS_FIRST);
  }
}
